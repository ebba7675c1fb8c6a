// Measures how large the library is in a page. Fails where it is larger than it may be, or than the table in scripts/package/README.md says.
//   deno task sizes [--parts] [--write]      (--parts: also the files that contribute most; --write: writes the table there)
import * as esbuild from "esbuild";
import { type Bundle, BUNDLERS } from "./bundle.ts";
import { packNpm } from "./pack_npm.ts";
import { keepPart } from "../shared/made_part.ts";
import { output } from "../shared/processes.ts";

const names = Object.keys(BUNDLERS) as (keyof typeof BUNDLERS)[];

/** What is measured, and the most gzipped bytes that are loaded when it is imported, by bundler: 5 to 10% more than there are. */
const ENTRIES: readonly { entry: string; what: string; limits: Partial<Record<keyof typeof BUNDLERS, number>> }[] = [
  {
    entry: ".",
    what: "the whole client, codec included",
    limits: { "Vite (Rolldown)": 46_500, esbuild: 52_000, "wrangler, one file": 71_500 },
  },
  {
    entry: "./read",
    what: "tags and blobs only",
    limits: { "Vite (Rolldown)": 17_800, esbuild: 18_500, "wrangler, one file": 20_100 },
  },
  {
    entry: "./records",
    what: "chunks and records by themselves",
    limits: { "Vite (Rolldown)": 26_800, esbuild: 29_300, "wrangler, one file": 36_500 },
  },
  {
    entry: "./gateway",
    what: "a Worker that passes tags on",
    limits: { "wrangler, one file": 59_000 },
  },
  {
    entry: "./gateway, ./ui",
    what: "the same with the explorer",
    limits: { "wrangler, one file": 152_500 },
  },
  {
    entry: "./embedded, ./r2",
    what: "a Worker that is a DDFS in a bucket",
    limits: { "wrangler, one file": 44_200 },
  },
  {
    entry: "./embedded, ./r2, ./ui",
    what: "the same with the explorer",
    limits: { "wrangler, one file": 138_000 },
  },
];

const work = await Deno.makeTempDir({ prefix: "ddfs-sizes-" });
try {
  await packNpm(work);
  const tooLarge: string[] = [];
  const rows: string[][] = [];
  const parts: string[] = [];
  for (const { entry, what, limits } of ENTRIES) {
    const row = [entry.replace(/[^ ,]+/g, "`$&`"), what];
    for (const name of names) {
      const limit = limits[name];
      if (limit === undefined) {
        row.push("", "", "");
        continue;
      }
      const bundle = await BUNDLERS[name](`${work}/package`, entry);
      const size = await gzippedSize(bundle.atImport);
      row.push(kilobytes(size), kilobytes(limit), kilobytes(await gzippedSize(bundle.later)));
      if (size > limit) tooLarge.push(`${entry} with ${name}`);
      parts.push(largestParts(`${entry} with ${name}`, bundle));
    }
    rows.push(row);
  }
  const sizes = table([["gzipped", "", ...names.flatMap((name) => [name, "at most", "later"])], ...rows]);
  console.log(sizes);
  if (Deno.args.includes("--parts")) console.log(`\n${parts.join("\n\n")}`);
  if (tooLarge.length > 0) console.log(`\nToo large: ${tooLarge.join(", ")}`);
  const command = "deno task sizes";
  const part = { path: "scripts/package/README.md", name: "sizes", command };
  const isKept = await keepPart(part, sizes, Deno.args.includes("--write"));
  const failed = tooLarge.length + (isKept ? 0 : 1);
  console.log(`${parts.length + 1 - failed} passed, ${failed} failed`);
  if (failed > 0) Deno.exitCode = 1;
} finally {
  await esbuild.stop();
  await Deno.remove(work, { recursive: true });
}

function largestParts(title: string, { contributors }: Bundle): string {
  const largest = contributors.slice(0, 15).map(([path, size]) => `${kilobytes(size).padStart(9)}  ${path}`);
  return `${title}, before gzip:\n${largest.join("\n")}`;
}

/** Each file by itself, as it is sent: by zlib, as web servers and bundlers' reports do it. Deno's own zlib takes up to two per cent more. */
async function gzippedSize(files: readonly (string | Uint8Array)[]): Promise<number> {
  let size = 0;
  for (const file of files) {
    const path = await Deno.makeTempFile({ dir: work });
    await Deno.writeFile(path, typeof file === "string" ? new TextEncoder().encode(file) : file);
    await output("gzip", ["-9", "-n", path]);
    size += (await Deno.stat(`${path}.gz`)).size;
  }
  return size;
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
