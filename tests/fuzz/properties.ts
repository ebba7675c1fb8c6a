import fc from "fast-check";
import { clusterOf } from "../../lib/cluster/cluster.ts";
import { DiscoError } from "../../lib/errors.ts";
import {
  blobName,
  canonizeTag,
  checkAttributeName,
  checkBlobName,
  checkPrefix,
  isTag,
  parseTag,
  relativizeTag,
  safeName,
} from "../../lib/names.ts";
import { chunks, dumps, loads, records } from "../../lib/records/mod.ts";
import { hostOf, parseMaster, parseProxy, proxied, resolveUrl } from "../../lib/urls.ts";
import { DDFS } from "../../mod.ts";
import { all } from "../helpers/fakes.ts";
import { must, same } from "../helpers/must.ts";

/** Something that must hold for any input: no crash, no hang, no error but typed ones. */
export interface Property {
  readonly name: string;
  /** How many of a hundred cases are for it. */
  readonly share: number;
  /** Tries so many cases. */
  run(cases: number, seed: number): Promise<void>;
}

/** What a function gives; nothing when it ends in a typed error, which tells its name and no token. */
function typed<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    checkTyped(error);
    return undefined;
  }
}

function checkTyped(error: unknown): void {
  if (!(error instanceof DiscoError)) throw error;
  must(error.code.length > 0, "an error has a code");
  must(error.message.length < 5000, "a message is short");
}

const hostile = fc.constantFrom(
  ..."/\\@:?#$%&= \t\r\n\0.-[]é\u202e😀".split(""),
  "..",
  "%2e",
  "://",
  "\r\nx: y",
  "tag://",
);
const text = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.array(fc.oneof(hostile, fc.string({ maxLength: 6 })), { maxLength: 8 }).map((parts) => parts.join("")),
);
const scheme = fc.constantFrom("tag://", "disco://", "http://", "https://", "file://", "dir://", "raw://", "");
const host = fc.oneof(fc.constantFrom("a", "a:1", "[::1]", "[::1]:80", "t@a", "u:t@a:9", "127.0.0.1", "a:99999"), text);
const url = fc.tuple(scheme, host, fc.constantFrom("/", ""), text).map((parts) => parts.join(""));

function names(input: string, other: string, anything: unknown): void {
  for (const check of [parseTag, canonizeTag, checkAttributeName, checkBlobName, checkPrefix]) {
    typed(() => (check as (value: unknown) => unknown)(anything));
  }
  const cluster = clusterOf("disco://m", { settings: {} });
  const parts = typed(() => parseTag(input));
  isTag(input);
  blobName(input);
  if (parts !== undefined) {
    same(canonizeTag(canonizeTag(input)), canonizeTag(input));
    const asked = typed(() => new URL(cluster.tagUrl(parts, other === "" ? undefined : checkAttributeName(other))));
    if (asked !== undefined) {
      must(asked.pathname.startsWith(`/ddfs/tag/${parts.name}`), "a tag is in its place in the path");
      same([asked.username, asked.password, asked.search, asked.hash], ["", "", "", ""]);
    }
    typed(() => relativizeTag(other, input));
  }
  const name = safeName(input);
  same(name.length, input.length);
  if (name !== "" && name !== "-" && name.length < 512) same(parseTag(name).name, name);
}

function urls(input: string, other: string): void {
  const resolved = typed(() => resolveUrl(input));
  if (resolved !== undefined) {
    must(/^https?:$/.test(new URL(resolved).protocol), "a URL that is fetched is http or https");
    same(new URL(resolved).username, "");
    const proxy = typed(() => parseProxy(other));
    if (proxy !== undefined) new URL(proxied(resolved, "GET", proxy, false));
  }
  hostOf(input);
  const master = typed(() => parseMaster(input));
  if (master !== undefined) typed(() => new URL(`${master.base}/ddfs/tags`));
}

const answer = fc.oneof(
  fc.json({ maxDepth: 4 }),
  text,
  fc.record({
    version: fc.anything(),
    id: fc.oneof(text, fc.anything()),
    "last-modified": fc.oneof(text, fc.anything()),
    urls: fc.oneof(fc.array(fc.array(url)), fc.anything()),
    "user-data": fc.oneof(fc.dictionary(text, text), fc.anything()),
  }).map((tag) => JSON.stringify(tag, (_, value) => typeof value === "bigint" ? String(value) : value) ?? ""),
  fc.array(url).map((list) => JSON.stringify(list)),
);

/** Every operation, on a cluster that answers the same nonsense to everything. */
async function answers(body: string, status: number, operation: number): Promise<void> {
  const fetch = () => Promise.resolve(new Response(body, { status }));
  const ddfs = new DDFS("disco://m", {
    settings: {},
    fetch,
    retry: { tries: 1 },
    hedgeAfter: 0,
    clock: NO_CLOCK,
    token: "s3cret",
  });
  const operations = [
    () => ddfs.get("x"),
    () => ddfs.list(),
    () => ddfs.exists("x"),
    () => ddfs.getattr("x", "a"),
    () => all(first(ddfs.walk("x", { ignoreMissing: false }))),
    () => all(first(ddfs.pull("x"))),
    () => all(first(ddfs.records("tag://x", { workers: 0 }))),
    () => ddfs.push("x", [[new Blob(["1"]), "n"]]),
    () => all(first(ddfs.verify("x"))),
  ];
  try {
    await operations[operation % operations.length]?.();
  } catch (error) {
    checkTyped(error);
    must(!String(error).includes("s3cret"), "no error has a token in it");
  }
}

const NO_CLOCK = { now: () => 0, after: () => () => {} };

/** A few items are enough: a tag can link on for ever. */
async function* first<T>(items: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  let count = 0;
  for await (const item of items) {
    yield item;
    if (++count === 3) return;
  }
}

const opcodes = fc.constantFrom(..."(.0123IJKMNRSTUVX]abcdeghijlpqrstu}\x80\x81\x85\x86\x87\x88\x89\x8a\x8b".split(""));
const value = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.uint8Array({ maxLength: 20 }),
    fc.string({ maxLength: 20 }),
    fc.double(),
    fc.maxSafeInteger(),
    fc.bigInt(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value"), { maxLength: 4 }),
  ),
})).value as fc.Arbitrary<Parameters<typeof dumps>[0]>;

interface Mutation {
  readonly at: number;
  readonly byte: number;
  readonly cut: boolean;
}
const mutations = fc.array(fc.record({ at: fc.nat(1 << 16), byte: fc.nat(255), cut: fc.boolean() }), { maxLength: 4 });

function mutated(bytes: Uint8Array<ArrayBuffer>, changes: readonly Mutation[]): Uint8Array<ArrayBuffer> {
  let result = bytes.slice();
  for (const { at, byte, cut } of changes) {
    if (result.length === 0) break;
    const place = at % result.length;
    if (cut && byte < 64) result = result.slice(0, place);
    else result[place] = byte;
  }
  return result;
}

const pickle = fc.oneof(
  fc.uint8Array({ maxLength: 60 }).map((bytes) => bytes.slice()),
  fc.array(fc.oneof(opcodes, fc.constantFrom("0", "1", "\n", "\0", "\xff", "-")), { maxLength: 40 })
    .map((parts) => Uint8Array.from(parts.join(""), (character) => character.charCodeAt(0))),
  fc.tuple(value, mutations).map(([value, changes]) => mutated(dumps(value), changes)),
);

/** Whole chunks to be spoilt: stored and compressed, large and small. */
async function someChunks(): Promise<Uint8Array<ArrayBuffer>[]> {
  const lines = new Blob([Array.from({ length: 200 }, (_, i) => `line ${i}\n`).join("")]);
  const list: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of chunks(lines, { workers: 0 })) list.push(chunk as Uint8Array<ArrayBuffer>);
  for await (const chunk of chunks(new Blob([""]), { workers: 0 })) list.push(chunk as Uint8Array<ArrayBuffer>);
  return [...list, new TextEncoder().encode("3 key 5 value\n0  0 \n")];
}

async function hunks(bytes: Uint8Array<ArrayBuffer>, ignoreCorrupt: boolean): Promise<void> {
  try {
    await all(records(bytes, { workers: 0, maxHunkSize: 1 << 20, ignoreCorrupt }));
  } catch (error) {
    checkTyped(error);
  }
}

/** All properties. */
export const PROPERTIES: readonly Property[] = [
  {
    name: "names",
    share: 25,
    run: async (numRuns, seed) =>
      await Promise.resolve(fc.assert(fc.property(fc.oneof(url, text), text, fc.anything(), names), { numRuns, seed })),
  },
  {
    name: "URLs",
    share: 25,
    run: async (numRuns, seed) =>
      await Promise.resolve(fc.assert(fc.property(fc.oneof(url, text), url, urls), { numRuns, seed })),
  },
  {
    name: "JSON answers",
    share: 10,
    run: async (numRuns, seed) => {
      const status = fc.constantFrom(200, 200, 200, 201, 206, 400, 401, 403, 404, 500, 503);
      await fc.assert(fc.asyncProperty(answer, status, fc.nat(8), answers), { numRuns, seed });
    },
  },
  {
    name: "pickles",
    share: 30,
    run: async (numRuns, seed) =>
      await Promise.resolve(
        fc.assert(fc.property(pickle, (bytes) => void typed(() => loads(bytes))), { numRuns, seed }),
      ),
  },
  {
    name: "hunks",
    share: 10,
    run: async (numRuns, seed) => {
      const whole = fc.constantFrom(...await someChunks());
      const spoilt = fc.oneof(
        fc.tuple(whole, mutations).map(([chunk, changes]) => mutated(chunk, changes)),
        fc.uint8Array({ maxLength: 80 }).map((bytes) => Uint8Array.of(0x81, ...bytes)),
      );
      await fc.assert(fc.asyncProperty(spoilt, fc.boolean(), hunks), { numRuns, seed });
    },
  },
];
