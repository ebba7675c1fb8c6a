import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { DDFS, type Progress, type ReplicaReport, type Replicas } from "../../mod.ts";
import { all, failure } from "../helpers/fakes.ts";

type Change = (body: Uint8Array<ArrayBuffer>) => Response | Promise<Response>;

/** Three nodes with a tag of one blob, and a way to spoil what a node answers for it. */
async function cluster(content: string | Blob, kind: "chunk" | "push" = "chunk") {
  const store = embedded({ nodes: ["a", "b", "c"], replicas: 3 });
  const spoiled = new Map<string, Change>();
  const answers: ((request: Request) => Promise<void> | void)[] = [];
  const ddfs = new DDFS(store.master, {
    settings: {},
    random: () => 0,
    fetch: async (request) => {
      for (const answer of answers) await answer(request);
      const response = await store.fetch(request);
      const change = request.method === "GET" ? spoiled.get(request.url) : undefined;
      return change === undefined ? response : await change(new Uint8Array(await response.arrayBuffer()));
    },
  });
  const blob = typeof content === "string" ? new Blob([content]) : content;
  const { blobs } = kind === "chunk"
    ? await ddfs.chunk("x", [blob], { workers: 0 })
    : await ddfs.push("x", [[blob, "file"]]);
  const replicas = (blobs[0] as Replicas).toSorted();
  const spoil = (place: number, change: Change) =>
    spoiled.set((replicas[place] as string).replace(/^disco:\/\/(\w+)/, "http://$1:8989"), change);
  const states = (reports: ReplicaReport[]) =>
    reports.toSorted((one, other) => one.url < other.url ? -1 : 1).map(({ state }) => state);
  return { store, ddfs, replicas, spoil, states, answers };
}

const flipped = (at: number): Change => (body) => {
  body[at] = (body[at] ?? 0) ^ 1;
  return new Response(body);
};
const gone: Change = () => new Response("Object Not Found", { status: 404 });
const LINES = Array.from({ length: 1000 }, (_, i) => `line ${i}\n`).join("");

describe("verify()", () => {
  it("finds every replica good, with its size", async () => {
    const { ddfs, replicas } = await cluster(LINES);

    const reports = await all(ddfs.verify("x"));

    expect(reports.map(({ url }) => url).toSorted()).toEqual(replicas);
    for (const report of reports) {
      expect(report).toMatchObject({ tag: "tag://x", state: "good", size: reports[0]?.size });
    }
  });

  it("says in which bytes a chunk is corrupt", async () => {
    const { ddfs, spoil, states, replicas } = await cluster(LINES);
    spoil(1, flipped(100));

    const reports = await all(ddfs.verify("x"));

    expect(states(reports)).toEqual(["good", "corrupt", "good"]);
    const report = reports.find(({ url }) => url === replicas[1]);
    expect(report?.range?.[0]).toBe(0);
    expect(report?.error?.code).toBe("corrupt-hunk");
  });

  it("tells what is missing from what cannot be reached", async () => {
    const { ddfs, spoil, states } = await cluster(LINES);
    spoil(0, gone);
    spoil(2, () => Promise.reject(new TypeError("connection refused")));

    expect(states(await all(ddfs.verify("x")))).toEqual(["missing", "good", "unreachable"]);
  });

  it("finds the one that differs from the others in a blob that is no chunk", async () => {
    const { ddfs, spoil, states } = await cluster("some text", "push");
    spoil(2, flipped(3));

    expect(states(await all(ddfs.verify("x")))).toEqual(["good", "good", "differs"]);
  });

  it("calls none good when there is no majority", async () => {
    const { ddfs, spoil, states } = await cluster("some text", "push");
    spoil(0, gone);
    spoil(1, () => new Response("some tex"));

    const reports = await all(ddfs.verify("x", { repair: true }));

    expect(states(reports)).toEqual(["missing", "differs", "differs"]);
    expect(reports.some(({ repaired }) => repaired !== undefined)).toBe(false);
  });

  it("tells how far it is", async () => {
    const { ddfs } = await cluster(LINES);
    const seen: Progress[] = [];

    const reports = await all(ddfs.verify("x", { onProgress: (progress) => seen.push(progress) }));

    const bytes = reports.reduce((sum, { size }) => sum + (size ?? 0), 0);
    expect(seen.at(-1)).toMatchObject({ bytesIn: bytes, blobs: 1, name: reports[0]?.blob });
  });

  it("writes nothing unless it is told to", async () => {
    const { ddfs, spoil, answers } = await cluster(LINES);
    spoil(1, gone);
    const methods = new Set<string>();
    answers.push(({ method }) => void methods.add(method));

    await all(ddfs.verify("x"));

    expect([...methods]).toEqual(["GET"]);
  });
});

describe("verify() with repair", () => {
  for (const [what, change] of Object.entries({ missing: gone, corrupt: flipped(100) })) {
    it(`writes a blob with a ${what} replica anew, in its old place in the tag`, async () => {
      const { ddfs, spoil, replicas } = await cluster(LINES);
      await ddfs.tag("x", [["disco://a/ddfs/vol0/blob/00/newer$1-2-3"]]);
      spoil(1, change);

      const reports = await all(ddfs.verify("x", { repair: true }));

      const own = reports.filter(({ url }) => replicas.includes(url));
      const repaired = own[0]?.repaired ?? [];
      expect(repaired.length).toBe(3);
      expect((await ddfs.urls("x")).slice(1)).toEqual([repaired]);
      expect((await all(ddfs.records(repaired, { text: true }))).join("")).toBe(LINES);
      const states = (await all(ddfs.verify("x"))).map(({ state }) => state);
      expect(states.filter((state) => state === "good").length).toBe(3);
    });
  }

  it("keeps what others append while it reads and writes", async () => {
    const { ddfs, store, spoil, answers } = await cluster(LINES);
    const other = new DDFS(store.master, { settings: {}, fetch: (request) => store.fetch(request) });
    spoil(1, gone);
    let appended = 0;
    answers.push(async ({ method, url }) => {
      if (method === "PUT" && !url.includes("/tag/")) await other.tag("x", [`tag://other${appended++}`]);
    });

    await all(ddfs.verify("x", { repair: true }));

    const links = (await ddfs.urls("x")).filter(([url]) => url?.startsWith("tag://"));
    expect(links.length).toBe(appended);
    expect(appended).toBe(3);
  });

  it("reads the tag again when the answer of its replacement is lost", async () => {
    const { ddfs, store, spoil, answers, replicas } = await cluster(LINES);
    const other = new DDFS(store.master, { settings: {}, fetch: (request) => store.fetch(request) });
    spoil(1, gone);
    let lost = false;
    answers.push(async (request) => {
      if (request.method !== "PUT" || !request.url.includes("/tag/") || lost) return;
      lost = true;
      await store.fetch(request);
      await other.tag("x", ["tag://other"]);
      throw new TypeError("connection reset");
    });

    await all(ddfs.verify("x", { repair: true }));

    const urls = await ddfs.urls("x");
    expect(urls[0]).toEqual(["tag://other"]);
    expect(urls.length).toBe(2);
    expect(urls.flat().some((url) => replicas.includes(url))).toBe(false);
  });

  it("says why a blob could not be repaired", async () => {
    const { ddfs, spoil, answers, replicas } = await cluster(LINES);
    spoil(1, gone);
    answers.push(({ method, url }) => {
      if (method === "PUT" && !url.includes("/tag/")) throw new TypeError("disk full");
    });

    const reports = await all(ddfs.verify("x", { repair: true }));

    const [missing] = reports.filter(({ state }) => state === "missing");
    expect(missing).toMatchObject({ url: replicas[1], error: { code: "too-few-replicas" } });
    expect(reports.filter(({ error }) => error !== undefined)).toEqual([missing]);
  });

  it("leaves a blob alone of which a replica is only out of reach", async () => {
    const { ddfs, spoil, replicas } = await cluster(LINES);
    spoil(1, () => Promise.reject(new TypeError("connection refused")));

    const reports = await all(ddfs.verify("x", { repair: true }));

    expect(reports.every(({ repaired }) => repaired === undefined)).toBe(true);
    expect((await ddfs.urls("x"))[0]?.toSorted()).toEqual(replicas);
  });
});

describe("verify() with repair, where the master has no conditions", () => {
  /** The same cluster behind a master that gives no versions and takes no conditions, as Disco's. */
  async function plainCluster(content: string) {
    const made = await cluster(content);
    const { store } = made;
    const others: (() => Promise<unknown>)[] = [];
    const spoiled = new Set<string>();
    const ddfs = new DDFS(store.master, {
      settings: {},
      random: () => 0,
      fetch: async (request) => {
        if (spoiled.has(request.url)) return new Response("Object Not Found", { status: 404 });
        const headers = new Headers(request.headers);
        for (const name of ["if-match", "if-none-match"]) headers.delete(name);
        const isTag = request.url.includes("/ddfs/tag/");
        const answer = await store.fetch(isTag ? new Request(request, { headers }) : request);
        if (isTag) answer.headers.delete("etag");
        if (isTag && request.method === "GET") await others.shift()?.();
        return answer;
      },
    });
    spoiled.add((made.replicas[1] as string).replace(/^disco:\/\/(\w+)/, "http://$1:8989"));
    const rival = new DDFS(store.master, { settings: {}, fetch: (request) => store.fetch(request) });
    return { ...made, ddfs, rival, others };
  }

  it("is refused before anything is written, and says how it is asked for", async () => {
    const { ddfs, replicas } = await plainCluster(LINES);

    const error = await failure(all(ddfs.verify("x", { repair: true })));

    expect(error).toMatchObject({ code: "unsupported" });
    expect(error.message).toContain('repair: "unconditional"');
    expect((await ddfs.urls("x"))[0]?.toSorted()).toEqual(replicas);
  });

  it("replaces the set in its place when that is asked for", async () => {
    const { ddfs, replicas, rival } = await plainCluster(LINES);
    await rival.tag("x", ["tag://newer"]);

    const reports = await all(ddfs.verify("x", { repair: "unconditional" }));

    const repaired = reports.find(({ repaired }) => repaired !== undefined)?.repaired;
    expect(await ddfs.urls("x")).toEqual([["tag://newer"], repaired]);
    expect(repaired?.some((url) => replicas.includes(url))).toBe(false);
  });

  it("keeps what others append between its reads", async () => {
    const { ddfs, rival, others } = await plainCluster(LINES);
    for (let i = 0; i < 4; i++) others.push(() => rival.tag("x", [`tag://other${i}`]));

    await all(ddfs.verify("x", { repair: "unconditional" }));

    const links = (await ddfs.urls("x")).filter(([url]) => url?.startsWith("tag://"));
    expect(links.length).toBe(4);
    expect((await ddfs.urls("x")).length).toBe(5);
  });
});

describe("verify() with repair, beside others", () => {
  it("does not bring back a tag that was deleted, and tells what it leaves behind", async () => {
    const { store, ddfs, spoil, answers } = await cluster(LINES);
    const other = new DDFS(store.master, { settings: {}, fetch: (request) => store.fetch(request) });
    spoil(1, gone);
    answers.push(async ({ method, url }) => {
      if (method === "PUT" && url.includes("/ddfs/tag/")) await other.delete("x");
    });

    await all(ddfs.verify("x", { repair: true }));

    expect(await other.exists("x")).toBe(false);
  });

  it("loses no append of many, and repairs all the same", async () => {
    const { store, ddfs, spoil, replicas } = await cluster(LINES);
    const other = new DDFS(store.master, { settings: {}, fetch: (request) => store.fetch(request) });
    spoil(1, gone);
    let isOver = false;
    let appended = 0;
    const appending = (async () => {
      while (!isOver) {
        await other.tag("x", [`tag://other${appended++}`]);
        await new Promise((resolve) => setTimeout(resolve, appended % 4));
      }
    })();

    for (let round = 0; round < 5; round++) await all(ddfs.verify("x", { repair: true }));
    isOver = true;
    await appending;

    const urls = await ddfs.urls("x");
    expect(urls.filter(([url]) => url?.startsWith("tag://")).length).toBe(appended);
    expect(urls.flat().some((url) => replicas.includes(url))).toBe(false);
  });
});
