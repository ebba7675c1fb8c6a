import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { release } from "../../lib/runtime/release.ts";

describe("release()", () => {
  // Node 20 has no ArrayBuffer.prototype.transfer().
  it("gives memory back, in every runtime", () => {
    const bytes = new Uint8Array(1 << 20);

    release(bytes.buffer);

    expect(bytes.length).toBe(0);
  });
});
