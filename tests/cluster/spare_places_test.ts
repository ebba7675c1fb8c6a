import { describe, it } from "@std/testing/bdd";
import { DDFS } from "../../mod.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { expect } from "../helpers/expect.ts";
import { all, idleClock } from "../helpers/fakes.ts";

/** A DDFS whose answers may be changed on their way; notes what it was asked. */
function setUp(change: (answer: Response, request: Request) => Response | undefined = () => undefined, nodes = 1) {
  const store = embedded({ nodes: Array.from({ length: nodes }, (_, i) => `node${i + 1}`) });
  const asked: string[] = [];
  const clock = { ...idleClock(), time: 0, now: () => clock.time };
  const ddfs = new DDFS("disco://node1", {
    ...{ settings: {}, random: () => 0.5, clock },
    fetch: async (request) => {
      const answer = await store.fetch(request);
      const { pathname } = new URL(request.url);
      if (pathname.startsWith("/ddfs/new_blob/")) asked.push(pathname.slice("/ddfs/new_blob/".length));
      return change(answer, request) ?? answer;
    },
  });
  return { ddfs, asked, clock };
}

const named = (count: number, size = 0): [Blob, string][] =>
  Array.from({ length: count }, (_, i) => [new Blob([`line ${i}\n`, new Uint8Array(size)]), `blob${i}`]);
const texts = async (ddfs: DDFS) => await Promise.all((await all(ddfs.pull("data:x"))).map((blob) => blob.text()));
const lines = (count: number) => Array.from({ length: count }, (_, i) => `line ${i}\n`);

describe("places of small blobs", () => {
  for (const operation of ["push", "chunk"] as const) {
    it(`are asked for once for up to sixteen blobs of ${operation}(), where the master gives no stamp twice`, async () => {
      const { ddfs, asked } = setUp();

      await ddfs[operation]("data:x", named(300));

      expect((await ddfs.urls("data:x")).length).toBe(300);
      // One for each that is under way at first, and for what they leave.
      expect(asked.length).toBeLessThanOrEqual(40);
      expect(asked.length).toBeGreaterThanOrEqual(300 / 16);
    });
  }

  it("have other URLs under one stamp, with the blobs that belong there", async () => {
    const { ddfs } = setUp();

    const { blobs } = await ddfs.push("data:x", named(60));

    const objects = blobs.map(([url = ""]) => url.replace(/^.*\//, ""));
    expect(objects.map((object) => object.replace(/\$.*/, ""))).toEqual(named(60).map(([, name]) => name));
    expect(new Set(objects.map((object) => object.replace(/.*\$/, ""))).size).toBeLessThan(40);
    expect(await texts(ddfs)).toEqual(lines(60));
  });

  it("are asked for again for a blob of the same name", async () => {
    const { ddfs, asked } = setUp();

    await ddfs.push("data:x", named(40).map(([blob]) => [blob, "same"]));

    expect(asked.length).toBe(40);
    expect((await texts(ddfs)).sort()).toEqual(lines(40).sort());
  });

  it("are asked for each blob where the master does not say that, as Disco's does not", async () => {
    const { ddfs, asked } = setUp(({ body, status, headers }) => {
      const others = new Headers(headers);
      others.delete("ddfs-stamps");
      return new Response(body, { status, headers: others });
    });

    await ddfs.push("data:x", named(40));

    expect(asked.length).toBe(40);
  });

  it("are asked for each large blob, so that nodes get their parts", async () => {
    const { ddfs, asked } = setUp();

    await ddfs.push("data:x", named(9, 1 << 20));

    expect(asked.length).toBe(9);
  });

  it("are used for some seconds", async () => {
    let seconds = 0;
    const { ddfs, asked, clock } = setUp((_, { method }) => void (method === "PUT" && (clock.time += seconds * 1000)));
    const asks = async (between: number) => {
      seconds = between;
      asked.length = 0;
      // One after the other: of one source, each chunk waits for the last.
      const source = new Blob(Array.from({ length: 4 }, (_, i) => `${i}${"x".repeat(1 << 20)}\n`));
      const { blobs } = await ddfs.chunk("data:x", [source], { chunkSize: 1, maxRecordSize: 2 << 20 });
      return [blobs.length, asked.length];
    };

    expect([await asks(0), await asks(10)]).toEqual([[4, 1], [4, 4]]);
  });

  it("are left where a node refuses a blob: it is placed anew", async () => {
    let failed = "";
    const { ddfs } = setUp((_, { url, method }) => {
      const { hostname } = new URL(url);
      if (method !== "PUT" || (failed !== "" && failed !== hostname)) return undefined;
      failed = hostname;
      return new Response("Write failed", { status: 500 });
    }, 2);

    const { blobs } = await ddfs.push("data:x", named(60));

    expect(blobs.flat().filter((url) => url.startsWith(`disco://${failed}`))).toEqual([]);
    expect(await texts(ddfs)).toEqual(lines(60));
  });

  it("are spread over all nodes", async () => {
    const { ddfs } = setUp(undefined, 2);

    const { blobs } = await ddfs.push("data:x", named(200), { replicas: 2 });

    expect(blobs.every((replicas) => new Set(replicas.map((url) => new URL(url).host)).size === 2)).toBe(true);
    expect(new Set(blobs.map((replicas) => replicas.map((url) => url.replace(/.*\//, ""))).flat()).size).toBe(200);
  });
});
