import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { DISCIPLINES, incompleteRows, summaryOf } from "../../scripts/bench/summary.ts";
import type { Measured } from "../../scripts/bench/table.ts";
import { arranged, partOf } from "../../scripts/shared/made_part.ts";

const BENCH = new URL("../../scripts/bench/", import.meta.url);

const measured = (runtime: string, discipline: string, names: readonly string[]): Measured => ({
  runtime,
  discipline,
  corpus: "log",
  bytes: 1_000_000,
  standings: names.map((name, i) => ({ name, milliseconds: 10 / (i + 1), times: i === 0 ? 1 : 2 * i, size: 1 })),
});

const DISCIPLINES_OF_TEST: Record<string, string[]> = {
  "deflate": ["zlib level 2", "wasm"],
  "inflate": ["zlib, large chunkSize", "wasm"],
  "lines to hunks": ["js split, zlib level 2", "wasm"],
  "hunks to lines": ["zlib, js scan to views", "wasm"],
  "threads that run: lines to hunks": ["this thread alone", "2 workers", "2 threads that share nothing"],
  "columns": ["inflate alone, 1 thread", "recordColumns()"],
  "columns on threads": ["2 threads that share nothing", "recordColumns(), 2 workers"],
  "grep()": ["recordColumns()", "grep(), a text", "grep(), many hits", "grep(), an expression without one"],
  "end to end: in": ["the codec alone, 1 thread", "chunk(), 2 workers, HTTP"],
};
const both = ["Node 20.0.0", "Deno 2.0.0"].flatMap((runtime) =>
  Object.entries(DISCIPLINES_OF_TEST).map(([discipline, names]) => measured(runtime, discipline, names))
);

describe("the summary of the speeds", () => {
  it("gives speeds in Node, and ratios to the first contender in both runtimes", () => {
    const lines = summaryOf(both).split("\n");

    expect(lines[2]).toBe("| deflate | 200, 2.0 / 2.0 |");
    expect(lines.slice(-8)).toEqual([
      "| two threads that run, to one | 2.0 / 2.0 |",
      "| two that share nothing: what the machine gives | 4.0 / 4.0 |",
      "| `recordColumns()`, to bare inflate | 2.0 / 2.0 |",
      "| … on two threads, to two that share nothing | 2.0 / 2.0 |",
      "| `grep()` for a text, to `recordColumns()` | 2.0 / 2.0 |",
      "| … with many hits | 4.0 / 4.0 |",
      "| … for an expression without a text | 6.0 / 6.0 |",
      "| time of `chunk()` over HTTP, to the codec's own | 0.50 / 0.50 |",
    ]);
    expect(incompleteRows(lines.join("\n"))).toEqual([]);
  });

  it("names the disciplines that it is made of", () => {
    expect(DISCIPLINES).toEqual(Object.keys(DISCIPLINES_OF_TEST));
  });

  it("has an empty cell where a result is missing, which makes its row incomplete", () => {
    const rows = incompleteRows(summaryOf(both.filter(({ discipline }) => discipline !== "inflate")));

    expect(rows).toEqual(["| inflate |  |"]);
    expect(incompleteRows("| a | b |\n| - | - |\n| c |\n")).toEqual(["| c |"]);
  });

  it("is in the README with complete rows, as the script made it of the results that are kept", async () => {
    const part = partOf(await Deno.readTextFile(new URL("README.md", BENCH)), "speeds");
    const kept = await Deno.readTextFile(new URL("speeds.json", BENCH)).catch(() => undefined);

    expect(part.trim().split("\n").length).toBeGreaterThan(10);
    expect(incompleteRows(part)).toEqual([]);
    if (kept !== undefined) {
      expect(arranged(part).replace(/ ?Measured on .*$/, "")).toBe(arranged(summaryOf(JSON.parse(kept))));
    }
  });
});
