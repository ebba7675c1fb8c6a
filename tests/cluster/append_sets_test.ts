import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { appendSets } from "../../lib/cluster/append_sets.ts";
import { clusterOf } from "../../lib/cluster/cluster.ts";
import { parseTag } from "../../lib/names.ts";
import type { DDFSEvent, TagOptions } from "../../lib/options.ts";
import { failure, idleClock } from "../helpers/fakes.ts";
import { type Fate, TagMaster, type TagMasterOptions } from "../helpers/tag_master.ts";

const set = (name: string, stamp = 1) => [`disco://a/ddfs/vol0/blob/00/${name}$1-2-${stamp}`];

/** A master with one tag, and a client that appends to it. */
function setUp(urls: string[][] | undefined, options: TagMasterOptions = {}) {
  const master = new TagMaster(urls, options);
  const events: DDFSEvent["type"][] = [];
  const onEvent = ({ type }: DDFSEvent) => void events.push(type);
  const { fetch } = master;
  const limits = { retry: { tries: 5 }, clock: idleClock(), random: () => 0.5 };
  const cluster = clusterOf("disco://m", { settings: {}, fetch, onEvent, ...limits });
  const append = (sets: string[][], append: TagOptions = {}) => appendSets(cluster, parseTag("x"), sets, append);
  return { master, append, events };
}

/** What the first requests come to; later ones are answered. */
function fates(...list: Fate[]): Pick<TagMasterOptions, "fate"> {
  const left = [...list];
  return { fate: ({ method }) => method === "POST" ? left.shift() ?? "answered" : "answered" };
}

describe("appendSets()", () => {
  it("puts sets before what is there, in their order, and reads nothing when it is answered", async () => {
    const { append, master } = setUp([set("old")]);

    await append([set("a"), set("b")]);

    expect(master.urls).toEqual([set("a"), set("b"), set("old")]);
    expect([master.sent, master.reads]).toEqual([["POST "], 0]);
  });

  it("keeps the order with update too, which the master turns round, and tells what was there", async () => {
    const { append, master } = setUp([set("old"), set("b", 9)]);

    const held = await append([set("a"), set("b"), set("c")], { update: true, delayed: true });

    expect(held).toEqual([set("a"), set("b", 9), set("c")]);
    expect(master.urls).toEqual([set("a"), set("c"), set("old"), set("b", 9)]);
    expect(master.sent).toEqual(["POST ?update=1&delayed=1"]);
  });

  for (const conditions of [false, true]) {
    const where = conditions ? "where the master has conditions" : "where it has none";
    for (const fate of ["refused", "answer lost", "503", "503, but done"] as const) {
      it(`leaves each set there once when its request is ${fate}, ${where}`, async () => {
        const { append, master } = setUp([set("old")], { conditions, ...fates(fate) });

        await append([set("a"), set("b")]);

        expect(master.urls).toEqual([set("a"), set("b"), set("old")]);
      });
    }

    it(`appends again when somebody else has taken the name between two tries, ${where}`, async () => {
      let posts = 0;
      const { append, master } = setUp([set("old")], {
        conditions,
        ...fates("refused"),
        meanwhile: (master) => {
          // Before the next try, and after the read that comes before it where the master has no conditions.
          const isNext = conditions ? master.sent.length === 1 : master.reads === 1;
          if (isNext && posts++ === 0) master.append([set("a", 7)], false);
        },
      });

      await append([set("a")]);

      expect(master.urls).toContainEqual(set("a"));
      expect(master.urls).toContainEqual(set("a", 7));
    });
  }

  it("gets its turn beside somebody who appends before each of its tries", async () => {
    let rivals = 0;
    const { append, master } = setUp([], {
      ...fates("refused"),
      meanwhile: (master) => {
        if (master.reads === master.sent.length) master.append([set("a", 100 + rivals++)], false);
      },
    });

    await append([set("a")]);

    expect(master.urls?.filter((urls) => urls[0] === set("a")[0]).length).toBe(1);
    expect(master.urls?.length).toBe(1 + rivals);
  });

  it("takes a set once where the master knows the key of its request, however late the first one arrives", async () => {
    const { append, master, events } = setUp([set("old")], { conditions: true, ...fates("late") });

    await append([set("a"), ["tag://other"]]);
    master.deliver();

    expect(master.urls).toEqual([set("a"), ["tag://other"], set("old")]);
    expect(events).toEqual(["retry"]);
  });

  it("sends the same again, without a look at the tag, to a master that takes each request once", async () => {
    const { append, master } = setUp([set("old")], { conditions: true, ...fates("answered", "answer lost", "503") });
    await append([set("a")]);

    await append([set("b")]);

    expect(master.urls).toEqual([set("b"), set("a"), set("old")]);
    expect(master.sent).toEqual(["POST ", "POST ", "POST ?again=1", "POST ?again=1"]);
    expect([master.requests, master.reads]).toEqual([4, 0]);
  });

  it("asks a master that it does not know, and is sent nothing of the tag by one that takes each request once", async () => {
    const { append, master } = setUp([set("old")], { conditions: true, ...fates("answer lost") });

    await append([set("a")]);

    expect(master.urls).toEqual([set("a"), set("old")]);
    expect(master.sent).toEqual(["POST ", "POST ?again=1"]);
    expect([master.requests, master.reads]).toEqual([3, 0]);
  });

  it("reads the tag of a master without conditions where an answer was lost, each time", async () => {
    const { append, master } = setUp([set("old")], fates("answer lost", "refused"));

    await append([set("a")]);
    await append([set("b")]);

    expect(master.urls).toEqual([set("b"), set("a"), set("old")]);
    expect(master.reads).toBe(3);
  });

  it("takes a set once where the master has forgotten the key of its request meanwhile", async () => {
    const { append, master } = setUp([set("old")], { conditions: true, keys: 0, ...fates("answer lost", "503") });

    await append([set("a"), ["tag://other"]]);

    expect(master.urls).toEqual([set("a"), ["tag://other"], set("old")]);
  });

  it("does not take the master for what another one at its address was before", async () => {
    const before = new TagMaster([], { conditions: true });
    const master = new TagMaster([], fates("answered", "answer lost"));
    let { fetch } = before;
    const options = {
      settings: {},
      fetch: (request: Request) => fetch(request),
      clock: idleClock(),
      random: () => 0.5,
    };
    const cluster = clusterOf("disco://m", options);
    await appendSets(cluster, parseTag("x"), [set("a")], {});
    fetch = master.fetch;

    await appendSets(cluster, parseTag("x"), [set("b")], {});
    await appendSets(cluster, parseTag("x"), [set("c")], {});

    expect(master.urls).toEqual([set("c"), set("b")]);
    expect(master.reads).toBe(1);
  });

  it("reads the tag where a cache on the way says that it has not changed", async () => {
    const master = new TagMaster([set("old")], fates("answer lost"));
    const fetch = (request: Request) =>
      request.headers.has("if-none-match")
        ? Promise.resolve(new Response(null, { status: 304 }))
        : master.fetch(request);
    const cluster = clusterOf("disco://m", { settings: {}, fetch, clock: idleClock(), random: () => 0.5 });

    await appendSets(cluster, parseTag("x"), [set("a")], {});

    expect([master.urls, master.reads]).toEqual([[set("a"), set("old")], 1]);
  });

  it("tells of a set that is there twice because its request came late", async () => {
    const { append, master, events } = setUp([set("old")], {
      ...fates("late", "refused"),
      meanwhile: (master) => {
        if (master.reads === 2) master.deliver();
      },
    });

    await append([["tag://other"]]);

    expect(master.urls).toEqual([["tag://other"], ["tag://other"], set("old")]);
    expect(events).toContain("doubled");
  });

  it("does not take an older blob of the same name for its own", async () => {
    const { append, master } = setUp([set("a", 7)], fates("refused"));

    await append([set("a"), set("b")]);

    expect(master.urls).toEqual([set("a"), set("b"), set("a", 7)]);
  });

  it("keeps two new blobs of one name apart", async () => {
    const { append, master } = setUp([], fates("refused"));

    await append([set("a", 1), set("a", 2)]);

    expect(master.urls).toEqual([set("a", 1), set("a", 2)]);
  });

  it("does not bring a tag back that was deleted after the answer", async () => {
    const { append, master } = setUp([set("old")], {
      meanwhile: (master) => {
        if (master.sent.length === 1 && master.reads === 0) master.change(undefined);
      },
    });

    await append([set("a")], { update: true });

    expect(master.urls).toBe(undefined);
    expect(master.sent.length).toBe(1);
  });

  it("names the sets that may be in the tag when it gives up", async () => {
    const { append, master } = setUp([], { fate: ({ method }) => method === "POST" ? "late" : "answered" });

    const error = await failure(append([set("a"), set("b")]));

    expect(error).toMatchObject({ code: "unreachable", unconfirmed: [set("a"), set("b")] });
    expect(master.underWay).toBeGreaterThan(0);
  });

  it("does not repeat what was refused, which is in no tag", async () => {
    const { append, master } = setUp([], { fate: () => "refused by name" });

    const error = await failure(append([set("a")]));

    expect(error).toMatchObject({ status: 403 });
    expect(error).not.toHaveProperty("unconfirmed");
    expect(master.sent.length).toBe(1);
  });
});

/** Numbers by chance, the same for the same seed (mulberry32). */
function chances(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe("appendSets() over a network that loses, delays, repeats and reorders, beside others who append blobs of the same names", () => {
  const FATES: readonly Fate[] = ["refused", "answer lost", "late", "never ends", "503", "503, but done", "repeated"];

  /** One append under one schedule; what is wrong with what came of it. */
  async function schedule(seed: number, conditions: boolean): Promise<string[]> {
    const chance = chances(seed);
    const pick = <T>(list: readonly T[]) => list[Math.floor(chance() * list.length)] as T;
    const faults = chance() * 0.8;
    let rivals = 0;
    const acknowledged: string[][] = [];
    const { master, append, events } = setUp(pick([undefined, [], [set("a", 90)], [set("old"), set("c", 91)]]), {
      conditions,
      fate: () => chance() < faults ? pick(FATES) : "answered",
      meanwhile: (master) => {
        if (master.underWay > 0 && chance() < 0.3) master.deliver(Math.floor(chance() * master.underWay));
        if (chance() > 0.4) return;
        const rival = set(pick(["a", "b", "d"]), 100 + rivals++);
        const isUpdate = chance() < 0.3;
        master.append([rival], isUpdate);
        if (!isUpdate) acknowledged.push(rival);
      },
    });
    const before = master.urls ?? [];
    const sets = [set("a"), set("b"), set("c")].slice(0, 1 + Math.floor(chance() * 3));
    const update = chance() < 0.4;
    const count = (urls: readonly string[][] | undefined, wanted: string[]) =>
      urls?.filter((other) => other[0] === wanted[0]).length ?? 0;
    let held: string[][] | undefined;
    let unconfirmed: readonly string[][] = [];
    try {
      held = await append(sets, { update });
    } catch (error) {
      unconfirmed = (error as { unconfirmed?: string[][] }).unconfirmed ?? [];
    }
    const problems: string[] = [];
    const atEnd = master.urls;
    for (const wanted of held ?? []) if (count(atEnd, wanted) === 0) problems.push(`${wanted} is not there`);
    if (held !== undefined && !update && sets.some((own, i) => held[i]?.[0] !== own[0])) {
      problems.push("another is taken for ours");
    }
    for (const own of sets) {
      const doubled = count(atEnd, own) > 1;
      if (doubled && !events.includes("doubled") && master.sent.length === 1) {
        problems.push(`${own} is there twice at once`);
      }
      if (doubled && conditions) problems.push(`${own} is there twice in spite of its key`);
      if (held === undefined && count(atEnd, own) > 0 && !unconfirmed.some((other) => other[0] === own[0])) {
        problems.push(`${own} is there, and the error does not say that it may be`);
      }
    }
    master.deliver();
    if (conditions) {
      for (const own of sets) if (count(master.urls, own) > 1) problems.push(`${own} is there twice in the end`);
    }
    for (const other of [...before, ...acknowledged]) {
      if (count(master.urls, other) !== 1) {
        problems.push(`${other}, which others had appended, is there ${count(master.urls, other)} times`);
      }
    }
    return problems.map((problem) => `seed ${seed}: ${problem}`);
  }

  for (const conditions of [true, false]) {
    const where = conditions ? "whose master has conditions" : "whose master has none";
    it(`loses nothing and doubles nothing untold in 3,000 schedules, ${where}`, async () => {
      const problems: string[] = [];
      for (let seed = 0; seed < 3000; seed += 50) {
        const batch = Array.from({ length: 50 }, (_, i) => schedule(seed + i, conditions));
        problems.push(...(await Promise.all(batch)).flat());
      }
      expect(problems).toEqual([]);
    });
  }
});
