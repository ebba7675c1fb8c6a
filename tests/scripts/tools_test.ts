import { createHash } from "node:crypto";
import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";

const MODULE = new URL("../../scripts/shared/tools.ts", import.meta.url).href;

/** What toolsArgument() says where JSR is at `url`, and nothing of it is in the cache. */
async function argumentWith(url: string): Promise<{ said: string; argument: string }> {
  const cache = await Deno.makeTempDir();
  try {
    const code = `import { toolsArgument } from "${MODULE}"; console.log(await toolsArgument());`;
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", code],
      env: { JSR_URL: url, DENO_DIR: cache, NO_COLOR: "1" },
    }).output();
    const [said = "", argument = ""] = new TextDecoder().decode(stdout).split("\n");
    return { said, argument };
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
}

/** A JSR that has @std/expect. */
function jsr(request: Request): Response {
  const text = "export const expect = 1;\n";
  const checksum = `sha256-${createHash("sha256").update(text).digest("hex")}`;
  const files: Record<string, string> = {
    "/@std/expect/meta.json": JSON.stringify({
      scope: "std",
      name: "expect",
      latest: "1.0.0",
      versions: { "1.0.0": {} },
    }),
    "/@std/expect/1.0.0_meta.json": JSON.stringify({
      manifest: { "/mod.ts": { size: text.length, checksum } },
      exports: { ".": "./mod.ts" },
    }),
    "/@std/expect/1.0.0/mod.ts": text,
  };
  const body = files[new URL(request.url).pathname];
  return body === undefined ? new Response(null, { status: 404 }) : new Response(body);
}

describe("toolsArgument()", () => {
  it("takes the real test libraries where JSR can be reached", async () => {
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, jsr);
    try {
      const { said, argument } = await argumentWith(`http://127.0.0.1:${server.addr.port}/`);
      expect(said).toContain("from JSR");
      expect(argument).toBe("--config=deno.tools.jsr.json");
    } finally {
      await server.shutdown();
    }
  });

  it("does without JSR where it cannot be reached", async () => {
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      () => new Response(null, { status: 404 }),
    );
    try {
      const { said, argument } = await argumentWith(`http://127.0.0.1:${server.addr.port}/`);
      expect(said).toContain("JSR cannot be reached");
      expect(argument).toBe("--config=deno.tools.json");
    } finally {
      await server.shutdown();
    }
  });
});
