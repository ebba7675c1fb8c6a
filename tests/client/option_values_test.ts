import { describe, it } from "@std/testing/bdd";
import { packTar } from "modern-tar";
import { embedded, type Store } from "../../lib/embedded/mod.ts";
import { codec } from "../../lib/codec/mod.ts";
import { chunks, dumps, recordBatches } from "../../lib/records/mod.ts";
import { blobName, DDFS, jobBlob, jobTag, resolveUrl, safeName } from "../../mod.ts";
import { tarBlobs } from "../../lib/sources/tar_blobs.ts";
import { all } from "../helpers/bytes.ts";
import { loads } from "../../lib/records/mod.ts";
import { expect } from "../helpers/expect.ts";
import { rejectionOf } from "../helpers/thrown.ts";

const cluster = embedded();
const client = (options: object = {}) => new DDFS(cluster.master, { fetch: cluster.fetch, settings: {}, ...options });
const text = new Blob(["one\n"]);

/** Functions that take an option, given as the test has it. */
const CALLS: Record<string, (options: object) => Promise<unknown>> = {
  get: (options) => client().get("x", options),
  walk: (options) => all(client().walk("x", options)),
  pull: (options) => all(client().pull("x", undefined, options)),
  records: (options) => all(client().records(text, options)),
  push: (options) => client().push("x", [[text, "n"]], options),
  chunk: (options) => client().chunk("x", [[text, "n"]], options),
  verify: (options) => all(client().verify("x", options)),
  gc: (options) => client().gc(options),
  tag: (options) => client().tag("x", ["y"], options),
  client: (options) => client(options).get("x"),
  "chunks()": async (options) => await all(chunks(text, options)),
  "recordBatches()": async (options) => await all(recordBatches(text, options)),
  "dumps()": async (options) => await Promise.resolve(dumps("", options)),
};

/** The options, by kinds of wrong values. */
const WRONG: readonly (readonly [call: string, name: string, ...values: readonly unknown[]])[] = [
  ["get", "signal", null, "x", {}, new AbortController()],
  ["chunks()", "signal", 5],
  ["recordBatches()", "signal", 5],
  ["get", "retry", null, 5, "x", { trys: 3 }],
  ["client", "retry", 5, { trys: 3 }],
  ["walk", "ignoreMissing", null, "false", 0],
  ["walk", "onMissing", null, true, "x"],
  ["walk", "tagPath", null, 5, "x", {}],
  ["records", "text", "false", 1],
  ["records", "ignoreCorrupt", "false", 1],
  ["records", "decompress", "false", 1],
  ["records", "onCorrupt", {}],
  ["records", "onProgress", true],
  ["records", "reader", null, "x", {}],
  ["records", "maxHunkSize", Symbol("s"), 10n, Object.create(null)],
  ["push", "update", "false", 1, null],
  ["push", "delayed", "false", 1],
  ["push", "onProgress", true],
  ["push", "resume", null, 5, {}, [null], [{ source: 0, stored: 5 }]],
  ["push", "forceOn", Object.create(null)],
  ["chunk", "dialect", "py4", null, 3],
  ["chunk", "compress", "false", 0],
  ["chunk", "reader", null, "x"],
  ["chunks()", "dialect", "python3"],
  ["dumps()", "dialect", "python3"],
  ["verify", "onProgress", 1],
  ["gc", "onProgress", 1],
  ["tag", "update", 1],
  ["client", "fetch", "x"],
  ["client", "onEvent", 5],
  ["client", "onOperation", 5],
  ["client", "random", 5],
  ["client", "clock", null, 5, {}],
  ["client", "proxy", Symbol("s"), 5, {}],
  ["client", "settings", null, 5, "x"],
];

describe("the value of an option", () => {
  for (const [call, name, ...values] of WRONG) {
    it(`is checked, and its name told: ${name} of ${call}`, async () => {
      for (const value of values) {
        const error = await rejectionOf(Promise.resolve().then(() => CALLS[call]?.({ [name]: value })));
        const { code, message } = error as { code?: string; message: string };
        expect([String(code).startsWith("invalid-"), message]).toEqual([true, expect.stringContaining(name)]);
      }
    });
  }
});

describe("the answer of a function", () => {
  const promised = () => Promise.resolve(false);

  it("that chooses is no promise, which would choose everything", async () => {
    const ddfs = client();
    await ddfs.push("data:chosen", [[text, "n"]]);
    const calls: Record<string, () => Promise<unknown>> = {
      filter: () => all(ddfs.pull("data:chosen", promised as unknown as () => boolean)),
      include: async () => {
        const archive = await packTar([{ header: { name: "a", size: 1 }, body: "x" }]);
        await all(tarBlobs(archive, { include: promised as unknown as () => boolean }));
      },
    };
    for (const [name, call] of Object.entries(calls)) {
      expect(await rejectionOf(call())).toMatchObject({
        code: "invalid-argument",
        message: `Invalid answer of ${name} [object Promise]: it is needed at once: give a function that is not async`,
      });
    }
  });

  it("that gives a record's text, or opens a store, is what it says", async () => {
    const list: unknown = () => Promise.resolve("x");
    const options = { textOf: list as () => string };
    await client().chunk("data:values", [[text, "n"]], { reader: () => [1, 2] });
    expect(await rejectionOf(all(client().grep("tag://data:values", "x", options)))).toMatchObject({
      code: "invalid-argument",
      message: expect.stringMatching(/^Invalid answer of textOf /),
    });
    const noStore: unknown = () => Promise.resolve(undefined);
    const { ready } = embedded({ store: noStore as () => Promise<Store> });
    expect(await rejectionOf(ready())).toMatchObject({
      code: "invalid-argument",
      message: "Invalid result of store() undefined: it must open a store, and give it",
    });
  });
});

describe("an argument", () => {
  const wrong = <T>(value: unknown) => value as T;

  it("of another type is refused with words", async () => {
    const calls: (() => unknown)[] = [
      () => new DDFS(wrong(Symbol("s"))),
      () => new DDFS(wrong({})),
      () => resolveUrl(wrong(5)),
      () => codec(wrong("zlib")),
      ...(["wasm", "js"] as const).flatMap((name) => [
        () => codec(name).deflate(wrong("x")),
        () => codec(name).inflate(wrong(null)),
        () => codec(name).crc32(wrong(5)),
      ]),
      () => loads(wrong(-1)),
      () => loads(wrong("x")),
      () => safeName(wrong(5)),
      () => blobName(wrong(undefined)),
      () => jobTag(wrong({})),
      () => jobBlob("job", wrong(5)),
      () => all(client().findtags(wrong("x"))),
      () => client().open(wrong(5)),
      () => all(client().pull("x", wrong("*.gz"))),
      () => all(client().records(text, { reader: wrong(() => 5) })),
      () => all(client().records(text, { reader: wrong(() => Promise.resolve([1])) })),
      () => client().chunk("x", [[text, "n"]], { reader: wrong(() => undefined) }),
    ];
    for (const call of calls) {
      const error = await rejectionOf(Promise.resolve().then(call));
      expect([String(call), (error as { code?: string }).code]).toEqual([
        String(call),
        expect.stringMatching(/^invalid-(argument|url)$/),
      ]);
    }
  });
});
