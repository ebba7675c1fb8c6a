import { describe, it } from "@std/testing/bdd";
import { numbered } from "./bytes.ts";
import { expect } from "./expect.ts";

describe("expect()", () => {
  it("compares bytes, inside of other values as well", () => {
    const bytes = numbered(1 << 20);
    const other = bytes.slice();
    other[other.length - 1] = 0;

    expect({ list: [bytes] }).toEqual({ list: [bytes.slice()] });
    expect({ list: [bytes] }).toMatchObject({ list: [bytes.slice()] });
    expect({ list: [bytes] }).not.toEqual({ list: [other] });
    expect(bytes).not.toEqual(bytes.subarray(1));
    expect(Uint8Array.of(1)).not.toEqual([1]);
  });
});
