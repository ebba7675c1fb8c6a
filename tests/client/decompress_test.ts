import { describe, it } from "@std/testing/bdd";
import { embedded } from "../../lib/embedded/mod.ts";
import { DDFS, type DDFSEvent } from "../../mod.ts";
import { expect } from "../helpers/expect.ts";
import { all, failure } from "../helpers/fakes.ts";

async function gzipped(text: string): Promise<Blob> {
  return await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).blob();
}

function client() {
  const { fetch, master } = embedded();
  const events: DDFSEvent[] = [];
  const ddfs = new DDFS(master, { fetch, settings: {}, onEvent: (event) => events.push(event) });
  return { ddfs, events };
}

const text = "one\ntwo\n".repeat(20_000);
const reader = async function* (stream: ReadableStream<Uint8Array>) {
  yield await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text();
};

describe("gzip", () => {
  it("is decompressed by chunk() and records() where that is wanted, whatever else is given with it", async () => {
    const { ddfs, events } = client();
    const options = { decompress: true };

    await ddfs.chunk("data:x", [await gzipped(text), new Blob(["three\n"])], options);
    await ddfs.push("data:pushed", [[await gzipped(text), "log-gz"]]);

    const lines = await all(ddfs.records("data:x", { text: true }));
    expect([lines.length, lines.at(-1)]).toEqual([40_001, "three\n"]);
    expect(await all(ddfs.records("data:pushed", { ...options, reader }))).toEqual([text]);
    expect(events).toEqual([]);
  });

  it("is known in however small parts it comes", async () => {
    const { ddfs, events } = client();
    const bytes = new Uint8Array(await (await gzipped("one\ntwo\n")).arrayBuffer());
    const parts = (size: number) =>
      new ReadableStream<Uint8Array>({
        start(controller) {
          for (let at = 0; at < bytes.length; at += size) controller.enqueue(bytes.slice(at, at + size));
          controller.close();
        },
      });

    for (const size of [1, 2, 3]) {
      await ddfs.chunk(`data:${size}`, [[parts(size), "log"]], { decompress: true });
      expect([size, ...await all(ddfs.records(`data:${size}`, { text: true }))]).toEqual([size, "one\n", "two\n"]);
    }
    await ddfs.chunk("data:as_it_is", [[parts(1), "log"]]);
    expect(events.map(({ type }) => type)).toEqual(["hint"]);
  });

  it("of a chunk is read as the chunk", async () => {
    const { ddfs } = client();
    await ddfs.chunk("data:x", [new Blob([text])]);
    const [chunk] = await all(ddfs.pull("data:x"));
    const body = await chunk?.bytes() ?? new Uint8Array();
    const zipped = await new Response(new Blob([body]).stream().pipeThrough(new CompressionStream("gzip"))).blob();

    expect((await all(ddfs.records(zipped, { decompress: true }))).length).toBe(40_000);
  });

  it("of several members, one after the other, is read whole", async () => {
    const { ddfs } = client();
    const two = new Blob([await gzipped("one\n"), await gzipped("two\n")]);

    await ddfs.chunk("data:x", [two], { decompress: true });

    expect(await all(ddfs.records("data:x", { text: true }))).toEqual(["one\n", "two\n"]);
  });

  it("that is cut short or damaged is an error that names it", async () => {
    const { ddfs } = client();
    const whole = await gzipped(text);
    const damaged = new Uint8Array(await whole.arrayBuffer());
    damaged[damaged.length - 8] = (damaged.at(-8) ?? 0) ^ 1;

    for (const source of [whole.slice(0, whole.size - 20), new Blob([damaged])]) {
      const error = await failure(ddfs.chunk("data:x", [[new File([source], "log.gz"), "x"]], { decompress: true }));
      expect([error.code, error.url]).toEqual(["source-failed", "log.gz"]);
    }
    expect(await ddfs.exists("data:x")).toBe(false);
  });

  it("is read as it is otherwise, and an event names the option", async () => {
    const { ddfs, events } = client();

    await ddfs.chunk("data:x", [[new File([await gzipped("one\n")], "log.gz"), "x"]]);

    expect(events.map(({ type, url }) => [type, url])).toEqual([["hint", "log.gz"]]);
    expect((events[0]?.cause as Error).message).toContain("decompress: true");
  });

  it("that is read as a chunk is an error that names the option", async () => {
    const { ddfs } = client();

    const error = await failure(all(ddfs.records(await gzipped(text))));

    expect([error.code, error.message.includes("decompress: true")]).toEqual(["corrupt-hunk", true]);
  });
});

describe("records() of a text that is no chunk", () => {
  it("says so, and what reads it", async () => {
    const { ddfs } = client();
    await ddfs.push("data:x", [[new Blob(["a text\n"]), "x"]]);

    const error = await failure(all(ddfs.records("data:x")));

    expect(error.message).toContain("is no chunk: a text, or a blob of push(), is read with a reader, or by pull()");
  });

  it("says so, too, of a log that begins with a digit, as pairs of the old format do", async () => {
    const { ddfs } = client();
    for (const text of ["10.0.0.1 GET /\n", "2026-12-01 begun\n", "1 a\n"]) {
      const error = await failure(all(ddfs.records(new Blob([text]))));

      expect([error.code, error.message]).toEqual(["corrupt-hunk", expect.stringContaining("is read with a reader")]);
    }
  });

  it("does not say so of a chunk of the old format that is damaged further on", async () => {
    const { ddfs } = client();

    const error = await failure(all(ddfs.records(new Blob(["1 a 1 b\n", "1 a x"]))));

    expect(error.message).toMatch(/no length where one is due$/);
  });
});

describe("onProgress", () => {
  for (const how of ["push", "chunk"] as const) {
    it(`that throws ends ${how}() with its own error, and nothing is tagged`, async () => {
      const { ddfs } = client();
      const error = new Error("mine");
      const onProgress = () => {
        throw error;
      };

      for (const source of [new Blob([text]), new Blob([text]).stream()]) {
        expect(await failure(ddfs[how]("data:x", [[source, "x"]], { onProgress }))).toBe(error);
      }
      expect(await ddfs.exists("data:x")).toBe(false);
    });
  }

  it("of chunk() tells records hunk by hunk", async () => {
    const { ddfs } = client();
    const counts: number[] = [];
    const line = `${"x".repeat(999)}\n`;

    await ddfs.chunk("data:x", [new Blob([line.repeat(5000)])], {
      workers: 0,
      onProgress: ({ records }) => counts.push(records),
    });

    expect(new Set(counts).size).toBeGreaterThan(4);
    expect(counts.at(-1)).toBe(5000);
  });
});
