import { describe, it } from "@std/testing/bdd";
import { readingThreads } from "../../lib/client/client_pool.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { type Columns, DDFS, type DDFSEvent, type DDFSOptions, type Progress, type Value } from "../../mod.ts";
import { all, bytesOf, joined } from "../helpers/bytes.ts";
import { expect } from "../helpers/expect.ts";
import { changed, closing, hunk, line, starts, three } from "../helpers/record_samples.ts";
import { dumps } from "../../lib/records/mod.ts";
import { compressedHunk } from "../helpers/hunks.ts";
import { rejectionOf } from "../helpers/thrown.ts";

function client(options: DDFSOptions = {}): DDFS {
  const { fetch, master } = embedded();
  return new DDFS(master, { fetch, settings: {}, ...options });
}

const options = { workers: 0 };
const LINES = "GET /a\nPOST /b\nGET /é\n";

async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<Value> {
  const text = await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text();
  yield* text.match(/.*\n/g)?.map((line) => bytesOf(line)) ?? [];
}

describe("DDFS.recordColumns()", () => {
  it("reads the chunks of a tag, a hunk at a time", async () => {
    const ddfs = client();
    await ddfs.chunk("data:lines", [[new Blob([LINES]), "a"], [new Blob(["one\n"]), "b"]], options);

    const bytes = await all(ddfs.recordColumns("tag://data:lines", options));
    const texts = await all(ddfs.recordColumns("tag://data:lines", { ...options, text: true }));

    expect(bytes).toEqual([
      { kind: "bytes", bytes: bytesOf(LINES), offsets: Int32Array.of(0, 7, 15, 23) },
      { kind: "bytes", bytes: bytesOf("one\n"), offsets: Int32Array.of(0, 4) },
    ]);
    expect(texts).toEqual([
      { kind: "text", text: LINES, offsets: Int32Array.of(0, 7, 15, 22) },
      { kind: "text", text: "one\n", offsets: Int32Array.of(0, 4) },
    ]);
  });

  it("counts records in its progress, of columns and values", async () => {
    const seen: Progress[] = [];
    const chunk = joined([hunk(0), compressedHunk(joined([line("a"), dumps(1), dumps(2)])), closing]);

    await all(client().recordColumns(chunk, { ...options, onProgress: (progress) => seen.push(progress) }));

    expect(seen.at(-1)?.records).toBe(5);
  });

  it("gives what a reader finds as columns, and as values where not all are bytes", async () => {
    const reader = async function* (stream: ReadableStream<Uint8Array>) {
      for await (const value of lines(stream)) yield value instanceof Uint8Array ? value.length : value;
    };

    const columns = await all(client().recordColumns(new Blob([LINES]), { ...options, reader: lines, text: true }));
    const values = await all(client().recordColumns(new Blob([LINES]), { ...options, reader }));

    expect(columns).toEqual([{ kind: "text", text: LINES, offsets: Int32Array.of(0, 7, 15, 22) }]);
    expect(values).toEqual([{ kind: "values", values: [7, 8, 8] }]);
  });

  it("reads a corrupt hunk from another replica, and gives no hunk twice", async () => {
    const events: DDFSEvent[] = [];
    const bad = changed(three, (starts[1] ?? 0) + 20);
    const ddfs = client({
      fetch: (request) => Promise.resolve(new Response(new URL(request.url).hostname === "a" ? bad : three)),
      onEvent: (event) => events.push(event),
    });
    const found: Columns[] = await all(ddfs.recordColumns(["http://a/x", "http://b/x"], { ...options, text: true }));

    expect(found.map((columns) => columns.kind === "text" && columns.text))
      .toEqual(["0a\n0b\n", "1a\n1b\n", "2a\n2b\n"]);
    expect(events.map(({ type }) => type)).toContain("failover");
  });

  it("leaves out a hunk that is corrupt in every replica, where that is wanted", async () => {
    const bad = changed(three, (starts[1] ?? 0) + 20);

    const found = await all(client().recordColumns(bad, { ...options, ignoreCorrupt: true }));
    const error = await rejectionOf(all(client().recordColumns(bad, options)));

    expect(found.length).toBe(2);
    expect(error).toMatchObject({ code: "corrupt-hunk" });
  });

  it("refuses wrong options by name", async () => {
    const wrong: [object, string][] = [
      [{ texts: true }, '"texts"'],
      [{ workers: -1 }, "workers -1"],
      [{ maxHunkSize: 2 ** 31 }, "maxHunkSize 2147483648"],
    ];
    for (const [options, named] of wrong) {
      const error = await rejectionOf(all(client().recordColumns(three, options)));
      expect(error).toMatchObject({ code: "invalid-argument", message: expect.stringContaining(named) });
    }
  });
});

describe("DDFS.grep()", () => {
  it("gives the records that a text or an expression fits, a list for each hunk that has some", async () => {
    const ddfs = client();
    await ddfs.chunk("data:lines", [[new Blob([LINES]), "a"], [new Blob(["POST /c\n"]), "b"]], options);
    const found = (pattern: string | RegExp, invert = false) =>
      all(ddfs.grep("tag://data:lines", pattern, { threads: 0, text: true, invert }));

    expect(await found("POST")).toEqual([["POST /b\n"], ["POST /c\n"]]);
    expect(await found(/^GET .$|é$/)).toEqual([["GET /é\n"]]);
    expect(await found("GET", true)).toEqual([["POST /b\n"], ["POST /c\n"]]);
    expect(await found("PUT")).toEqual([]);
    expect(await all(ddfs.grep("tag://data:lines", "é", { threads: 0 }))).toEqual([[bytesOf("GET /é\n")]]);
  });

  it("takes the number of its threads by either name", async () => {
    for (const options of [{ workers: 0 }, { threads: 0 }, { workers: 0, threads: 1 }]) {
      expect(await all(client().grep(new Blob([LINES]), "/b", { reader: lines, ...options }))).toHaveLength(1);
    }
  });

  it("searches what a reader finds, and values by their texts", async () => {
    const chunk = joined([compressedHunk(joined([line("a"), dumps(12), dumps(3)])), closing]);
    const textOf = (value: Value) => String(value);

    expect(await all(client().grep(new Blob([LINES]), "/b", { threads: 0, reader: lines, text: true })))
      .toEqual([["POST /b\n"]]);
    expect(await all(client().grep(chunk, /^\d\d$/, { threads: 0, textOf }))).toEqual([[12]]);
    expect(await all(client().grep(chunk, /^\d\d$/, { threads: 0 }))).toEqual([]);
  });

  it("refuses wrong patterns and options by name", async () => {
    const wrong: [unknown, object, string][] = [
      [7, {}, "pattern 7"],
      ["a", { threads: 1.5 }, "threads 1.5"],
      ["a", { workers: -1 }, "workers -1"],
      ["a", { worker: 1 }, '"worker"'],
      ["a", { maxHunkSize: 2 ** 31 }, "maxHunkSize 2147483648"],
    ];
    for (const [pattern, options, named] of wrong) {
      const error = await rejectionOf(all(client().grep(three, pattern as string, options)));
      expect(error).toMatchObject({ code: "invalid-argument", message: expect.stringContaining(named) });
    }
  });

  it("tells its name, and the tag, to onOperation", async () => {
    const told: unknown[] = [];
    const ddfs = client({ onOperation: ({ name, tag }) => void told.push([name, tag]) });

    await rejectionOf(all(ddfs.grep("tag://data:none", "a")));
    await rejectionOf(all(ddfs.recordColumns("tag://data:none")));

    expect(told).toEqual([["grep", "tag://data:none"], ["recordColumns", "tag://data:none"]]);
  });
});

describe("recordBatches() and records() with a reader", () => {
  it("give byte strings as text where that is wanted, and other values as they are", async () => {
    const reader = async function* (stream: ReadableStream<Uint8Array>) {
      yield* lines(stream);
      yield 7;
    };
    const expected = [...LINES.match(/.*\n/g) ?? [], 7];

    const batches = await all(client().recordBatches(new Blob([LINES]), { ...options, reader, text: true }));

    expect(batches.flat()).toEqual(expected);
    expect(await all(client().records(new Blob([LINES]), { ...options, reader, text: true }))).toEqual(expected);
  });
});

describe("the threads that read by default", () => {
  it("are one less than there are cores, at most four", () => {
    expect([1, 2, 3, 4, 5, 8, 64].map((cores) => readingThreads(cores))).toEqual([0, 1, 2, 3, 4, 4, 4]);
  });
});
