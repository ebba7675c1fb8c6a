import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { crumbsOf, prefixesOf } from "../../lib/explorer/views/prefixes.ts";

describe("prefixesOf()", () => {
  it("finds what several names begin with, up to a colon, as a tree", () => {
    expect(prefixesOf(["a:x:1", "a:x:2", "a:y", "b", "c:1", "c:2"])).toEqual([
      {
        ...{ prefix: "a:", label: "a:", count: 3 },
        children: [{ prefix: "a:x:", label: "x:", count: 2, children: [] }],
      },
      { prefix: "c:", label: "c:", count: 2, children: [] },
    ]);
  });

  it("joins a prefix with the only one below it", () => {
    expect(prefixesOf(["a:x:1", "a:x:2"])).toEqual([{ prefix: "a:x:", label: "a:x:", count: 2, children: [] }]);
  });

  it("has none for names of their own", () => {
    expect(prefixesOf(["a:1", "b:1", "c", "d::"])).toEqual([]);
    expect(prefixesOf([])).toEqual([]);
  });

  it("tells names that only begin alike", () => {
    expect(prefixesOf(["ab:1", "ab:2", "abc:1", "abc:2"]).map(({ prefix, count }) => [prefix, count]))
      .toEqual([["ab:", 2], ["abc:", 2]]);
  });
});

describe("crumbsOf()", () => {
  it("gives each part of a name, and how far it leads", () => {
    expect(crumbsOf("data:logs:may")).toEqual([
      { label: "data:", prefix: "data:" },
      { label: "logs:", prefix: "data:logs:" },
      { label: "may", prefix: "data:logs:may" },
    ]);
    expect(crumbsOf("")).toEqual([]);
  });
});
