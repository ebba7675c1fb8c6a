import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";

const ROOT = new URL("../..", import.meta.url);

/** Runs code with the client in a Deno that may read what `permissions` say, and gives what it printed. */
async function printed(code: string, permissions: string[] = []): Promise<string> {
  const text = `import { DDFS } from ${JSON.stringify(new URL("mod.ts", ROOT).href)};
    try { ${code}; console.log("made"); } catch (error) { console.log(error.name, error.code, error.message); }`;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-check",
      "--no-prompt",
      "--config=deno.json",
      ...permissions,
      `data:text/javascript,${encodeURIComponent(text)}`,
    ],
    cwd: ROOT,
    env: { NO_COLOR: "1", DISCO_MASTER: "disco://from-the-environment" },
  }).output();
  return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
}

describe("a client without permission to read the environment", () => {
  it("is an error that says what to do, where the environment would name the master", async () => {
    const text = await printed("new DDFS()");

    expect(text).toContain("DiscoError forbidden No master was given");
    expect(text).toContain("--allow-env=DISCO_MASTER,");
  });

  it("asks for nothing, and is none, where the master or the settings are given", async () => {
    expect(await printed('new DDFS("disco://here")')).toBe("made\n");
    expect(await printed("new DDFS(undefined, { settings: {} })")).toBe("made\n");
  });

  it("uses what it may read", async () => {
    const code = "console.log(String(new DDFS()))";
    expect(await printed(code, ["--allow-env"])).toBe("DDFS master at http://from-the-environment:8989\nmade\n");
  });
});
