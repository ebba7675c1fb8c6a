import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { counted, date, duration, size } from "../../lib/explorer/parts/format.ts";

describe("what the explorer writes", () => {
  it("has sizes with a digit or two", () => {
    expect([0, 999, 1000, 99_940, 99_960, 999_499, 999_500, 3.4e6, 2e15].map(size))
      .toEqual(["0 B", "999 B", "1.0 KB", "99.9 KB", "100 KB", "999 KB", "1.0 MB", "3.4 MB", "2.0 PB"]);
  });

  it("has counts with their words", () => {
    expect([counted(1, "blob"), counted(12_345, "blob"), counted(0, "entry", "entries")])
      .toEqual(["1 blob", "12,345 blobs", "0 entries"]);
  });

  it("has the master's dates to the minute, and leaves what is none as it is", () => {
    expect([date("2024/05/31 12:34:56"), date("<b>"), date("")]).toEqual(["2024-05-31 12:34", "<b>", ""]);
  });

  it("has lengths of time", () => {
    expect([duration(840), duration(59_900), duration(150_000)]).toEqual(["0.8 s", "59.9 s", "3 min"]);
  });
});
