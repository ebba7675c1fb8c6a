import { describe, it } from "@std/testing/bdd";
import { type ObjectEngine, s3Objects, type S3ObjectsOptions } from "@ddfs/client/s3";
import { expect } from "../helpers/expect.ts";
import { REAL_S3, type RealS3 } from "./real_s3.ts";

if (REAL_S3 === undefined) console.log("SKIPPED: s3Objects() on a real store; `deno task test:bucket` runs it");
else describeEngine(REAL_S3);

function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function describeEngine({ endpoints, bucket, credentials }: RealS3): void {
  /** An engine in a folder of its own. */
  const engineOf = (options: Partial<S3ObjectsOptions> = {}): ObjectEngine =>
    s3Objects({ endpoint: endpoints[0], bucket, prefix: `s3-test/${crypto.randomUUID()}`, credentials, ...options });
  const textOf = async (engine: ObjectEngine, key: string, range?: { start: number; end: number }) => {
    const found = await engine.get(key, { range });
    return found && [found.size, await new Response(found.stream).text()];
  };
  const found = async (engine: ObjectEngine, key: string) => {
    const object = await engine.get(key);
    if (object === undefined) throw new Error(`${key} is not there`);
    return object;
  };
  const keysOf = async (engine: ObjectEngine, prefix: string, after?: string) =>
    (await Array.fromAsync(engine.list({ prefix, after }))).map(({ key }) => key);
  /** Bytes in odd pieces, each of which has its place in it. */
  const streamOf = (size: number) => {
    let at = 0;
    return new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        const piece = new Uint8Array(Math.min(size - at, 100_003)).fill(at >> 10);
        if (piece.length === 0) return controller.close();
        controller.enqueue(piece);
        at += piece.length;
      },
    });
  };
  const digestOf = async (stream: ReadableStream<Uint8Array<ArrayBuffer>>) =>
    new Uint8Array(await crypto.subtle.digest("SHA-256", await new Response(stream).arrayBuffer())).toHex();

  describe("s3Objects() on a real store", () => {
    it("gives an object back, with its size, its time, its ETag and its metadata", async () => {
      const engine = engineOf();
      const before = Date.now() - 2000;
      const stored = await engine.put("blob/00/log$1", bytes("0123456789"), { metadata: { nonce: "a b", "x-y": "~" } });

      const { stream, ...head } = await found(engine, "blob/00/log$1");
      expect(await new Response(stream).text()).toBe("0123456789");
      expect(stored).toEqual({ etag: head.etag });
      expect([head.size, head.metadata]).toEqual([10, { nonce: "a b", "x-y": "~" }]);
      expect(head.modified).toBeGreaterThan(before);
      expect(await engine.head("blob/00/log$1")).toEqual(head);
    });

    it("gives nothing for an object that is not there", async () => {
      const engine = engineOf();

      expect([await engine.get("none"), await engine.head("none")]).toEqual([undefined, undefined]);
      expect(await engine.get("none", { range: { start: 1, end: 1 } })).toBe(undefined);
      await engine.delete("none");
      expect(await keysOf(engine, "")).toEqual([]);
    });

    it("gives the part that is asked for, and nothing of what lies beyond the end", async () => {
      const engine = engineOf();
      await engine.put("a", bytes("0123456789"));
      await engine.put("empty", bytes(""));

      expect(await textOf(engine, "a", { start: 3, end: 5 })).toEqual([10, "34"]);
      expect(await textOf(engine, "a", { start: 8, end: 100 })).toEqual([10, "89"]);
      expect(await textOf(engine, "a", { start: 10, end: 20 })).toEqual([10, ""]);
      expect(await textOf(engine, "a", { start: 4, end: 4 })).toEqual([10, ""]);
      expect(await textOf(engine, "a", { start: 0, end: Number.MAX_SAFE_INTEGER })).toEqual([10, "0123456789"]);
      expect(await textOf(engine, "a", { start: 9, end: Infinity })).toEqual([10, "9"]);
      expect(await textOf(engine, "empty", { start: 0, end: 5 })).toEqual([0, ""]);
      expect(await textOf(engine, "empty")).toEqual([0, ""]);
    });

    it("replaces a version only where that is still there, in whichever form the store wants its ETag", async () => {
      const engine = engineOf();
      const first = await engine.put("tag/a", bytes("1"), { ifNoneMatch: "*" });
      if (first === "lost") throw new Error("it was there");

      expect(await engine.put("tag/a", bytes("other"), { ifNoneMatch: "*" })).toBe("lost");
      const second = await engine.put("tag/a", bytes("2"), { ifMatch: first.etag });
      expect(second).not.toBe("lost");
      expect(await engine.put("tag/a", bytes("3"), { ifMatch: first.etag })).toBe("lost");
      expect(await engine.put("tag/none", bytes("3"), { ifMatch: first.etag })).toBe("lost");
      expect(await textOf(engine, "tag/a")).toEqual([1, "2"]);
      expect(await keysOf(engine, "")).toEqual(["tag/a"]);
    });

    it("has one winner of forty over two gateways", async () => {
      const prefix = `s3-test/${crypto.randomUUID()}`;
      const engines = endpoints.map((endpoint) => engineOf({ endpoint, prefix }));
      const [engine] = engines as [ObjectEngine];
      const first = await engine.put("tag/a", bytes("first"));
      const ifMatch = first === "lost" ? "" : first.etag;
      const outcomes = await Promise.all(Array.from({ length: 40 }, async (_, i) => {
        const { [i % engines.length]: one = engine } = engines;
        // A lost race may be answered by 500: nothing was applied then.
        const put = await one.put("tag/a", bytes(`${i}`), { ifMatch }).catch(({ status }: { status?: number }) =>
          status
        );
        return typeof put === "object" ? `won ${i}` : put;
      }));

      const winners = outcomes.filter((outcome) => String(outcome).startsWith("won"));
      expect(winners.length).toBe(1);
      expect(outcomes.filter((outcome) => ![...winners, "lost", 500].includes(outcome ?? ""))).toEqual([]);
      expect(await new Response((await engine.get("tag/a"))?.stream).text()).toBe(
        String(winners[0]).slice("won ".length),
      );
    });

    it("signs keys of any characters, and lists them as they are", async () => {
      const engine = engineOf();
      const keys = [
        ...["tag/a$1-2-3", "tag/a:b", "tag/a+b", "tag/a%20b", "tag/a b", "tag/a~b", "tag/a@b", "tag/ä€😀", "tag/a&b=c"],
        ...[
          "tag/a?b#c",
          "tag/(a)'!*",
          'tag/"<a>"',
          "tag/a;b,c",
          "tag/a\\b",
          "tag/[a]{b}|^`",
          "tag/a//b",
          "tag/%",
          "tag/a/",
        ],
      ];
      for (const key of keys) await engine.put(key, bytes(key));

      for (const key of keys) expect([key, await textOf(engine, key)]).toEqual([key, [bytes(key).length, key]]);
      expect((await keysOf(engine, "tag/")).sort()).toEqual([...keys].sort());
      expect(await keysOf(engine, "tag/a+")).toEqual(["tag/a+b"]);
      expect(await keysOf(engine, "tag/a%")).toEqual(["tag/a%20b"]);
      for (const key of keys) await engine.delete(key);
      expect(await keysOf(engine, "")).toEqual([]);
    });

    it("lists more than a page, by key, from after one, with sizes and times", async () => {
      const engine = engineOf();
      const keys = Array.from({ length: 2100 }, (_, i) => `tag/${String(i).padStart(5, "0")}`);
      for (let i = 0; i < keys.length; i += 100) {
        await Promise.all(keys.slice(i, i + 100).map((key) => engine.put(key, bytes("12"))));
      }
      await engine.put("other", bytes(""));

      expect(await keysOf(engine, "tag/")).toEqual(keys);
      expect(await keysOf(engine, "tag/", "tag/00999")).toEqual(keys.slice(1000));
      expect(await keysOf(engine, "tag/", "tag/02099")).toEqual([]);
      const [first] = await Array.fromAsync(engine.list({ prefix: "tag/00001" }));
      expect([first?.size, Math.abs(Date.now() - (first?.modified ?? 0)) < 600_000]).toEqual([2, true]);
    });

    it("stores a stream of a known size, longer than a part or not", async () => {
      const engine = engineOf();
      for (const size of [0, 1, 5_000_000, 8 * 2 ** 20, 8 * 2 ** 20 + 1, 40_000_000]) {
        await engine.put(`blob/${size}`, { stream: streamOf(size), size }, {
          ifNoneMatch: "*",
          metadata: { size: `${size}` },
        });

        const { stream, ...head } = await found(engine, `blob/${size}`);
        expect([head.size, head.metadata]).toEqual([size, { size: `${size}` }]);
        expect(await digestOf(stream)).toBe(await digestOf(streamOf(size)));
        expect(await engine.put(`blob/${size}`, { stream: streamOf(size), size }, { ifNoneMatch: "*" })).toBe("lost");
      }
    });

    it("stores nothing of a stream that is shorter or longer than announced", async () => {
      const engine = engineOf();
      for (
        const [announced, size] of [[10, 9], [10, 11], [20_000_000, 19_000_000], [20_000_000, 21_000_000]] as const
      ) {
        await expect(engine.put("a", { stream: streamOf(size), size: announced })).rejects.toThrow(/announced/);
      }
      expect(await keysOf(engine, "")).toEqual([]);
    });

    it("shows nothing of an object of parts before it is completed, or when it is given up", async () => {
      const engine = engineOf();
      const part = new Uint8Array(5 * 2 ** 20).fill(7);
      const upload = await engine.multipart?.("blob/a", { metadata: { a: "b" } });
      const parts = await Promise.all([upload?.part(1, part), upload?.part(2, bytes("end"))]);

      expect(await engine.head("blob/a")).toBe(undefined);
      expect(await keysOf(engine, "")).toEqual([]);
      await upload?.complete(parts.map((part) => part ?? ""));
      const head = await engine.head("blob/a");
      expect([head?.size, head?.metadata]).toEqual([part.length + 3, { a: "b" }]);
      expect(await textOf(engine, "blob/a", { start: part.length, end: part.length + 9 })).toEqual([head?.size, "end"]);

      const other = await engine.multipart?.("blob/b");
      await other?.part(1, part);
      await other?.abort();
      expect(await engine.head("blob/b")).toBe(undefined);
      // AWS: NoSuchUpload; Ceph: 500, "already in progress".
      await expect(other?.complete(parts.map((part) => part ?? ""))).rejects.toThrow(/blob\/b/);
      expect(await engine.head("blob/b")).toBe(undefined);
    });

    it("gives a URL by which anybody reads an object, or a part of it", async () => {
      const engine = engineOf();
      await engine.put("blob/a+b $1", bytes("0123456789"));
      const url = await engine.link?.("blob/a+b $1", 60) ?? "";

      expect(await (await fetch(url)).text()).toBe("0123456789");
      expect(await (await fetch(url, { headers: { range: "bytes=2-3" } })).text()).toBe("23");
      const forged = await fetch(url.replace("a%2Bb", "other"));
      await forged.body?.cancel();
      expect(forged.status).toBe(403);
    });

    it("names a bucket that is missing, and keys that are refused", async () => {
      const failure = async (options: Partial<S3ObjectsOptions>) => {
        const engine = engineOf({ prefix: "p", ...options });
        const failures = [];
        for (const ask of [() => engine.get("a"), () => engine.put("a", bytes("")), () => keysOf(engine, "")]) {
          failures.push(await ask().then(() => "none", ({ code, message }) => [code, message].join(" ")));
        }
        return failures.join("\n");
      };
      const wrong = { ...credentials, secretAccessKey: "not the secret one" };

      expect(await failure({ bucket: "missing" })).toMatch(
        /^(?:not-found s3:\/\/missing\/p at http:.*NoSuchBucket.*: make the bucket.*\n?){3}$/,
      );
      expect(await failure({ credentials: wrong })).toMatch(
        /^(?:unauthorized .*SignatureDoesNotMatch.*: check the secret key.*\n?){3}$/,
      );
      expect(await failure({ credentials: wrong })).not.toMatch(/not the secret one/);
      expect(await failure({ credentials: { ...credentials, accessKeyId: "NOBODY" } })).toMatch(
        /^(?:unauthorized .*InvalidAccessKeyId.*: check the access key.*\n?){3}$/,
      );
    });
  });
}
