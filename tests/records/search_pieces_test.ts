import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { AS_BYTES } from "../../lib/records/columns.ts";
import { Search } from "../../lib/records/search.ts";
import { sharedWasmEngine } from "../../lib/codec/current.ts";
import { bytesOf } from "../helpers/bytes.ts";
import { expect } from "../helpers/expect.ts";

const PIECES = String
  .raw`a|b|q|ab|an|x|é|ß|K|s|😀| |\.|\d|\D|\w|\W|\s|\S|.|[ab]|[^a]|[^ ]|[\s\d]|[^\S1]|[qx]|[a-é]|^|$|\b|\B`.split("|");
const REPEATS = ["", "", "", "?", "*", "+", "{2}", "{0,2}", "*?", "+?"];
const WHOLES: ((inner: string) => string)[] = [
  (inner) => inner,
  (inner) => inner,
  (inner) => `(${inner})`,
  (inner) => `(?:${inner})?`,
  (inner) => `(?=${inner})`,
  (inner) => `(?!${inner})`,
  (inner) => `(?<=${inner})`,
  (inner) => `(?<!${inner})`,
  (inner) => `(${inner})\\1`,
  (inner) => `${inner}|b`,
  (inner) => `(?:a|${inner})`,
  (inner) => `^${inner}`,
  (inner) => `${inner}$`,
];
const FLAGS = ["", "", "i", "m", "s", "u", "iu", "g", "y", "gy", "im", "gm"];

/** Expressions that compile. */
const patterns = fc.tuple(
  fc.array(fc.tuple(fc.constantFrom(...PIECES), fc.constantFrom(...REPEATS), fc.constantFrom(...WHOLES)), {
    minLength: 1,
    maxLength: 4,
  }),
  fc.constantFrom(...FLAGS),
).map(([parts, flags]) => {
  try {
    return new RegExp(parts.map(([piece, repeat, whole]) => whole(piece + repeat)).join(""), flags);
  } catch {
    return undefined;
  }
}).filter((pattern) => pattern !== undefined);

const character = fc.constantFrom(..."aabbqnx 12.ABKs", "é", "ß", "😀", "\u212a", "\u2028", "ſ");
const line = fc.array(character, { maxLength: 12 }).map((all) => all.join(""));
/** Records that are lines, and such as a reader makes, with line ends within, without one, and empty. */
const records = fc.oneof(
  fc.array(line.map((text) => `${text}\n`)),
  fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n")).map((parts) => parts.join(""))),
  fc.array(fc.tuple(line, fc.constantFrom("", "\n", "\r", "\n\n", "\r\n", "\na\n")).map((parts) => parts.join(""))),
);
/** The same, so many that they are more than a piece of text. */
const many = fc.tuple(records, fc.constantFrom(1, 1, 1, 1000)).map(([lines, times]) =>
  Array.from({ length: times }, () => lines).flat()
);

function fits(pattern: string | RegExp, record: string): boolean {
  const text = record.replace(/\r?\n$/, "");
  return typeof pattern === "string"
    ? text.includes(pattern)
    : new RegExp(pattern.source, pattern.flags.replace("g", "")).test(text);
}

function found(pattern: string | RegExp, lines: readonly string[], invert = false): string[] {
  const columns = AS_BYTES.ofValues(lines.map((text) => bytesOf(text)));
  return new Search(pattern, { text: true, invert }, sharedWasmEngine()).in(columns) as string[];
}

describe("Search in many records", () => {
  it("finds what the expression fits where each record is tested by itself", () => {
    fc.assert(
      fc.property(patterns, many, (pattern, lines) => {
        expect(found(pattern, lines)).toEqual(lines.filter((text) => fits(pattern, text)));
      }),
      { numRuns: 1000, seed: 20261130 },
    );
  });

  it("finds lines on both sides of where pieces of text end", () => {
    const lines = Array.from({ length: 30_000 }, (_, i) => `${i} ${i % 7 === 0 ? "é" : "e"} ${"x".repeat(i % 30)}\n`);
    lines.splice(20_000, 0, `${"long ".repeat(20_000)}17\n`);

    for (const pattern of ["17", /1[57]|7[13]/, /\d99 é x*$/, /^[5-9]\d* e [x]{3}$/, /[^\d]é/, "29999"]) {
      const expected = lines.filter((text) => fits(pattern, text));
      expect(found(pattern, lines)).toEqual(expected);
      expect(found(pattern, lines, true)).toEqual(lines.filter((text) => !expected.includes(text)));
    }
  });

  it("gives few records in memory that has them alone, and many as views of the hunk's", () => {
    const lines = Array.from({ length: 1000 }, (_, i) => `${i}\n`);
    const search = (pattern: string) => {
      const columns = AS_BYTES.ofValues(lines.map((text) => bytesOf(text)));
      const records = new Search(pattern, {}, sharedWasmEngine()).in(columns) as Uint8Array[];
      const memory = new Set(records.map(({ buffer }) => buffer));
      expect(memory.size).toBe(1);
      expect(records).toEqual(lines.filter((text) => text.includes(pattern)).map((text) => bytesOf(text)));
      return { isOwn: columns.kind === "bytes" && !memory.has(columns.bytes.buffer), size: [...memory][0]?.byteLength };
    };

    expect(search("99")).toEqual({ isOwn: true, size: lines.filter((text) => text.includes("99")).join("").length });
    expect(search("")).toEqual({ isOwn: false, size: lines.join("").length });
  });
});
