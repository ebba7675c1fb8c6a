import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { type Measured, tableOf } from "../../scripts/bench/table.ts";

const measured = (corpus: string, milliseconds: readonly number[], sizes: readonly number[]): Measured => ({
  runtime: "Deno 1.2.3",
  discipline: "deflate",
  corpus,
  bytes: 1_000_000,
  standings: milliseconds.map((time, i) => ({
    name: ["zlib", "wasm"][i] ?? "",
    milliseconds: time,
    times: i === 0 ? 1 : 1.5,
    size: sizes[i] ?? 0,
  })),
});

describe("tableOf()", () => {
  it("gives the first contender's speed, and of the others speed, times that speed, and times its size where that differs", () => {
    const columns = [measured("log", [10, 5], [100, 90]), measured("csv", [20, 10], [70, 70])];

    expect(tableOf(columns)).toBe(
      `| deflate | log             | csv       |
| ---     | ---             | ---       |
| zlib    | 100             | 50        |
| wasm    | 200 1.50x 0.900 | 100 1.50x |`,
    );
  });
});
