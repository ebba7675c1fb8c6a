import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { chunks, type Picklable, recordBatches, Tuple, type Value } from "../../lib/records/mod.ts";
import { all, bytesOf, joined } from "../helpers/bytes.ts";

const root = new URL("../..", import.meta.url).pathname;

interface Graph {
  readonly roots: readonly string[];
  readonly modules: readonly {
    readonly specifier: string;
    readonly dependencies?: readonly { readonly code?: { readonly specifier: string }; readonly isDynamic?: boolean }[];
  }[];
}

/** The files that are loaded with a module, as paths in `lib`. */
async function loadedWith(entry: string): Promise<string[]> {
  const info = new Deno.Command(Deno.execPath(), { args: ["info", "--json", entry], cwd: root, stderr: "null" });
  const graph = JSON.parse(new TextDecoder().decode((await info.output()).stdout)) as Graph;
  const files = new Set(graph.roots);
  for (const file of files) {
    const { dependencies = [] } = graph.modules.find(({ specifier }) => specifier === file) ?? {};
    for (const { code, isDynamic } of dependencies) if (code !== undefined && !isDynamic) files.add(code.specifier);
  }
  return [...files].map((file) => file.replace(/^.*\/lib\//, ""));
}

describe("importing the client", () => {
  it("loads nothing of what few need", async () => {
    const files = await loadedWith("mod.ts");

    expect(files).toContain("records/batches.ts");
    for (
      const part of [
        "client/verify",
        "records/pickle/pickler",
        "records/pickle/unpickler",
        "records/netstring",
        "codec/js_engine",
        "sources/dir_index",
      ]
    ) {
      expect(files).not.toContain(`${part}.ts`);
    }
  });
});

describe("parts that are loaded late", () => {
  /** Byte strings for five hunks, and other values among them: at the start, in the middle, at the end, and nowhere in a hunk. */
  const values: (Value & Picklable)[] = Array.from(
    { length: 5000 },
    (_, n) => [0, 10, 2500, 4999].includes(n) ? Tuple.of(n, `text ${n}`) : bytesOf(`${n} ${"x".repeat(1000)}`),
  );

  for (const dialect of ["py2", "py3"] as const) {
    it(`keep the order of ${dialect} records, whichever of them a hunk has`, async () => {
      const chunk = joined(await all(chunks(new Uint8Array(), { dialect, reader: () => values })));

      const batches = await all(recordBatches(chunk));

      expect(batches.length).toBeGreaterThan(4);
      expect(batches.flat()).toEqual(values);
    });
  }

  it("are loaded once, however many read at a time", async () => {
    const chunk = joined(await all(chunks(new Uint8Array(), { reader: () => values })));

    const read = await Promise.all([chunk, chunk, chunk].map((chunk) => all(recordBatches(chunk))));

    expect(read.map((batches) => batches.flat().length)).toEqual([5000, 5000, 5000]);
  });
});
