import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { DDFS } from "../../mod.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { startExample, storeLines } from "../helpers/example_server.ts";
import { inFolder } from "../helpers/embedded_stores.ts";

// The servers for Node and Bun are run by `deno task test:node`, the Workers by `test:workerd`, the page by `test:browser`.
const HERE = new URL(".", import.meta.url);
const CONFIG = `--config=${new URL("../../deno.tools.json", HERE).pathname}`;
const exampleOf = (name: string) => new URL(name, HERE).pathname;

/** The arguments for Deno that an example's first lines give. */
async function permissionsOf(name: string): Promise<string[]> {
  const [, command = ""] = /^\/\/ +deno run (.*)$/m.exec(await Deno.readTextFile(exampleOf(name))) ?? [];
  return command.split(" ").filter((word) => word.startsWith("--"));
}

describe("load_logs.ts", () => {
  it("loads a folder of logs with the permissions that it names, and adds only what is new the second time", () =>
    inFolder(async (folder) => {
      const ddfs = embedded();
      const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, ddfs.fetch);
      const load = async () => {
        const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
          args: [
            "run",
            CONFIG,
            "--no-prompt",
            ...await permissionsOf("load_logs.ts"),
            exampleOf("load_logs.ts"),
            "data:logs",
            folder,
          ],
          env: { DISCO_MASTER: `disco://127.0.0.1:${server.addr.port}`, NO_COLOR: "1" },
        }).output();
        return [code, new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr)];
      };
      await Deno.writeTextFile(`${folder}/monday.log`, "one\ntwo\n");
      await Deno.writeTextFile(`${folder}/tuesday.log`, "three\n");

      expect(await load()).toEqual([0, "3 records in 2 blobs: data:logs\n"]);
      expect((await load())[0]).toBe(0);

      const client = new DDFS(`disco://127.0.0.1:${server.addr.port}`, { settings: {} });
      const lines = await Array.fromAsync(client.records("tag://data:logs", { text: true, workers: 0 }), String);
      expect(lines.sort()).toEqual(["one\n", "three\n", "two\n"]);
      await server.shutdown();
      await ddfs.close();
      const [code, said] = await load();
      expect([code, String(said)]).toEqual([1, expect.stringContaining("unreachable: ")]);
    }));
});

describe("serve_deno.ts", () => {
  it("serves a folder with the permissions that it names, and gives it free when it is ended", () =>
    inFolder(async (folder) => {
      const args = [
        "run",
        CONFIG,
        "--no-prompt",
        ...await permissionsOf("serve_deno.ts"),
        exampleOf("serve_deno.ts"),
        folder,
        "0",
      ];
      const server = await startExample(Deno.execPath(), args, folder);

      expect(await storeLines(server.origin)).toBe("one\ntwo\n");
      expect(await server.stop()).toBe(0);

      expect([...Deno.readDirSync(folder)].map(({ name }) => name)).not.toContain("ddfs.lock");
    }));
});
