// Prints how large the library is in a page, as a table for the README, and fails where it is larger than it may be.
//   deno task sizes [--parts]      (--parts: also the files that contribute most)
import * as esbuild from "esbuild";
import { bundle } from "./bundle.ts";
import { packNpm } from "./pack_npm.ts";

/** What is measured, and the most gzipped bytes that are loaded when it is imported. */
const ENTRIES = [
  { entry: ".", what: "the whole client, codec included", limit: 28_000 },
  { entry: "./read", what: "the client that only reads tags and blobs", limit: 7_800 },
  { entry: "./records", what: "chunks and records by themselves", limit: 20_000 },
] as const;

const work = await Deno.makeTempDir({ prefix: "ddfs-sizes-" });
try {
  await packNpm(work);
  const measured = await Promise.all(ENTRIES.map(async (entry) => {
    const { atImport, later, contributors } = await bundle(`${work}/package`, entry.entry, true);
    return {
      ...entry,
      contributors,
      minified: sizeOf(atImport),
      gzipped: await gzippedSize(atImport),
      later: await gzippedSize(later),
    };
  }));
  const rows = measured.map(({ entry, what, minified, gzipped, limit, later }) => [
    `\`${entry}\``,
    what,
    kilobytes(minified),
    kilobytes(gzipped),
    kilobytes(limit),
    kilobytes(later),
  ]);
  console.log(table([["entry", "", "minified", "gzipped", "at most", "later, if needed"], ...rows]));
  if (Deno.args.includes("--parts")) {
    for (const { entry, contributors } of measured) {
      const largest = contributors.slice(0, 15).map(([path, size]) => `${kilobytes(size).padStart(9)}  ${path}`);
      console.log(`\n${entry}, minified:\n${largest.join("\n")}`);
    }
  }
  const tooLarge = measured.filter(({ gzipped, limit }) => gzipped > limit).map(({ entry }) => entry);
  if (tooLarge.length > 0) console.log(`\nToo large: ${tooLarge.join(", ")}`);
  console.log(`${ENTRIES.length - tooLarge.length} passed, ${tooLarge.length} failed`);
  if (tooLarge.length > 0) Deno.exitCode = 1;
} finally {
  await esbuild.stop();
  await Deno.remove(work, { recursive: true });
}

function sizeOf(texts: readonly string[]): number {
  return new Blob([...texts]).size;
}

/** Each file by itself, as it is sent. */
async function gzippedSize(texts: readonly string[]): Promise<number> {
  const sizes = await Promise.all(texts.map(async (text) => (await gzipped(text)).byteLength));
  return sizes.reduce((sum, size) => sum + size, 0);
}

function gzipped(text: string): Promise<ArrayBuffer> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} KB`;
}

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...rows.map(line)].join("\n");
}
