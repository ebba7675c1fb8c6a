import { after, describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { CommError, DDFS, type DDFSOptions, InvalidNameError, InvalidTagError, type Progress } from "../../mod.ts";
import { Tuple } from "../../lib/records/mod.ts";
import { all, failure, only } from "../helpers/fakes.ts";

/** A cluster to test against. */
export interface TestMaster {
  /** What the suite is called. */
  readonly title: string;
  /** The master's address. */
  readonly master: string;
  /** How to reach it; the runtime's fetch by default. */
  readonly fetch?: DDFSOptions["fetch"];
  /** How many nodes it has. */
  readonly nodes: number;
}

const encoder = new TextEncoder();
const text = (bytes: unknown) => new TextDecoder().decode(bytes as Uint8Array);

/** Lines that look like a log, of a given size in bytes. */
function logLines(size: number): string {
  const lines: string[] = [];
  for (let i = 0, length = 0; length < size; i++) {
    const line = `2026-11-23T10:00:00Z node-${i % 7} request ${i * 7919} took ${(i * 31) % 997} ms\n`;
    lines.push(line);
    length += line.length;
  }
  return lines.join("").slice(0, size);
}

/** Describes what the client does on any cluster. It tags under a prefix of its own, and deletes that in the end. */
export function describeClient({ title, master, fetch, nodes }: TestMaster): void {
  const prefix = `test:${crypto.randomUUID().slice(0, 8)}:`;
  const tags = new Set<string>();
  const secret = "s3cret-töken";
  const client = (options: DDFSOptions = {}) =>
    new DDFS(master, { settings: {}, ...(fetch === undefined ? {} : { fetch }), ...options });
  const ddfs = client();
  let count = 0;
  const fresh = () => {
    const tag = `${prefix}${count++}`;
    tags.add(tag);
    return tag;
  };
  const withNodes = (needed: number) => {
    if (nodes >= needed) return it;
    console.log(`Skipped on ${title}, which has ${nodes} of ${needed} nodes:`);
    return (name: string, _body: () => Promise<void>) => console.log(`  ${name}`);
  };

  describe(`a client of ${title}`, () => {
    after(async () => {
      for (const tag of tags) await client({ token: secret }).delete(tag).catch(() => ddfs.delete(tag));
    });

    describe("push() and pull()", () => {
      it("store bytes, Blobs, Files and streams under their names, and give them back", async () => {
        const tag = fresh();

        const stored = await ddfs.push(tag, [
          [encoder.encode("bytes"), "a"],
          [new Blob(["blob"]), "b"],
          new File(["file"], "notes.txt"),
          [new Blob(["stream"]).stream(), "d"],
        ]);

        expect(stored.tag).toBe(`tag://${tag}`);
        expect(stored.blobs.length).toBe(4);
        const contents: Record<string, string> = {};
        for await (const blob of ddfs.pull(tag)) contents[blob.name] = await blob.text();
        expect(contents).toEqual({ a: "bytes", b: "blob", notes_txt: "file", d: "stream" });
      });

      it("keep the sources' order, and put later pushes first", async () => {
        const tag = fresh();

        await ddfs.push(tag, [[new Blob(["1"]), "a"], [new Blob(["2"]), "b"]]);
        await ddfs.push(tag, [[new Blob(["3"]), "c"]]);

        expect((await all(ddfs.pull(tag))).map(({ name }) => name)).toEqual(["c", "a", "b"]);
      });

      it("store an empty blob, and one with every byte", async () => {
        const tag = fresh();
        const bytes = Uint8Array.from({ length: 1024 }, (_, i) => i & 255);

        await ddfs.push(tag, [[new Uint8Array(), "empty"], [bytes, "all"]]);

        const contents = new Map<string, Uint8Array>();
        for await (const blob of ddfs.pull(tag)) contents.set(blob.name, await blob.bytes());
        expect(contents.get("empty")?.length).toBe(0);
        expect(contents.get("all")).toEqual(bytes);
      });

      it("make a tag of nothing", async () => {
        const tag = fresh();

        await ddfs.push(tag, []);

        expect(await ddfs.urls(tag)).toEqual([]);
      });

      it("leave out known names with update, and keep the order", async () => {
        const tag = fresh();
        await ddfs.push(tag, [[new Blob(["old"]), "a"]]);

        await ddfs.push(tag, [[new Blob(["new"]), "a"], [new Blob(["2"]), "b"], [new Blob(["3"]), "c"]], {
          update: true,
        });

        const contents: string[] = [];
        for await (const blob of ddfs.pull(tag)) contents.push(`${blob.name} ${await blob.text()}`);
        expect(contents).toEqual(["b 2", "c 3", "a old"]);
      });

      it("append with delayed", async () => {
        const tag = fresh();

        await Promise.all(["a", "b", "c"].map((name) => ddfs.push(tag, [[new Blob([name]), name]], { delayed: true })));

        expect((await all(ddfs.pull(tag))).map(({ name }) => name).sort()).toEqual(["a", "b", "c"]);
      });

      it("tell how far they are", async () => {
        const seen: Progress[] = [];

        await ddfs.push(fresh(), [[new Blob(["12345"]), "a"]], { onProgress: (progress) => seen.push(progress) });

        expect(seen.at(-1)).toMatchObject({ bytesIn: 5, bytesOut: 5, blobs: 1, name: "a", total: 5 });
        expect(seen.at(-1)?.replicas.length).toBeGreaterThan(0);
      });

      it("refuse a bad name, and tag nothing", async () => {
        const tag = fresh();

        const error = await failure(ddfs.push(tag, [[new Blob(["1"]), "good"], [new Blob(["2"]), "b.d"]]));

        expect(error).toBeInstanceOf(InvalidNameError);
        expect(error.message).toContain('"b.d"');
        expect(await ddfs.exists(tag)).toBe(false);
      });

      it("refuse bytes without a name", async () => {
        expect(await failure(ddfs.push(fresh(), [new Uint8Array(3)]))).toBeInstanceOf(InvalidNameError);
      });

      it("refuse two sources of one name with update, which would lose one", async () => {
        const error = await failure(
          ddfs.push(fresh(), [[new Blob(["1"]), "x"], [new Blob(["2"]), "x"]], { update: true }),
        );

        expect(error.message).toContain('would both be stored as "x"');
      });

      it("tag nothing when a source fails midway, and name it", async () => {
        const tag = fresh();
        const failing = new ReadableStream<Uint8Array>({
          pull(controller) {
            controller.enqueue(encoder.encode("some"));
            controller.error(new Error("disk on fire"));
          },
        });

        const error = await failure(ddfs.push(tag, [[failing, "x"]]));

        expect([error.code, error.message]).toEqual(["source-failed", "Cannot read a stream: disk on fire"]);
        expect(await ddfs.exists(tag)).toBe(false);
      });

      withNodes(2)("write each blob to as many nodes as were asked for", async () => {
        const { blobs: [replicas = []] } = await ddfs.push(fresh(), [[new Blob(["1"]), "a"]], { replicas: 2 });

        expect(new Set(replicas.map((url) => new URL(url.replace("disco:", "http:")).hostname)).size).toBe(2);
      });

      it("say so when there are fewer nodes than replicas", async () => {
        const tag = fresh();

        expect((await failure(ddfs.push(tag, [[new Blob(["1"]), "a"]], { replicas: nodes + 1 }))).code).toBe(
          "too-few-replicas",
        );
        expect(await ddfs.exists(tag)).toBe(false);
      });
    });

    describe("chunk() and records()", () => {
      it("split a text into lines and give them back", async () => {
        const tag = fresh();

        const { blobs } = await ddfs.chunk(tag, [new File(["one\ntwo\r\n\nfour"], "lines.txt")]);

        expect(blobs.length).toBe(1);
        expect(await all(ddfs.records(`tag://${tag}`, { text: true }))).toEqual(["one\n", "two\r\n", "\n", "four"]);
        expect((await all(ddfs.pull(tag))).map(({ name }) => name)).toEqual(["lines_txt-0"]);
      });

      it("make several chunks in order, and tell how far they are", async () => {
        const tag = fresh();
        const lines = logLines(8_000_000);
        const seen: Progress[] = [];

        const { blobs } = await ddfs.chunk(tag, [[new Blob([lines]), "log"]], {
          chunkSize: 400_000,
          onProgress: (progress) => seen.push(progress),
        });

        expect(blobs.length).toBeGreaterThan(2);
        expect(blobs.map(([url = ""]) => /log-\d+/.exec(url)?.[0])).toEqual(blobs.map((_, i) => `log-${i}`));
        let back = "";
        let records = 0;
        for await (const batch of ddfs.recordBatches(tag, { text: true })) {
          records += batch.length;
          back += batch.join("");
        }
        expect(back === lines).toBe(true);
        expect(seen.at(-1)).toMatchObject({ bytesIn: lines.length, records, blobs: blobs.length, total: lines.length });
      });

      it("name unnamed sources after the tag", async () => {
        const tag = fresh();

        await ddfs.chunk(tag, [encoder.encode("a\n"), new Blob(["b\n"]).stream()]);

        expect((await all(ddfs.pull(tag))).map(({ name }) => name)).toEqual([`${tag}-0`, `${tag}:1-0`]);
      });

      it("read tags, replica lists and raw:// as sources; chunks as the records in them", async () => {
        const [first, second] = [fresh(), fresh()];
        await ddfs.chunk(first, [[new Blob(["one\ntwo\n"]), "a"]]);
        await ddfs.push(first, [[new Blob(["plain\n"]), "b"]]);

        const { blobs } = await ddfs.chunk(second, [`tag://${first}`, "raw://raw text"]);

        expect((await all(ddfs.records(second, { text: true }))).sort()).toEqual([
          "one\n",
          "plain\n",
          "raw text",
          "two\n",
        ]);
        expect(blobs.length).toBe(3);
        const [, chunk = []] = blobs;
        expect(await all(ddfs.records(chunk, { text: true }))).toEqual(["one\n", "two\n"]);
      });

      it("take a reader of one's own, and values that Python knows", async () => {
        const tag = fresh();
        const reader = async (bytes: ReadableStream<Uint8Array>) =>
          JSON.parse(await new Response(bytes as ReadableStream<Uint8Array<ArrayBuffer>>).text());

        await ddfs.chunk(tag, [[new Blob(['["a", 1, null, true]']), "json"]], {
          reader: async function* (bytes) {
            for (const value of await reader(bytes)) yield Tuple.of("key", value);
          },
        });

        expect((await all(ddfs.records(tag))).map((record) => [...record as Tuple])).toEqual([
          ["key", "a"],
          ["key", 1],
          ["key", null],
          ["key", true],
        ]);
      });

      it("write what Python 3 reads as bytes, and read it back", async () => {
        const tag = fresh();

        await ddfs.chunk(tag, [[Uint8Array.of(255, 10, 0, 128), "bytes"]], { dialect: "py3" });

        expect((await all(ddfs.records(tag))).map((record) => [...record as Uint8Array])).toEqual([[255, 10], [
          0,
          128,
        ]]);
      });

      it("make a tag without blobs of a source without records", async () => {
        const tag = fresh();

        expect((await ddfs.chunk(tag, [new Uint8Array()])).blobs).toEqual([]);
        expect(await ddfs.urls(tag)).toEqual([]);
      });

      it("tag nothing when a record is too large, and give both sizes", async () => {
        const tag = fresh();

        const error = await failure(
          ddfs.chunk(tag, [[new Blob(["short\n", "x".repeat(100) + "\n"]), "x"]], { maxRecordSize: 50 }),
        );

        expect(error.code).toBe("record-too-large");
        expect(error.message).toContain("106");
        expect(error.message).toContain("50");
        expect(await ddfs.exists(tag)).toBe(false);
      });

      it("say that a source is not there", async () => {
        const tag = fresh();
        const missing = fresh();

        expect((await failure(ddfs.chunk(tag, [`tag://${missing}`]))).message).toBe(
          `There is no tag "tag://${missing}"`,
        );
        expect((await failure(all(ddfs.records(missing)))).code).toBe("not-found");
        expect(await ddfs.exists(tag)).toBe(false);
      });

      it("say that a blob is no chunk", async () => {
        const tag = fresh();
        await ddfs.push(tag, [[Uint8Array.of(200, 1, 2, 3), "plain"]]);

        const error = await failure(all(ddfs.records(tag)));

        expect(error.code).toBe("corrupt-hunk");
        expect(error.url).toContain("plain$");
      });
    });

    describe("tags", () => {
      it("are found by name and prefix once they exist", async () => {
        const [a, b] = [fresh(), fresh()];
        expect(await ddfs.exists(a)).toBe(false);

        await ddfs.tag(a, []);
        await ddfs.tag(b, []);

        expect([await ddfs.exists(a), await ddfs.exists(`tag://${b}`)]).toEqual([true, true]);
        expect((await ddfs.list(prefix)).filter((name) => name === a || name === b).sort()).toEqual([a, b].sort());
        expect(await ddfs.list(`${prefix}none`)).toEqual([]);
      });

      it("hold URLs, newest first, and links by name", async () => {
        const tag = fresh();

        await ddfs.tag(tag, ["http://host/x", ["disco://a/1", "disco://b/1"]]);
        await ddfs.tag(tag, ["some:link", "tag://other"]);

        expect(await ddfs.urls(tag)).toEqual([["tag://some:link"], ["tag://other"], ["http://host/x"], [
          "disco://a/1",
          "disco://b/1",
        ]]);
        const { id, version, lastModified } = await ddfs.get(tag);
        expect([id.split("$")[0], version]).toEqual([tag, 1]);
        expect(lastModified).toMatch(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d$/);
      });

      it("are replaced by put()", async () => {
        const tag = fresh();
        await ddfs.tag(tag, ["http://host/x"]);

        await ddfs.put(tag, [["http://host/y"], ["http://host/z"]]);

        expect(await ddfs.urls(tag)).toEqual([["http://host/y"], ["http://host/z"]]);
      });

      it("refuse what is no URL, the empty set included, before anything is sent", async () => {
        const tag = fresh();

        for (const bad of [[[]], ["./x"], ["a b"], [""], [["http://x", "./y"]], [1], ["http://a b"]] as string[][]) {
          expect((await failure(ddfs.tag(tag, bad))).message).toContain("Invalid");
          expect((await failure(ddfs.put(tag, bad))).message).toContain("Invalid");
        }
        expect(await ddfs.exists(tag)).toBe(false);
      });

      it("are gone when deleted, and deleting twice is no error", async () => {
        const tag = fresh();
        await ddfs.tag(tag, []);

        await ddfs.delete(tag);
        await ddfs.delete(tag);

        expect(await ddfs.exists(tag)).toBe(false);
        expect(await failure(ddfs.get(tag))).toMatchObject({ status: 404, code: "not-found" });
      });

      it("refuse an invalid name in every operation", async () => {
        const bad = "bigfile.txt";

        for (
          const call of [
            ddfs.get(bad),
            ddfs.attrs(bad),
            ddfs.exists(bad),
            ddfs.urls(bad),
            ddfs.getattr(bad, "a"),
            ddfs.setattr(bad, "a", "b"),
            ddfs.delattr(bad, "a"),
            ddfs.delete(bad),
            ddfs.tag(bad, []),
            ddfs.put(bad, []),
            ddfs.push(bad, []),
            ddfs.chunk(bad, []),
            all(ddfs.blobs(bad)),
            all(ddfs.pull(bad)),
            (async () => await all(ddfs.walk(bad)))(),
            all(ddfs.records(bad)),
          ]
        ) {
          const error = await failure(call);
          expect(error).toBeInstanceOf(InvalidTagError);
          expect(error.message).toContain('"bigfile.txt"');
        }
      });
    });

    describe("attributes", () => {
      it("are set, read, overwritten and deleted", async () => {
        const tag = fresh();

        await ddfs.setattr(tag, "colour", "red");
        await ddfs.setattr(tag, "a/b é", "x\n\u0000€😀");
        expect(await ddfs.attrs(tag)).toEqual({ colour: "red", "a/b é": "x\n\u0000€😀" });

        await ddfs.setattr(tag, "colour", "");
        expect([await ddfs.getattr(tag, "colour"), await ddfs.getattr(tag, "a/b é")]).toEqual(["", "x\n\u0000€😀"]);

        await ddfs.delattr(tag, "colour");
        await ddfs.delattr(tag, "never");
        expect(Object.keys(await ddfs.attrs(tag))).toEqual(["a/b é"]);
        expect(await failure(ddfs.getattr(tag, "colour"))).toMatchObject({ status: 404 });
      });

      it("of a missing tag are an error", async () => {
        expect(await failure(ddfs.attrs(fresh()))).toBeInstanceOf(CommError);
        expect(await failure(ddfs.delattr(fresh(), "a"))).toMatchObject({ status: 404 });
      });
    });

    describe("walk(), blobs() and findtags()", () => {
      it("give parents before children, with paths, links and blobs", async () => {
        const [root, a, b] = [fresh(), fresh(), fresh()];
        await ddfs.put(root, [[`tag://${a}`], ["http://h/1"], [b]]);
        await ddfs.put(a, [["http://h/2", "http://g/2"]]);
        await ddfs.put(b, [["http://h/3"]]);

        expect(await all(ddfs.walk(root))).toEqual([
          { path: [`tag://${root}`], tags: [`tag://${a}`, `tag://${b}`], blobs: [["http://h/1"]] },
          { path: [`tag://${root}`, `tag://${a}`], tags: [], blobs: [["http://h/2", "http://g/2"]] },
          { path: [`tag://${root}`, `tag://${b}`], tags: [], blobs: [["http://h/3"]] },
        ]);
        expect(await all(ddfs.blobs(root))).toEqual([["http://h/1"], ["http://h/2", "http://g/2"], ["http://h/3"]]);
      });

      it("end on cycles, and give a shared tag once", async () => {
        const [a, b, c] = [fresh(), fresh(), fresh()];
        await ddfs.put(a, [[b], [c]]);
        await ddfs.put(b, [[c], [a], ["http://h/b"]]);
        await ddfs.put(c, [[a], ["http://h/c"]]);

        expect((await all(ddfs.walk(a))).map(({ path }) => path.at(-1))).toEqual([
          `tag://${a}`,
          `tag://${b}`,
          `tag://${c}`,
        ]);
        expect(await all(ddfs.blobs(a))).toEqual([["http://h/b"], ["http://h/c"]]);
        expect((await all(ddfs.findtags([c, b]))).length).toBe(3);
      });

      it("pass over missing tags, or not", async () => {
        const [root, missing] = [fresh(), fresh()];
        await ddfs.put(root, [[missing], ["http://h/1"]]);

        expect((await all(ddfs.walk(root))).length).toBe(1);
        expect(await failure(all(ddfs.walk(root, { ignoreMissing: false })))).toMatchObject({ status: 404 });
      });
    });

    describe("tokens", () => {
      it("given at creation guard a tag, which is still said to exist", async () => {
        const tag = fresh();
        const owner = client({ token: secret });

        await owner.push(tag, [[new Blob(["guarded"]), "a"]]);

        expect(await ddfs.exists(tag)).toBe(true);
        for (
          const call of [
            () => ddfs.get(tag),
            () => ddfs.urls(tag),
            () => all(ddfs.pull(tag)),
            () => ddfs.tag(tag, ["http://h/x"]),
            () => ddfs.delete(tag),
          ]
        ) {
          const error = await failure(call());
          expect(error).toMatchObject({ status: 401, code: "unauthorized" });
          expect(error.message).not.toContain(secret);
        }
        expect((await all(owner.pull(tag))).length).toBe(1);
        expect((await ddfs.get(tag, { token: secret })).urls.length).toBe(1);
      });

      it("are read and write apart, and can be unset", async () => {
        const tag = fresh();
        await ddfs.tag(tag, []);
        await ddfs.setattr(tag, "ddfs:write-token", secret);
        await ddfs.setattr(tag, "ddfs:read-token", "r", { token: secret });
        const owner = client({ token: { read: "r", write: secret } });

        expect(await owner.attrs(tag)).toEqual({});
        await owner.setattr(tag, "a", "b");
        expect(await failure(client({ token: "r" }).setattr(tag, "a", "c"))).toMatchObject({ status: 401 });

        await owner.delattr(tag, "ddfs:read-token");
        expect(await ddfs.attrs(tag)).toEqual({ a: "b" });
        expect(await owner.getattr(tag, "ddfs:read-token")).toBe(null);
      });
    });

    describe("a signal", () => {
      it("ends every operation with its reason", async () => {
        const tag = fresh();
        const signal = AbortSignal.abort(new Error("enough"));

        for (
          const call of [
            ddfs.get(tag, { signal }),
            ddfs.exists(tag, { signal }),
            ddfs.list("", { signal }),
            ddfs.tag(tag, [], { signal }),
            ddfs.put(tag, [], { signal }),
            ddfs.setattr(tag, "a", "b", { signal }),
            ddfs.push(tag, [[new Blob(["1"]), "a"]], { signal }),
            ddfs.chunk(tag, [[new Blob(["1"]), "a"]], { signal }),
            all(ddfs.walk(tag, { signal })),
            all(ddfs.records("raw://x", { signal })),
          ]
        ) expect((await failure(call)).message).toBe("enough");
        expect(await ddfs.exists(tag)).toBe(false);
      });

      it("cancels the caller's stream", async () => {
        const controller = new AbortController();
        let cancelled: unknown;
        const endless = new ReadableStream<Uint8Array>({
          pull(stream) {
            stream.enqueue(encoder.encode(logLines(100_000)));
            controller.abort(new Error("enough"));
          },
          cancel: (reason) => {
            cancelled = reason;
          },
        });
        const tag = fresh();

        expect((await failure(ddfs.chunk(tag, [[endless, "x"]], { signal: controller.signal }))).message).toBe(
          "enough",
        );

        expect(String(cancelled)).toContain("enough");
        expect(await ddfs.exists(tag)).toBe(false);
      });
    });

    it("reads a blob through response(), for a Worker to pass on", async () => {
      const tag = fresh();
      await ddfs.push(tag, [[new Blob(["hello"]), "a"]]);

      const response = (await only(ddfs.pull(tag))).response();

      expect([response.headers.get("content-length"), text(await response.arrayBuffer())]).toEqual(["5", "hello"]);
    });
  });
}
