import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { CommError } from "../../lib/errors.ts";
import { type Around, graphAround, MOST } from "../../lib/explorer/views/graph_around.ts";
import { HEIGHT, pictureOf } from "../../lib/explorer/views/graph_layout.ts";

/** Collects the graph around a tag of some tags and their links. */
function around(tag: string, tags: Record<string, readonly string[]>, shown: Around["shown"] = {}) {
  const parents = (tag: string) => Object.keys(tags).filter((name) => tags[name]?.includes(tag));
  const factsOf = (name: string) => {
    const links = tags[name];
    if (links !== undefined) return Promise.resolve({ links, blobs: [["disco://a/b"]] });
    return Promise.reject(new CommError("404", { code: "not-found", url: "http://a", status: 404 }));
  };
  return graphAround(tag, { factsOf, parents, shown, signal: new AbortController().signal });
}

const numbers = (count: number) => Array.from({ length: count }, (_, i) => `t${i}`);
const width = () => 100;

describe("the graph around a tag", () => {
  it("has what it links to and what links to it, further with each link", async () => {
    const { nodes, edges } = await around("b", { a: ["b"], b: ["c"], c: ["d"], d: [], other: ["d"] });

    expect(Array.from(nodes.values(), ({ id, level }) => [id, level])).toEqual([["b", 0], ["c", 1], ["d", 2], [
      "a",
      -1,
    ]]);
    expect(edges).toEqual([["b", "c"], ["c", "d"], ["a", "b"]]);
  });

  it("ends where links lead in a circle", async () => {
    const { nodes, edges } = await around("a", { a: ["b"], b: ["c", "b"], c: ["a"] });

    expect([...nodes.keys()]).toEqual(["a", "b", "c"]);
    expect(edges).toEqual([["a", "b"], ["b", "c"], ["c", "a"]]);
  });

  it("says which linked tags are missing", async () => {
    expect((await around("a", { a: ["gone"] })).nodes.get("gone")).toEqual(
      { id: "gone", tag: "gone", level: 1, problem: "missing" },
    );
  });

  it("folds what is linked in numbers, and draws more of it when that is wanted", async () => {
    const tags = { a: numbers(324), ...Object.fromEntries(numbers(324).map((name) => [name, []])) };
    const { nodes } = await around("a", tags);

    expect(nodes.size).toBe(1 + 12 + 1);
    expect(nodes.get("more down a")?.folded).toEqual({ count: 312, whose: "down a" });
    expect((await around("a", tags, { "down a": 36 })).nodes.get("more down a")?.folded?.count).toBe(288);
  });

  it("never has more tags than can be looked at", async () => {
    const all = numbers(1000);
    const tags = Object.fromEntries(all.map((name, i) => [name, all.slice(i * 10 + 1, i * 10 + 11)]));
    const { nodes } = await around("t0", tags, { "down t0": 9999 });
    const drawn = [...nodes.values()].filter(({ tag }) => tag !== undefined);

    expect(drawn.length).toBe(MOST);
  });
});

describe("the picture of a graph", () => {
  it("has links lead from left to right, and no node over another", async () => {
    const tags = {
      up: ["a"],
      a: ["b", "c", "d"],
      b: ["e", "f"],
      c: ["f", "g"],
      d: ["a"],
      ...Object.fromEntries(["e", "f", "g"].map((name) => [name, []])),
    };
    const { nodes, width: wide, height } = pictureOf(await around("a", tags), width);
    const boxes = [...nodes.values()];

    for (const [i, one] of boxes.entries()) {
      for (const other of boxes.slice(i + 1)) {
        expect(Math.abs(one.x - other.x) >= 100 || Math.abs(one.y - other.y) >= HEIGHT).toBe(true);
      }
      expect([one.x - 50 >= 0, one.x + 50 <= wide, one.y - HEIGHT / 2 >= 0, one.y + HEIGHT / 2 <= height])
        .toEqual([true, true, true, true]);
    }
    const x = (id: string) => nodes.get(id)?.x ?? NaN;
    expect([x("up") < x("a"), x("a") < x("b"), x("b") < x("f"), x("b") === x("d")]).toEqual([true, true, true, true]);
  });

  it("leads a link back between the tags that it passes", async () => {
    const tags = { a: ["b", "c", "d"], b: ["e"], c: ["e"], d: ["e"], e: ["a"] };
    const { nodes, paths, height } = pictureOf(await around("a", tags), width);
    const back = paths.find(({ from }) => from === "e")?.d ?? "";
    // The numbers of the curve that goes down, from where it begins.
    const [x = 0, y = 0, , , , , , down = 0] = (back.match(/-?[\d.]+/g) ?? []).map(Number);
    const way = y + down;

    for (const id of ["b", "c", "d"]) expect(Math.abs((nodes.get(id)?.y ?? way) - way)).toBeGreaterThan(HEIGHT / 2);
    expect([x < (nodes.get("e")?.x ?? 0), way < height]).toEqual([true, true]);
  });

  it("has tags near those that they are linked with", async () => {
    const tags = { a: ["b", "c"], b: ["e"], c: ["d"], d: [], e: [] };
    const { nodes } = pictureOf(await around("a", tags), width);
    const y = (id: string) => nodes.get(id)?.y ?? NaN;

    expect([y("b") < y("c"), y("e") < y("d")]).toEqual([true, true]);
  });

  it("is there for a tag alone, and drawn in a moment for as many as there may be", async () => {
    const all = numbers(199);
    const { paths } = pictureOf(
      await around("a", { a: all, ...Object.fromEntries(all.map((name) => [name, all])) }, { "down a": 999 }),
      width,
    );

    expect(pictureOf(await around("a", { a: [] }), width).nodes.size).toBe(1);
    expect(paths.length).toBeGreaterThan(199);
  });
});
