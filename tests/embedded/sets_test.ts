import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { Closing } from "../../lib/embedded/closing.ts";
import { Held, withSets } from "../../lib/embedded/json_bodies.ts";
import { batchesInTurns, batchesOf, joinedSets, setsOf } from "../../lib/embedded/stores/sets.ts";
import type { ReplicaSet, TagContent } from "../../lib/embedded/stores/tag_store.ts";
import { Unprepared, Update } from "../../lib/embedded/update.ts";
import { parseTagContent, publicTag, storedTag } from "../../lib/embedded/stores/tag_content.ts";
import { systemClock } from "../../lib/base/clock.ts";
import { isKnown, type KnownNames, learnt, NO_NAMES } from "../../lib/embedded/known_names.ts";
import { expect } from "../helpers/expect.ts";

const url = fc.oneof(
  fc.constantFrom("", "tag://x", '],["', ',"urls":[', '],"user-data":{', "disco://h/ddfs/vol0/blob/00/n$1-2-3"),
  fc.string({ unit: "binary" }),
);
const sets: fc.Arbitrary<string[][]> = fc.array(fc.array(url, { maxLength: 4 }), { maxLength: 20 });

/** JSON of sets in some spelling, sometimes with a flaw somewhere. */
const spelled = fc.tuple(
  sets,
  fc.constantFrom(0, 1, 2),
  fc.option(fc.tuple(fc.nat(), fc.constantFrom(...'[]{},:" \\1né\0')), { nil: undefined }),
)
  .map(([value, indent, flaw]) => {
    const json = JSON.stringify(value, null, indent);
    if (flaw === undefined) return json;
    const at = flaw[0] % (json.length + 1);
    // Half a character cannot be sent.
    return new TextDecoder().decode(new TextEncoder().encode(json.slice(0, at) + flaw[1] + json.slice(at)));
  });

/** What makes a body large, whatever follows: space, or the start of a list whose first set is long. */
const SPACE = " ".repeat(300_000);
const LONG = `[["${"x".repeat(300_000)}"]`;

/** Reads a body that comes in parts of some bytes. */
async function read(body: string, part: number): Promise<unknown> {
  const bytes = new TextEncoder().encode(body);
  let at = 0;
  const stream = new ReadableStream({
    pull(controller) {
      if (at >= bytes.length) return controller.close();
      // The part that is the same each time is read in one go.
      const end = at === 0 ? 300_000 : at + part;
      controller.enqueue(bytes.slice(at, end));
      at = end;
    },
  });
  const request = new Request("http://h/", { method: "POST", body: stream, duplex: "half" } as RequestInit);
  const limits = {
    size: 1e9,
    stall: 1e6,
    after: systemClock.after,
    closing: new Closing(),
    items: 1e6,
    held: new Held(1e9),
  };
  try {
    return await withSets(request, limits, async () => {}, (given) => Promise.resolve(given ?? "no sets"));
  } catch (error) {
    return (error as Error).message;
  }
}

/** What JSON.parse makes of a text. */
function parsed(body: string): unknown {
  try {
    return setsOf(JSON.parse(body)) ?? "no sets";
  } catch {
    return "Invalid request body.";
  }
}

/** `update=1` as it was when lists were taken apart. */
function updated(added: readonly ReplicaSet[], existing: readonly ReplicaSet[]): readonly ReplicaSet[] {
  const name = ([url = ""]: ReplicaSet) => url.startsWith("tag://") ? url.slice(6) : /\/..\/(.*)[$]/.exec(url)?.[1];
  const names = new Set(existing.map(name));
  const fresh: ReplicaSet[] = [];
  for (const set of added) {
    if (name(set) !== undefined && names.has(name(set))) continue;
    names.add(name(set));
    fresh.push(set);
  }
  return [...fresh.reverse(), ...existing];
}

describe("a large body of sets", () => {
  it("says what JSON.parse says, in whatever parts and spelling it comes", () =>
    fc.assert(
      fc.asyncProperty(spelled, fc.integer({ min: 1, max: 50 }), fc.boolean(), async (json, part, isLong) => {
        const body = isLong
          ? LONG + (json.trimStart().startsWith("[]") ? json.replace("[", "") : json.replace("[", ","))
          : SPACE + json;
        const [ours, theirs] = [await read(body, part), parsed(body)];
        // Of what is no list of sets, not everything is read.
        if (typeof theirs === "string") expect(["no sets", "Invalid request body."]).toContain(ours);
        else expect(ours).toEqual(theirs);
      }),
      { numRuns: 300, seed: 14 },
    ));

  it("is refused when it is not UTF-8, begins with a BOM or ends in the middle", async () => {
    for (const end of ["", "[", '[["a"', '[["a\\', '[["a"],', '[["a"]]]', '[["\\x"]]', '[["a"]]1']) {
      expect(["no sets", "Invalid request body."]).toContain(await read(SPACE + end, 10));
    }
    expect(await read(`\ufeff${SPACE}[]`, 10)).toBe("no sets");
  });
});

describe("sets that stay together", () => {
  it("come apart into what they are, some at a time", () =>
    fc.assert(
      fc.asyncProperty(sets, async (value) => {
        const batches: ReplicaSet[] = [];
        for await (const batch of batchesInTurns(setsOf(value)?.json ?? "")) batches.push(...batch);
        expect(batches).toEqual(value);
      }),
      { numRuns: 200, seed: 14 },
    ));

  it("come apart into batches where there are many", () => {
    const value = Array.from({ length: 50_000 }, (_, i) => [`disco://h/${i}`, '"],["']);
    const batches: ReplicaSet[][] = [];

    for (const batch of batchesOf(JSON.stringify(value))) batches.push(batch);

    expect(batches.length).toBeGreaterThan(3);
    expect(batches.flat()).toEqual(value);
  });

  it("are joined, and those that are there left out, as lists are", () =>
    fc.assert(
      fc.asyncProperty(fc.array(sets, { maxLength: 3 }), sets, sets, async (lists, early, late) => {
        const full = lists.map((list) => list.filter(({ length }) => length > 0));
        const [added, seen] = [full.map((list) => JSON.stringify(list)), JSON.stringify(early)];

        expect(JSON.parse(joinedSets("t", [...added, seen]))).toEqual([...full.flat(), ...early]);
        // Others may have come since it was prepared, or all are others.
        const update = await Update.of("t", added, await learnt(seen, NO_NAMES));
        for (const existing of [early, [...late, ...early], late, []]) {
          const json = JSON.stringify(existing);
          expect(JSON.parse(joinedSets("t", [update.newIn(json), json]))).toEqual(updated(full.flat(), existing));
        }
      }),
      { numRuns: 300, seed: 14 },
    ));

  it("have their names found once, also when some are looked for that were found since", async () => {
    const [first, second] = ['[["tag://a"]]', '[["tag://b"],["tag://a"]]'];
    const early = await learnt(first, NO_NAMES);
    const late = await learnt(second, early);

    const names = (known: KnownNames) => ["a", "b", "c"].filter((name) => isKnown(known, name));
    expect([names(early), names(late)]).toEqual([["a"], ["a", "b"]]);
    expect(late.names === early.names).toBe(true);
    // Two branches of one tag: what one has found is not in the other.
    expect(names(await learnt('[["tag://c"],["tag://a"]]', early))).toEqual(["a", "c"]);
    expect(names(await learnt('[["tag://c"]]', late))).toEqual(["c"]);
  });

  it("are looked at again when more has come than can be looked at at once", async () => {
    const seen = JSON.stringify(Array.from({ length: 100 }, (_, i) => [`tag://${i}`]));
    const update = await Update.of("t", ['[["tag://5"],["tag://x"]]'], await learnt(seen, NO_NAMES));

    expect(update.newIn(`[["tag://y"],${seen.slice(1)}`, 20)).toBe('[["tag://x"]]');
    expect(() => update.newIn(`[["tag://y"],["tag://z"],${seen.slice(1)}`, 20)).toThrow(Unprepared);
    expect(() => update.newIn(seen.replace("99", "98"), 20)).toThrow(Unprepared);
  });

  it("are refused where they would be longer than a text can be", () => {
    const half = `[${'["x"],'.repeat(2 ** 26)}["x"]]`;

    expect(() => joinedSets("t", [half, half])).toThrow("Tag too large.");
  });
});

describe("a tag's file", () => {
  const token = fc.option(url, { nil: null });
  const tag: fc.Arbitrary<TagContent> = fc.record({
    id: fc.constant("t$1-2-3"),
    lastModified: fc.constant("2026/11/22 07:46:35"),
    readToken: token,
    writeToken: token,
    urls: sets.map((value) => setsOf(value)?.json ?? ""),
    user: fc.array(fc.tuple(fc.oneof(url, fc.constantFrom("10", "9", "__proto__")), url)).map((user) => new Map(user)),
  });

  it("is read as it was written, attributes in their order", () =>
    fc.assert(
      fc.asyncProperty(tag, async (content) => {
        const read = await parseTagContent(storedTag(content));
        expect(read).toEqual(content);
        expect([...read?.user ?? []]).toEqual([...content.user]);
        expect(publicTag(content)).not.toContain('"read-token":');
      }),
      { numRuns: 300, seed: 14 },
    ));

  it("is read in other spellings, too", async () => {
    const spellings = [
      '{"id": "t$1", "urls": [["é", "\\u00e9"]]}',
      '{"user-data":{"a":"b"},"urls":[["é","é"]],"id":"t$1"}',
      '{"version":1,"id":"t$1","last-modified":"","read-token":null,"write-token":null,"urls":[["é","\\u00e9"]],"user-data":{}}',
    ];

    for (const text of spellings) {
      expect(await parseTagContent(text)).toMatchObject({ id: "t$1", urls: '[["\\u00e9","\\u00e9"]]' });
    }
  });

  it("is none when it was cut anywhere, or says something else", () =>
    fc.assert(
      fc.asyncProperty(tag, fc.nat(), async (content, at) => {
        const text = storedTag(content);
        expect(await parseTagContent(text.slice(0, at % text.length))).toBe(undefined);
      }),
      { numRuns: 200, seed: 14 },
    ));
});
