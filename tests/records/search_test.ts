import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { JsEngine } from "../../lib/codec/js_engine.ts";
import { requiredTexts } from "../../lib/records/required_text.ts";
import { AS_BYTES } from "../../lib/records/columns.ts";
import { Search, type SearchOptions } from "../../lib/records/search.ts";
import { Tuple, type Value } from "../../lib/records/mod.ts";
import { bytesOf, fromLatin1 } from "../helpers/bytes.ts";
import { ENGINES } from "../helpers/codec_engines.ts";
import { expect } from "../helpers/expect.ts";

/** What a search finds among lines, as text. */
function found(pattern: string | RegExp, lines: readonly string[], options: SearchOptions = {}): Value[] {
  const [first, ...others] = ENGINES.map((engine) => {
    const columns = AS_BYTES.ofValues(lines.map((line) => bytesOf(line)));
    return new Search(pattern, { text: true, ...options }, engine).in(columns);
  });
  for (const other of others) expect(other).toEqual(first);
  return first ?? [];
}

/** The same by looking at one line after the other. */
function oneByOne(pattern: RegExp, lines: readonly string[]): string[] {
  const one = new RegExp(pattern.source, pattern.flags.replace("g", ""));
  return lines.filter((line) => {
    one.lastIndex = 0;
    return one.test(line.replace(/\r?\n$/, ""));
  });
}

const engine = new JsEngine();
const LINES = ["GET /a\n", "POST /b 500\r\n", "\n", "get /c\n", "", "é 500\n", "500", "\n", "a500b\n500\n", "GET\n"];

describe("Search", () => {
  it("finds records with a text", () => {
    expect(found("500", LINES)).toEqual(["POST /b 500\r\n", "é 500\n", "500", "a500b\n500\n"]);
    expect(found("b\n5", LINES)).toEqual(["a500b\n500\n"]);
    expect(found("", LINES)).toEqual(LINES);
    expect(found("nothing", LINES)).toEqual([]);
  });

  const patterns = [
    /500/,
    /^$/,
    /500$/,
    /^500$/,
    /^500$/m,
    /b$/m,
    /\/[a-c]/,
    /get/i,
    /GET|POST/,
    /^(?:GET|POST) /,
    /(?<verb>GET)/,
    /a?/,
    /\bGET\b/g,
    /GET/y,
    /\s/,
    /[^a]$/,
    /é/u,
    /.5/s,
    /(?=5)50/,
    /(?<!\/b )500/,
    /(0)\1/,
    /\n/,
    /\r/,
    /\d{3}/,
    /T$/,
    /[\/]b/v,
  ];
  for (const pattern of patterns) {
    it(`finds what ${pattern} fits, each record seen by itself without its line end`, () => {
      for (
        const lines of [
          LINES,
          LINES.filter((line) => /^[^\n]*\n$/.test(line)),
          LINES.filter((line) => line !== ""),
        ]
      ) {
        const expected = oneByOne(pattern, lines);

        expect(found(pattern, lines)).toEqual(expected);
        expect(found(pattern, lines, { invert: true })).toEqual(lines.filter((line) => !expected.includes(line)));
      }
    });
  }

  it("finds what any expression of some pieces fits, in any lines", () => {
    const piece = fc.constantFrom(
      ..."a|b|ab|.|a?|b*|a+|(?:a|b)|(ab)|[ab]|[^a]|^|$|\\.|\\s|\\S|\\b|\\d|b{0,2}|(?=a)|é|\\u00e9|\\n|x|(a)\\1|a||b"
        .split("|"),
      "a|b",
      "(?:x|ab)",
    );
    const pattern = fc.tuple(fc.array(piece, { maxLength: 4 }), fc.constantFrom("", "i", "m", "s", "u", "y", "iu"))
      .filter(([pieces, flags]) => {
        try {
          return new RegExp(pieces.join(""), flags) !== undefined;
        } catch {
          return false;
        }
      }).map(([pieces, flags]) => new RegExp(pieces.join(""), flags));
    const line = fc.tuple(fc.array(fc.constantFrom(..."aabbAé.x 1\n\r")), fc.constantFrom("\n", "\n", "\r\n", ""))
      .map(([text, end]) => text.join("") + end);

    fc.assert(
      fc.property(pattern, fc.array(line), (pattern, lines) => {
        expect(found(pattern, lines)).toEqual(oneByOne(pattern, lines));
      }),
      { numRuns: 2000 },
    );
  });

  it("finds any text in any records, whatever bytes are in them", () => {
    const bytes = fc.constantFrom("a", "a", "b", "é", "😀", "\n", "\r", "\ufffd").map((text) => bytesOf(text));
    const piece = fc.oneof({ weight: 5, arbitrary: bytes }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 3 }) });
    const record = fc.array(piece, { maxLength: 40 }).map((pieces) =>
      Uint8Array.from(pieces.flatMap((all) => [...all]))
    );
    const text = fc.array(fc.constantFrom("a", "b", "é", "😀", "\n", "\r", "\ufffd", "\ud83d"), { maxLength: 4 });

    fc.assert(
      fc.property(fc.array(record), text, (records, parts) => {
        const text = parts.join("");
        const expected = records.filter((record) =>
          new TextDecoder("utf-8", { ignoreBOM: true }).decode(record).replace(/\r?\n$/, "").includes(text)
        );
        for (const engine of ENGINES) {
          expect(new Search(text, {}, engine).in(AS_BYTES.ofValues(records))).toEqual(expected);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("leaves an expression as it is", () => {
    const pattern = /a/g;
    pattern.lastIndex = 5;

    expect(found(pattern, ["a", "ba"])).toEqual(["a", "ba"]);
    expect(pattern.lastIndex).toBe(5);
  });

  it("takes no time that grows with the square of a hunk", () => {
    const lines = Array.from({ length: 40_000 }, () => "aaaaaaaaaaaaaaaaaaaaaaaa\n");

    expect(found(/(?:a|b)[^z]*(?:y|z)/, lines)).toEqual([]);
    expect(found(/a\s*(?:y|z)/, lines)).toEqual([]);
  });

  it("gives bytes as they are where text is not asked for", () => {
    const columns = AS_BYTES.ofValues([fromLatin1("a\xff"), fromLatin1("b")]);

    expect(new Search("a", {}, engine).in(columns)).toEqual([fromLatin1("a\xff")]);
  });

  it("sees bytes and text among other values, and these by the text that it is told", () => {
    const values = [bytesOf("a1\n"), "a2", Tuple.of(bytesOf("a3"), 1), null];
    const textOf = (value: Value) => Array.isArray(value) ? "a tuple" : "";

    expect(new Search("a", {}, engine).in({ kind: "values", values })).toEqual(values.slice(0, 2));
    expect(new Search(/^a/, { textOf, text: true }, engine).in({ kind: "values", values })).toEqual([
      "a1\n",
      "a2",
      values[2],
    ]);
    expect(new Search("a", { invert: true }, engine).in({ kind: "values", values })).toEqual(values.slice(2));
  });
});

describe("requiredTexts()", () => {
  const cases: [RegExp, ...string[]][] = [
    [/error: \d+/, "error: "],
    [/ab+c/, "ab"],
    [/abc?de/, "ab"],
    [/abc*defg/, "defg"],
    [/x{2}yz/, "yz"],
    [/x{2,}?yz/, "yz"],
    [/(?:long text)x/, "x"],
    [/([)(]\))abc/, "abc"],
    [/[\]abc]d/, "d"],
    [/a\.b\/c/, "a.b/c"],
    [/{"a":{}|x/, '{"a":{}', "x"],
    [/a{|b{0,2}/],
    [/a\bc/, "a"],
    [/a|bcd/, "a", "bcd"],
    [/a\|b|[|]cd|(?:e|f)/],
    [/a|b|c|d/, "a", "b", "c", "d"],
    [/a|b|c|d|e/],
    [/(a|b)cd/, "cd"],
    [/abc/i],
    [/ab\x63/],
    [new RegExp("😀?ab", "u"), "ab"],
    [new RegExp("x😀*"), "x"],
    [/(?!not)yes/, "yes"],
    [/./],
  ];
  for (const [pattern, ...texts] of cases) {
    it(`of ${pattern} are ${JSON.stringify(texts)}`, () => expect(requiredTexts(pattern)).toEqual(texts));
  }
});
