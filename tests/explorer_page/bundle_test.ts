import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { bundlePage } from "../../scripts/explorer/bundle_page.ts";
import { FILES } from "../../lib/explorer_page/files.ts";

const { files, atFirst } = await bundlePage();

/** Gives the size of files as they are sent, each by itself, by the zlib of web servers: Deno's own takes up to two per cent more. */
async function gzipped(names: readonly string[]): Promise<number> {
  const folder = await Deno.makeTempDir({ prefix: "ddfs-explorer-" });
  try {
    let size = 0;
    for (const name of names) {
      const path = `${folder}/${name}`;
      await Deno.writeTextFile(path, FILES[name]?.text ?? "");
      const { success, stdout } = await new Deno.Command("gzip", { args: ["-9", "-n", "-c", path] }).output();
      expect(success).toBe(true);
      size += stdout.length;
    }
    return size;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

describe("the explorer's bundle", () => {
  it("is what is committed, and made the same each time", async () => {
    const asCommitted = files.map(({ name, ...file }) => [name, file]);

    expect(Object.fromEntries(asCommitted)).toEqual(FILES);
    expect(await bundlePage()).toEqual({ files, atFirst });
  });

  it("takes at most 45 KB, gzipped, until the first view is shown", async () => {
    const size = await gzipped(atFirst);

    console.log(
      `explorer: ${(size / 1000).toFixed(1)} KB at first, ${
        (await gzipped(Object.keys(FILES)) / 1000).toFixed(1)
      } KB in all`,
    );
    expect(size).toBeLessThan(45_000);
  });

  it("takes at most 90 KB with everything that is loaded when it is wanted", async () => {
    expect(await gzipped(Object.keys(FILES))).toBeLessThan(90_000);
  });

  it("loads the graph by itself, when it is wanted", () => {
    const graph = files.find(({ name }) => name.startsWith("graph-"));
    const imported = [...graph?.text.matchAll(/(?:from|import\()\s*["\x60]\.\/([^"\x60]+)/g) ?? []].map(([, name]) =>
      name
    );

    expect(imported.length).toBeGreaterThan(0);
    expect(imported.filter((name) => name === undefined || !atFirst.includes(name))).toEqual([]);
    expect(atFirst).not.toContain(graph?.name);
  });

  it("has no methods of the client that the page never calls, and the others", () => {
    const found = files.flatMap(({ text }) =>
      text.match(/\b(?:findtags|getattr|recordColumns|urls|verify)(?=\()/g) ?? []
    );

    expect(new Set(found)).toEqual(new Set(["urls", "verify"]));
  });

  it("knows nothing of Deno, and evaluates no text", () => {
    const found = files.flatMap(({ text }) => text.match(/\bDeno\b|\bnew Function\b|[^\w.]eval\(/g) ?? []);

    expect(found).toEqual([]);
  });
});
