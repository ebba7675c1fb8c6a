import { describe, it } from "@std/testing/bdd";
import { nativeAscii } from "../../lib/runtime/host.ts";
import { bytesOf, fromLatin1 } from "../helpers/bytes.ts";
import { expect } from "../helpers/expect.ts";

describe("nativeAscii()", () => {
  const ascii = nativeAscii();

  it("reads bytes up to 127, those of a part of memory too", () => {
    const all = Uint8Array.from({ length: 128 }, (_, i) => i);
    const text = String.fromCharCode(...all);

    expect(ascii?.(all)).toBe(text);
    expect(ascii?.(all.subarray(60, 70))).toBe(text.slice(60, 70));
    expect(ascii?.(new Uint8Array(0))).toBe("");
    expect(ascii?.(new Uint8Array(3 << 20).fill(97))).toBe("a".repeat(3 << 20));
  });

  it("gives nothing for other bytes, wherever they are", () => {
    for (const bytes of [bytesOf("é"), fromLatin1("\x80"), bytesOf(`${"a".repeat(1000)}ß`)]) {
      expect(ascii?.(bytes)).toBeUndefined();
    }
  });
});
