import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { describe, it } from "@std/testing/bdd";
import { DDFS, type DiscoError, type Progress } from "../../mod.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { expect } from "../helpers/expect.ts";
import { all, idleClock } from "../helpers/fakes.ts";

const MIB = 1 << 20;

/** A DDFS of two nodes that answers a PUT after `before`, and knows how many were under way at a time. Like real ones, they do not keep connections. */
function setUp(before: (name: string, request: Request) => unknown = () => {}, isKept = false) {
  const store = embedded({ nodes: ["node1", "node2"] });
  const counts = { most: 0, underWay: 0, puts: 0 };
  const ddfs = new DDFS("disco://node1", {
    ...{ settings: {}, random: () => 0.5, clock: idleClock() },
    fetch: async (request) => {
      if (request.method !== "PUT") {
        const answer = await store.fetch(request);
        if (!isKept) answer.headers.delete("ddfs-connections");
        return answer;
      }
      counts.puts++;
      counts.most = Math.max(counts.most, ++counts.underWay);
      try {
        const name = new URL(request.url).pathname.replace(/^.*\/|\$.*$/g, "");
        const answer = await before(name, request);
        return answer instanceof Response ? answer : await store.fetch(request);
      } finally {
        counts.underWay--;
      }
    },
  });
  return { ddfs, counts };
}

const named = (count: number, size = 0): [Blob, string][] =>
  Array.from({ length: count }, (_, i) => [new Blob([`line ${i}\n`, new Uint8Array(size)]), `blob${i}`]);
const texts = async (ddfs: DDFS, tag: string) =>
  await Promise.all((await all(ddfs.pull(tag))).map((blob) => blob.text()));
const lines = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}\n`);
/** Lets what is under way go on. */
const later = () => new Promise((resolve) => setTimeout(resolve, 0));
/** Lets the first PUT wait for a second one, or for a second. */
function besideAnother(): () => Promise<void> {
  let arrived = 0;
  let go = () => {};
  const both = new Promise<void>((resolve) => go = resolve);
  return async () => {
    if (++arrived === 2) go();
    const timer = setTimeout(go, 1000);
    await both;
    clearTimeout(timer);
  };
}

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(`${tmpdir()}/ddfs-many-`);
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe("many small blobs", () => {
  it("are sent by push() five at a time, and stand in the tag in the order of the files", async () => {
    const { ddfs, counts } = setUp((name) => name === "blob3" ? later() : undefined);

    const { blobs } = await ddfs.push("data:x", named(20));

    expect(await texts(ddfs, "data:x")).toEqual(lines(20));
    expect(blobs.map(([url = ""]) => url.replace(/^.*\/|\$.*$/g, ""))).toEqual(named(20).map(([, name]) => name));
    expect(counts.most).toBe(5);
  });

  it("are sent by chunk() five at a time, and stand in the tag in the order of the sources", async () => {
    const { ddfs, counts } = setUp((name) => name === "blob3-0" ? later().then(later) : later());

    await ddfs.chunk("data:x", named(20));

    expect(await all(ddfs.records("tag://data:x", { text: true }))).toEqual(lines(20));
    expect(counts.most).toBe(5);
  });

  for (const operation of ["push", "chunk"] as const) {
    it(`are sent by ${operation}() fifteen at a time to servers that keep connections, which a real node does not`, async () => {
      const { ddfs, counts } = setUp(() => later().then(later), true);

      await ddfs[operation]("data:x", named(150));

      expect((await ddfs.urls("data:x")).length).toBe(150);
      expect(counts.most).toBe(15);
    });
  }

  for (const isKept of [false, true]) {
    it(`are all that is sent more of: larger files go three at a time${isKept ? " there, too" : ""}`, async () => {
      const { ddfs, counts } = setUp(later, isKept);

      await ddfs.push("data:x", named(8, MIB));

      expect(counts.most).toBe(3);
    });
  }

  it("are told one chunk after the other where they are of one source, so that a call can go on after any", async () => {
    const sources = [0, 1, 2].map((source): [Blob, string] => [
      new Blob(Array.from({ length: 3 }, (_, i) => `${source}:${i} ${"x".repeat(MIB)}\n`)),
      `source${source}`,
    ]);
    const { ddfs, counts } = setUp(besideAnother());
    const told: Progress[] = [];

    await ddfs.chunk("data:x", sources, {
      ...{ chunkSize: 1, maxRecordSize: 2 * MIB, compress: false },
      onProgress: (progress) => void (progress.source !== undefined && told.push(progress)),
    });

    for (const source of [0, 1, 2]) {
      const offsets = told.filter((one) => one.source === source).map(({ offset }) => offset);
      expect(offsets).toEqual([1, 2, 3].map((n) => n * (MIB + 5)));
    }
    expect(counts.most).toBeGreaterThan(1);
  });

  for (const operation of ["push", "chunk"] as const) {
    it(`of ${operation}() are named when one fails, and no more are sent`, async () => {
      const { ddfs, counts } = setUp((name) =>
        name.startsWith("blob7") ? new Response("full", { status: 413 }) : later()
      );

      const error: DiscoError = await ddfs[operation]("data:x", named(100)).then(() => undefined, (error) => error);

      expect(error.message).toContain("blob7");
      expect(error.leftBehind?.length).toBeGreaterThanOrEqual(3);
      expect(counts.puts).toBeLessThan(20);
      expect(await ddfs.exists("data:x")).toBe(false);
    });

    it(`of ${operation}() are no longer sent once the signal is aborted`, async () => {
      const abort = new AbortController();
      const { ddfs, counts } = setUp((name) => name.startsWith("blob7") ? abort.abort(new Error("enough")) : later());

      const error = await ddfs[operation]("data:x", named(100), { signal: abort.signal }).catch((e) => e);
      const { puts } = counts;
      await later();

      expect(error.message).toBe("enough");
      expect(counts.puts).toBe(puts);
      expect(puts).toBeLessThan(20);
    });

    it(`of ${operation}() are counted one by one`, async () => {
      const { ddfs } = setUp();
      const counted: number[] = [];

      await ddfs[operation]("data:x", named(12), {
        onProgress: ({ blobs, source }) => void (source !== undefined && counted.push(blobs)),
      });

      expect(counted).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
    });
  }
});

describe("a small file", () => {
  it("is read once by push(): its replicas are the same, though it changes while it is sent", async () => {
    await inFolder(async (folder) => {
      const path = `${folder}/file`;
      await writeFile(path, "before");
      const sent: string[] = [];
      const { ddfs } = setUp(async (_, request) => {
        sent.push(await request.clone().text());
        await writeFile(path, "after!");
      });

      await ddfs.push("data:x", [path], { replicas: 2 });

      expect(sent).toEqual(["before", "before"]);
    });
  });

  it("that shrinks before its turn is an error that names it", async () => {
    await inFolder(async (folder) => {
      const path = `${folder}/file`;
      await writeFile(path, "content");
      const { ddfs } = setUp((name) => name === "blob0" ? writeFile(path, "") : later());

      const error = await ddfs.push("data:x", [...named(5), path]).catch((error) => error);

      expect([error.code, error.url]).toEqual(["source-failed", path]);
    });
  });
});
