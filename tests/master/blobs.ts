import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { InvalidNameError, type Progress } from "../../mod.ts";
import { Tuple } from "../../lib/records/mod.ts";
import { all, failure, only } from "../helpers/fakes.ts";
import { logLines, type TestClients } from "./clients.ts";

const encoder = new TextEncoder();
const text = (bytes: unknown) => new TextDecoder().decode(bytes as Uint8Array);

/** Describes what is stored and read: blobs, chunks and records. */
export function describeBlobs({ title, nodes, ddfs, fresh }: TestClients): void {
  const withNodes = (needed: number) => {
    if (nodes >= needed) return it;
    console.log(`Skipped on ${title}, which has ${nodes} of ${needed} nodes:`);
    return (name: string, _body: () => Promise<void>) => console.log(`  ${name}`);
  };

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
      const error = await failure(ddfs.push(fresh(), [[new Blob(["1"]), "good"], new Uint8Array(3)]));

      expect(error).toBeInstanceOf(InvalidNameError);
      expect(error.message).toBe('sources[1], 3 bytes, has no name of its own: write [source, "name"]');
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

  it("reads a blob through response(), for a Worker to pass on", async () => {
    const tag = fresh();
    await ddfs.push(tag, [[new Blob(["hello"]), "a"]]);

    const response = (await only(ddfs.pull(tag))).response();

    expect([response.headers.get("content-length"), text(await response.arrayBuffer())]).toEqual(["5", "hello"]);
  });
}
