import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { type Embedded, embedded, type EmbeddedOptions } from "@ddfs/client/embedded";
import { inFolder, MASTER, said, stored, toTag, urlsOf } from "../helpers/embedded_stores.ts";
import { expect } from "../helpers/expect.ts";

const SECRET = "SECRET-TOKEN";

/** Some of this and some of that, as whoever looks for holes writes it. */
const odd = fc.oneof(
  fc.constantFrom(
    "",
    "%",
    "%00",
    "%2e%2e%2f",
    "..",
    "../..",
    "%ff",
    "+",
    "$",
    "a$1",
    "$1-2-3",
    "a$1-2-3-4-5-6",
    "+deleted",
  ),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "ddfs:urls",
    "ddfs:read-token",
    "ddfs:x",
    "vol0",
    "blob",
    "tag",
    "0c",
    "NaN",
  ),
  fc.constantFrom("x".repeat(300), "a:b:c", "log$703-51719-576dd", "%F0%9F%98%80", "\\", ";", "*", "~", "-1", "1e99"),
  fc.string({ maxLength: 12 }).map((text) =>
    encodeURIComponent(text.toWellFormed?.() ?? text.replace(/[\ud800-\udfff]/g, ""))
  ),
);

const query = fc.oneof(
  { weight: 2, arbitrary: fc.constant("") },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom("update", "delayed", "replicas", "include", "exclude", "x"), odd)
      .map(([name, value]) => `?${name}=${value}`),
  },
);
const name = fc.oneof({ weight: 3, arbitrary: fc.constantFrom("data", "t", "a:b") }, { weight: 1, arbitrary: odd });
const tag = fc.tuple(fc.constant("/ddfs/tag/"), name, fc.oneof(fc.constant(""), odd.map((part) => `/${part}`)), query);
const blob = fc.tuple(
  fc.constantFrom(
    "/ddfs/new_blob/",
    "/ddfs/",
    "/ddfs/vol0/blob/0c/",
    "/ddfs/vol0/blob/",
    "/ddfs/vol0/tag/",
    "/ddfs/tags/",
  ),
  fc.oneof(
    fc.constantFrom("log$703-51719-576dd", "log"),
    fc.array(odd, { maxLength: 3 }).map((parts) => parts.join("/")),
  ),
  query,
);

const control = fc.constantFrom(
  ...["blacklist", "whitelist", "gc_blacklist", "gc_whitelist", "nodeinfo", "get_blacklist"].map((call) =>
    `/disco/ctrl/${call}`
  ),
  ...["hosted_tags", "gc_start", "gc_status", "gc_stats", "safe_gc_blacklist"].map((call) => `/ddfs/ctrl/${call}`),
  ...[
    "/",
    "/disco/version",
    "/proxy/a/PUT/ddfs/log$1-2-3",
    "/proxy/%00/GET/ddfs/tags",
    "/proxy/b/x/ddfs/tag/t",
    "//",
    "/ddfs",
  ],
);

const header = fc.oneof(
  fc.tuple(
    fc.constantFrom("Range", "If-Range"),
    fc.oneof(
      fc.constantFrom(
        "bytes=",
        "bytes=-",
        "bytes=0-",
        "bytes=9-1",
        "bytes=-0",
        "bytes=a-b",
        "bytes=1-99999999999999999999",
        "x=1-2",
      ),
      fc.array(fc.tuple(fc.nat(50), fc.nat(50)).map(([a, b]) => `${a}-${b}`), { maxLength: 300 }).map((all) =>
        `bytes=${all.join(",")}`
      ),
    ),
  ),
  fc.tuple(
    fc.constantFrom("If-Match", "If-None-Match"),
    fc.constantFrom("*", '"x"', "W/", '"', ",,,", '"a","b"', "x".repeat(9000)),
  ),
  fc.tuple(fc.constant("Content-Length"), fc.constantFrom("0", "5", "-1", "x", "1e3", "99999999999999999999", "")),
  fc.tuple(
    fc.constant("Authorization"),
    fc.constantFrom(
      "Basic",
      "Basic ",
      "Basic %",
      "basic dG9rZW46eA==",
      "Bearer x",
      `Basic ${btoa(`token:${SECRET}`)}`,
      `Basic ${btoa("x")}`,
      "Basic /w==",
    ),
  ),
  fc.tuple(fc.constant("Origin"), fc.constantFrom("null", "http://a:8989", "https://evil", "", "x", "http://[")),
  fc.tuple(
    fc.constantFrom("X-Forwarded-Host", "X-Forwarded-Proto"),
    fc.constantFrom("", "a", "b:1", "https", "ftp", "[", "a b", "x".repeat(9000)),
  ),
  fc.tuple(fc.constant("Forwarded"), fc.constantFrom("", "host=", 'host="', "proto=https;host=b", ";,;", '="\\"')),
  fc.tuple(
    fc.constantFrom("Content-Type", "Access-Control-Request-Method", "Transfer-Encoding", "Expect"),
    fc.constantFrom("x", "", "chunked", "100-continue"),
  ),
);

const json: fc.Arbitrary<string> = fc.oneof(
  fc.array(
    fc.array(fc.oneof(odd, fc.constantFrom("tag://data", "disco://a/ddfs/vol0/blob/00/n$1-2-3")), { maxLength: 3 }),
    { maxLength: 5 },
  )
    .map((sets) => JSON.stringify(sets)),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.constantFrom(
    '"a"',
    '"127.0.0.1"',
    "[",
    "{}",
    "null",
    "[[[]]]",
    '{"__proto__":1}',
    "1e999",
    "\ufeff[]",
    '["a"]',
    `"${SECRET}"`,
  ),
  fc.nat(300_000).map((size) => `[${"[],".repeat(size / 3)}[]]`),
);
const body = fc.oneof(
  json.map((text) => new TextEncoder().encode(text)),
  fc.uint8Array({ maxLength: 100 }),
  fc.constant(undefined),
);

const request = fc.record({
  method: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom("GET", "POST", "PUT", "DELETE") },
    { weight: 1, arbitrary: fc.constantFrom("HEAD", "OPTIONS", "PATCH", "PROPFIND") },
  ),
  host: fc.constantFrom("a:8989", "b:8989", "m:8989", "localhost:8989", "127.0.0.1", "[::1]:1", "a"),
  path: fc.oneof(
    { weight: 6, arbitrary: tag.map((parts) => parts.join("")) },
    { weight: 4, arbitrary: blob.map((parts) => parts.join("")) },
    { weight: 1, arbitrary: control },
  ),
  headers: fc.array(header, { maxLength: 3 }),
  body,
});

type Hostile = typeof request extends fc.Arbitrary<infer Value> ? Value : never;

const OPTIONS: readonly EmbeddedOptions[] = [
  {},
  { nodes: ["a", "b"], master: "m", replicas: 2, cors: ["http://a:8989"], trustProxy: true },
  { nodes: ["a", "b"], tagReplicas: 2, cors: true, adminToken: SECRET },
];

/** What an answer to anything is like: some words where it is no success, and no secret. */
async function check(ddfs: Embedded, { method, host, path, headers, body }: Hostile): Promise<void> {
  const hasBody = body !== undefined && method !== "GET" && method !== "HEAD";
  const sent = new Headers();
  for (const [name, value] of headers) sent.set(name, value);
  const answer = await ddfs.fetch(`http://${host}${path}`, { method, headers: sent, ...(hasBody ? { body } : {}) });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const text = new TextDecoder().decode(bytes);

  expect([200, 201, 204, 206, 304, 401, 403, 404, 412, 500, 501]).toContain(answer.status);
  if (answer.status >= 400 && method !== "HEAD") expect(text).toMatch(/\w{4}/);
  if (answer.status >= 400) expect(text).not.toContain(SECRET);
  if (method !== "HEAD" && answer.headers.has("Content-Length")) {
    expect(Number(answer.headers.get("Content-Length"))).toBe(bytes.length);
  }
}

/** It is as good as new. */
async function checkAlive(ddfs: Embedded, admin: RequestInit): Promise<void> {
  for (const node of ["a", "b", "localhost"]) {
    const init = { ...admin, method: "POST", body: JSON.stringify(node) };
    for (const list of ["whitelist", "gc_whitelist"]) await said(ddfs.fetch(`${MASTER}/disco/ctrl/${list}`, init));
  }
  expect((await toTag(ddfs, "POST", "alive", [["a"]])).status).toBe(200);
  expect(await urlsOf(ddfs, "alive")).toEqual([["a"]]);
  await stored(ddfs, "alive$1-2-3", "x").catch(() => {});
  expect((await ddfs.fetch(`${MASTER}/ddfs/tags`)).status).toBe(200);
  await said(ddfs.fetch(`${MASTER}/ddfs/ctrl/gc_start`, admin));
}

describe("an embedded DDFS, to hostile requests,", () => {
  const admin = { headers: { Authorization: `Basic ${btoa(`token:${SECRET}`)}` } };
  const after = (milliseconds: number, run: () => void) => {
    if (milliseconds <= 1000) queueMicrotask(run);
    return () => {};
  };

  for (const [index, options] of OPTIONS.entries()) {
    it(`answers each with words, and goes on (options ${index})`, async () => {
      const ddfs = embedded({ ...options, after });

      await fc.assert(fc.asyncProperty(request, (each) => check(ddfs, each)), { numRuns: 5000, seed: index });

      await checkAlive(ddfs, admin);
      await ddfs.close();
    });
  }

  it("answers each with words, and goes on, on disk", () =>
    inFolder(async (root) => {
      const ddfs = embedded({ root, after });

      await fc.assert(fc.asyncProperty(request, (each) => check(ddfs, each)), { numRuns: 500, seed: 14 });

      await checkAlive(ddfs, admin);
      await ddfs.close();
      const again = embedded({ root });
      expect(await urlsOf(again, "alive")).toEqual([["a"]]);
      await again.close();
    }));
});
