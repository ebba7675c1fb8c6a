// Prints how large the library is in a page, as a table for the README, and fails where it is larger than it may be.
//   deno task sizes [--parts]      (--parts: also the files that contribute most)
import * as esbuild from "esbuild";
import { bundle } from "./bundle.ts";
import { packNpm } from "./pack_npm.ts";

/** What is measured, the most gzipped bytes that it may have, and how many it is meant to have. */
const ENTRIES = [
  { entry: ".", what: "the whole client, codec included", limit: 49_000, goal: 26_000 },
  { entry: "./read", what: "the client that only reads tags and blobs", limit: 10_000, goal: 7_000 },
  { entry: "./records", what: "chunks and records by themselves", limit: 31_000, goal: undefined },
] as const;

const work = await Deno.makeTempDir({ prefix: "ddfs-sizes-" });
try {
  await packNpm(work);
  const measured = await Promise.all(ENTRIES.map(async (entry) => {
    const { text, contributors } = await bundle(`${work}/package`, entry.entry);
    return { ...entry, contributors, minified: new Blob([text]).size, gzipped: await gzippedSize(text) };
  }));
  const rows = measured.map(({ entry, what, minified, gzipped, limit, goal }) => [
    `\`${entry}\``,
    what,
    kilobytes(minified),
    kilobytes(gzipped),
    kilobytes(limit),
    goal === undefined ? "" : kilobytes(goal),
  ]);
  console.log(table([["entry", "", "minified", "gzipped", "at most", "goal"], ...rows]));
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

async function gzippedSize(text: string): Promise<number> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return (await new Response(stream).arrayBuffer()).byteLength;
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
