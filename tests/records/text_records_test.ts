import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { AS_BYTES } from "../../lib/records/columns.ts";
import { readTexts } from "../../lib/records/text_records.ts";
import { Search } from "../../lib/records/search.ts";
import { sharedWasmEngine } from "../../lib/codec/current.ts";
import type { Value } from "../../lib/records/pickle/value.ts";
import { bytesOf, fromLatin1, joined } from "../helpers/bytes.ts";
import { expect } from "../helpers/expect.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Records of ASCII, of UTF-8, cut within a character, with bytes that are none, with byte order marks, and empty. */
const record = fc.oneof(
  fc.string({ maxLength: 40 }).map((text) => fromLatin1(text.replace(/[^ -~]/g, "?"))),
  fc.constantFrom("", "é", "日本\n", "😀 and 😀\n", "\ufeffa", "\ufffd", "x".repeat(2048), "é".repeat(1500)).map((
    text,
  ) => bytesOf(text)),
  fc.constantFrom("\xc3", "\xa9b", "\xf0\x9f", "\x98\x80", "\xff", "\xed\xa0\x80").map((text) => fromLatin1(text)),
);
/** The same, most of them of one kind, and so many that they are several pieces. */
const lists = fc.tuple(fc.array(record, { maxLength: 8 }), fc.constantFrom(1, 1, 40, 3000)).map(([records, times]) =>
  Array.from({ length: times }, () => records).flat()
);

function columnsOf(records: readonly Uint8Array[]): { bytes: Uint8Array<ArrayBuffer>; offsets: Int32Array } {
  const offsets = new Int32Array(records.length + 1);
  for (const [i, { length }] of records.entries()) offsets[i + 1] = (offsets[i] as number) + length;
  return { bytes: joined(records), offsets };
}

describe("readTexts()", () => {
  it("reads each record as if it were read by itself", () => {
    fc.assert(
      fc.property(lists, (records) => {
        const texts: Value[] = [];
        readTexts(columnsOf(records), 0, records.length, texts);
        expect(texts).toEqual(records.map((bytes) => decoder.decode(bytes)));
      }),
      { numRuns: 200, seed: 20261201 },
    );
  });

  it("reads some of the records, at their numbers", () => {
    const texts: Value[] = ["kept", "", "", "kept"];
    readTexts(columnsOf(["a", "é", "c", "d"].map((text) => bytesOf(text))), 1, 3, texts);
    expect(texts).toEqual(["kept", "é", "c", "kept"]);
  });
});

describe("Search for records as text", () => {
  it("gives each record that is wanted as if it were read by itself, few of them or most", () => {
    fc.assert(
      fc.property(lists, fc.constantFrom("x", "a", "é", "\n", ""), fc.boolean(), (records, pattern, invert) => {
        const texts = records.map((bytes) => decoder.decode(bytes));
        const found = new Search(pattern, { text: true, invert }, sharedWasmEngine()).in(AS_BYTES.ofValues(records));
        expect(found).toEqual(texts.filter((text) => text.replace(/\r?\n$/, "").includes(pattern) !== invert));
      }),
      { numRuns: 200, seed: 20261201 },
    );
  });
});
