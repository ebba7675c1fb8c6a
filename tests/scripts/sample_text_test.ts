import { createHash } from "node:crypto";
import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { accessLog } from "../../scripts/shared/sample_text.ts";

describe("accessLog()", () => {
  it("makes the same text each time", () => {
    const digest = () =>
      [...accessLog(100_000)].reduce((hash, piece) => hash.update(piece), createHash("md5")).digest("hex");
    expect(digest()).toBe(digest());
  });

  it("ends with the line that reaches the size", () => {
    const text = [...accessLog(1_500_000)].map((piece) => new TextDecoder().decode(piece)).join("");
    expect(text.length).toBeGreaterThanOrEqual(1_500_000);
    expect(text.lastIndexOf("\n", text.length - 2)).toBeLessThan(1_500_000);
    expect(text.endsWith("\n")).toBe(true);
  });

  it("has the lines of an access log", () => {
    const [piece] = accessLog(10_000);
    for (const line of new TextDecoder().decode(piece).trimEnd().split("\n")) {
      expect(line).toMatch(
        /^(\d+\.){3}\d+ - - \[\d\d\/\w{3}\/\d{4}(:\d\d){3} \+0000\] "(GET|POST) \/\S* HTTP\/1\.1" \d{3} \d+ "[^"]+" "[^"]+"$/,
      );
    }
  });
});
