import { describe, it } from "@std/testing/bdd";
import { nameOf } from "../../lib/embedded/known_names.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { objectsIn } from "../../lib/embedded/stores/object_names.ts";
import { expect } from "../helpers/expect.ts";

/** Long texts that a pattern which begins at each place anew would take minutes for. */
const LONG: readonly string[] = [
  "x".repeat(400_000),
  "-".repeat(400_000),
  "/aa".repeat(130_000),
  "$/aa".repeat(100_000),
  `%${"25".repeat(200_000)}24`,
  "x$1-".repeat(100_000),
];

/** Milliseconds in which a server that answers others may look at one URL, many times over. */
const SHORT = 3000;

describe("URLs in tags", () => {
  it("are looked at in a time that their lengths decide, not the squares of these", async () => {
    const { fetch, master, gc } = embedded();
    for (const url of LONG) {
      const began = performance.now();
      nameOf([url]);
      objectsIn(url);
      const init = { method: "POST", body: JSON.stringify([[url]]) };
      await (await fetch(new Request(new URL("/ddfs/tag/data:long?update=1", master), init))).body?.cancel();
      expect([url.slice(0, 4), performance.now() - began < SHORT]).toEqual([url.slice(0, 4), true]);
    }
    const began = performance.now();
    await gc();
    expect(performance.now() - began).toBeLessThan(SHORT * 2);
  });

  it("have the objects and names that the patterns have", () => {
    const OBJECTS = /[A-Za-z0-9_\-@:]+\$[0-9A-Fa-f]+(?:-+[0-9A-Fa-f]+)*/g;
    const pieces = ["a", "zz", "$", "1", "-", "f-0", "/", "/ab/", "@:", "é", " ", "\n", "?", "$1-2-3"];
    let random = 1;
    const next = (most: number) => (random = random * 48271 % 2147483647) % most;
    for (let i = 0; i < 20_000; i++) {
      const url = Array.from({ length: next(12) }, () => pieces[next(pieces.length)]).join("");
      expect([url, objectsIn(url)]).toEqual([url, url.match(OBJECTS) ?? []]);
      expect([url, nameOf([url])]).toEqual([url, /\/..\/(.*)[$]/.exec(url)?.[1]]);
    }
  });

  it("are decoded as often as anybody may have encoded them", () => {
    expect(objectsIn("a%241-2?b%25243-4#c%2525245-6")).toEqual(["a$1-2", "a$1-2", "b$3-4", "a$1-2", "b$3-4", "c$5-6"]);
  });
});
