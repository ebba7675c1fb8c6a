// A table of requests and answers of a gateway, for each runtime: tests/gateway/table_test.ts asks the handler itself, tests/runtimes/node and
// scripts/runtimes/test_workerd.ts ask servers.
import { explorer } from "../../lib/explorer_page/mod.ts";
import type { GatewayOptions } from "../../lib/gateway/mod.ts";
import type { DDFS } from "../../mod.ts";

/** A request and what its answer is to be. */
export interface Row {
  /** Its method and path; `OBJECT` stands for the blob's whole name. */
  readonly ask: string;
  /** Its headers; `OBJECT` and `TAG_ID` stand for what they are. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly status: number;
  /** Headers of the answer, `null` for those that it may not have. */
  readonly has?: Readonly<Record<string, string | null>>;
  /** Its content, where that matters. */
  readonly body?: string;
}

/** What a gateway is made with, beside its master, so that the table holds. */
export const TABLE_OPTIONS: Pick<GatewayOptions, "tags" | "authorize" | "cors" | "ui"> = {
  tags: ["open:"],
  ui: explorer,
  cors: ["https://friend.example"],
  authorize({ headers }) {
    const token = headers.get("authorization")?.replace(/^Bearer /, "");
    return token === "nobody" ? new Response("not you\n", { status: 403 }) : token;
  },
};

const FOR_GOOD = "public, max-age=31536000, immutable";
const TYPE = "text/html; charset=utf-8";
/** The blob is a page that would run a script. */
const PAGE = "<script>alert(1)</script>";
const SIZE = `${PAGE.length}`;
const BLOB = "/blob/open:site/page_html";
const WHOLE = { "content-length": SIZE, "content-type": TYPE, "content-range": null, "accept-ranges": "bytes" };
const KNOWN = { "content-length": null, "content-type": null, "etag": '"OBJECT"' };

/** The headers of every answer that shows what strangers have stored, or names it. */
const HARMLESS = { "x-content-type-options": "nosniff", "content-security-policy": "sandbox" };

/** A range that a blob of 25 bytes has, and one that it lacks. */
function part(range: string, from: number, to: number): Row {
  return {
    ask: `GET ${BLOB}`,
    headers: { range },
    status: 206,
    has: {
      ...{ "content-range": `bytes ${from}-${to}/${SIZE}`, "content-length": `${to + 1 - from}`, "content-type": TYPE },
      ...HARMLESS,
    },
    body: PAGE.slice(from, to + 1),
  };
}

function noPart(range: string): Row {
  return {
    ask: `GET ${BLOB}`,
    headers: { range },
    status: 416,
    has: { "content-range": `bytes */${SIZE}`, "cache-control": "no-store", ...HARMLESS },
  };
}

function wholeFor(headers: Record<string, string>, method = "GET"): Row {
  return {
    ask: `${method} ${BLOB}`,
    headers,
    status: 200,
    has: { ...WHOLE, ...HARMLESS },
    body: method === "GET" ? PAGE : "",
  };
}

function without(status: number, ask: string, headers: Record<string, string> = {}): Row {
  return { ask, headers, status, has: { "cache-control": "no-store", ...HARMLESS } };
}

/** The table. */
export const TABLE: readonly Row[] = [
  // A blob by its name, and by its whole name.
  { ...wholeFor({}), has: { ...WHOLE, ...HARMLESS, "cache-control": "no-cache", "etag": '"OBJECT"' } },
  { ...wholeFor({}, "HEAD"), has: { ...WHOLE, ...HARMLESS, "cache-control": "no-cache", "etag": '"OBJECT"' } },
  {
    ask: "GET /blob/open:site/OBJECT",
    status: 200,
    has: { ...WHOLE, ...HARMLESS, "cache-control": FOR_GOOD, "etag": '"OBJECT"' },
    body: PAGE,
  },
  {
    ask: "HEAD /blob/open:site/OBJECT",
    status: 200,
    has: { ...WHOLE, ...HARMLESS, "cache-control": FOR_GOOD },
    body: "",
  },
  // The second time, perhaps from a cache.
  {
    ask: "GET /blob/open:site/OBJECT",
    status: 200,
    has: { ...WHOLE, ...HARMLESS, "cache-control": FOR_GOOD, "etag": '"OBJECT"' },
    body: PAGE,
  },
  {
    ask: "GET /blob/open:site/OBJECT",
    headers: { range: "bytes=1-6" },
    status: 206,
    has: {
      ...{ "content-range": `bytes 1-6/${SIZE}`, "content-length": "6", "cache-control": FOR_GOOD },
      ...{ "content-type": TYPE, ...HARMLESS },
    },
    body: "script",
  },

  // Ranges.
  part("bytes=0-0", 0, 0),
  part("bytes=1-6", 1, 6),
  part("bytes=8-", 8, 24),
  part("bytes=20-99", 20, 24),
  part("bytes=-9", 16, 24),
  part("bytes=-99", 0, 24),
  part("bytes=24-24", 24, 24),
  noPart("bytes=25-"),
  noPart("bytes=99-100"),
  noPart("bytes=-0"),
  wholeFor({ range: "bytes=6-1" }),
  wholeFor({ range: "bytes=0-1,4-5" }),
  wholeFor({ range: "bytes=-" }),
  wholeFor({ range: "bytes=x-y" }),
  wholeFor({ range: "lines=0-1" }),
  // Ranges are for GET alone.
  wholeFor({ range: "bytes=0-1" }, "HEAD"),

  // Conditions.
  {
    ask: `GET ${BLOB}`,
    headers: { "if-none-match": '"OBJECT"' },
    status: 304,
    has: { ...KNOWN, ...HARMLESS },
    body: "",
  },
  { ask: `GET ${BLOB}`, headers: { "if-none-match": 'W/"OBJECT"' }, status: 304, has: KNOWN, body: "" },
  { ask: `GET ${BLOB}`, headers: { "if-none-match": '"x", "OBJECT"' }, status: 304, has: KNOWN, body: "" },
  { ask: `GET ${BLOB}`, headers: { "if-none-match": "*" }, status: 304, has: KNOWN, body: "" },
  { ask: `HEAD ${BLOB}`, headers: { "if-none-match": '"OBJECT"' }, status: 304, has: KNOWN, body: "" },
  { ask: "GET /blob/open:site/OBJECT", headers: { "if-none-match": '"OBJECT"' }, status: 304, has: KNOWN, body: "" },
  {
    ask: `GET ${BLOB}`,
    headers: { "if-none-match": '"OBJECT"', "range": "bytes=0-1" },
    status: 304,
    has: KNOWN,
    body: "",
  },
  wholeFor({ "if-none-match": '"x"' }),
  wholeFor({ "if-match": '"OBJECT"' }),
  without(412, `GET ${BLOB}`, { "if-match": '"x"' }),
  without(412, `HEAD ${BLOB}`, { "if-match": '"x"' }),
  { ...part("bytes=1-6", 1, 6), headers: { "range": "bytes=1-6", "if-range": '"OBJECT"' } },
  wholeFor({ "range": "bytes=1-6", "if-range": '"x"' }),

  // Tags.
  {
    ask: "GET /tag/open:site",
    status: 200,
    has: { "content-type": "application/json", "etag": '"TAG_ID"', "cache-control": "no-cache", ...HARMLESS },
  },
  {
    ask: "HEAD /tag/open:site",
    status: 200,
    has: { "content-type": "application/json", "etag": '"TAG_ID"' },
    body: "",
  },
  {
    ask: "GET /tag/open:site",
    headers: { "if-none-match": '"TAG_ID"' },
    status: 304,
    has: { etag: '"TAG_ID"' },
    body: "",
  },

  // Records.
  {
    ask: "GET /records/open:log",
    status: 200,
    has: { "content-type": "application/x-ndjson", "cache-control": "no-cache", ...HARMLESS },
    body: '"GET /a\\n"\n"GET /b\\n"\n',
  },
  {
    ask: "GET /records/open:log?filter=/b",
    headers: { accept: "text/plain" },
    status: 200,
    has: { "content-type": "text/plain; charset=utf-8", ...HARMLESS },
    body: "GET /b\n",
  },
  { ask: "HEAD /records/open:log", status: 200, has: { "content-type": "application/x-ndjson" }, body: "" },

  // Tokens.
  without(401, "GET /tag/open:locked"),
  without(401, "GET /blob/open:locked/page_html", { authorization: "Bearer wrong" }),
  without(401, "GET /records/open:locked", { authorization: "Bearer wrong" }),
  { ask: "GET /tag/open:locked", status: 401, has: { "www-authenticate": 'Bearer realm="DDFS"' } },
  {
    ask: "GET /tag/open:locked",
    headers: { authorization: "Bearer sesame" },
    status: 200,
    has: { "cache-control": "private, no-cache" },
  },
  {
    ask: "GET /blob/open:locked/LOCKED",
    headers: { authorization: "Bearer sesame" },
    status: 200,
    has: { ...WHOLE, ...HARMLESS, "cache-control": "private, max-age=31536000, immutable" },
    body: PAGE,
  },
  without(401, "GET /blob/open:locked/LOCKED"),
  { ask: `GET ${BLOB}`, headers: { authorization: "Bearer nobody" }, status: 403, body: "not you\n" },

  // What is missing, not open, or elsewhere.
  without(404, "GET /blob/open:site/none"),
  without(404, "HEAD /blob/open:site/none"),
  without(404, "GET /blob/open:site/page_html$5-0-0"),
  without(404, "GET /blob/open:none/page_html"),
  without(404, "GET /tag/open:none"),
  without(404, "GET /records/open:none"),
  without(404, "GET /tag/closed:site"),
  without(404, "GET /blob/closed:site/page_html"),
  without(404, "GET /records/closed:site"),
  without(404, "GET /blob/open:links/closed"),
  without(404, "GET /"),
  without(404, "GET /ddfs/tag/open:site"),
  without(502, "GET /blob/open:foreign/foreign"),
  without(404, "GET /blob/open:foreign/secret"),
  without(502, "GET /records/open:foreign"),

  // The explorer page, and what it asks for.
  {
    ask: "GET /ui/",
    status: 200,
    has: {
      "content-type": "text/html; charset=utf-8",
      "x-content-type-options": "nosniff",
      "cache-control": "no-cache",
    },
  },
  { ask: "HEAD /ui/tag/open:site", status: 200, has: { "content-type": "text/html; charset=utf-8" }, body: "" },
  { ask: "GET /", headers: { accept: "text/html" }, status: 302, has: { location: "/ui/" } },
  {
    ask: "GET /ui/api/ddfs/tags",
    status: 200,
    has: { "content-type": "application/json", "cache-control": "no-cache", ...HARMLESS },
    body: '["open:foreign","open:links","open:locked","open:log","open:site"]',
  },
  { ask: "GET /ui/api/ddfs/tag/open:site", status: 200, has: { "etag": '"TAG_ID"', ...HARMLESS } },
  without(401, "GET /ui/api/ddfs/tag/open:locked"),
  without(404, "GET /ui/api/ddfs/tag/closed:site"),
  without(404, "GET /ui/api/ddfs/ctrl/gc_start"),
  without(404, "GET /ui/api/proxy/192.0.2.1/GET/ddfs/vol0/blob/open:site/OBJECT"),
  { ask: "GET /ui/none.js", status: 404, has: { "x-content-type-options": "nosniff" } },

  // Methods.
  ...["POST", "PUT", "DELETE", "PATCH"].map((method): Row => ({
    ...without(405, `${method} /tag/open:site`),
    has: { allow: "GET, HEAD, OPTIONS", ...HARMLESS },
  })),
  { ask: `OPTIONS ${BLOB}`, status: 204, has: { "allow": "GET, HEAD, OPTIONS", "access-control-allow-methods": null } },
  {
    ask: `OPTIONS ${BLOB}`,
    headers: { "origin": "https://friend.example", "access-control-request-method": "GET" },
    status: 204,
    has: { "access-control-allow-origin": "https://friend.example", "access-control-allow-methods": "GET, HEAD" },
  },
  {
    ask: `OPTIONS ${BLOB}`,
    headers: { "origin": "https://stranger.example", "access-control-request-method": "GET" },
    status: 204,
    has: { "access-control-allow-origin": null, "access-control-allow-methods": null },
  },
  {
    ask: `GET ${BLOB}`,
    headers: { origin: "https://friend.example" },
    status: 200,
    has: { "access-control-allow-origin": "https://friend.example", "vary": "Origin" },
    body: PAGE,
  },
  {
    ask: `GET ${BLOB}`,
    headers: { origin: "https://stranger.example" },
    status: 200,
    has: { "access-control-allow-origin": null },
  },
];

/** The names that stand in the table for what only a cluster gives. */
export type TableNames = Readonly<Record<"OBJECT" | "LOCKED" | "TAG_ID", string>>;

/** Stores what the table asks for. */
export async function fillForTable(ddfs: DDFS): Promise<TableNames> {
  const page = () => new Blob([PAGE]);
  const site = await ddfs.push("open:site", [[page(), "page_html"]]);
  await ddfs.push("closed:site", [[page(), "closed"]]);
  await ddfs.tag("open:links", [["tag://closed:site"]]);
  await ddfs.tag("open:foreign", [["disco://192.0.2.1/ddfs/vol0/blob/00/foreign$5-0-0"], ["http://192.0.2.1/secret"]]);
  await ddfs.chunk("open:log", [[new Blob(["GET /a\nGET /b\n"]), "log"]]);
  const locked = await ddfs.push("open:locked", [[page(), "page_html"]], { token: "sesame" });
  await ddfs.setattr("open:locked", "ddfs:read-token", "sesame", { token: "sesame" });
  const { id } = await ddfs.get("open:site");
  const objectOf = (sets: readonly (readonly string[])[]) => sets[0]?.[0]?.split("/").at(-1) ?? "";
  return { OBJECT: objectOf(site.blobs), LOCKED: objectOf(locked.blobs), TAG_ID: id };
}

/**
 * Asks for each row of the table.
 *
 * @param names What {@linkcode fillForTable} gave.
 * @param ask Asks a gateway for a path.
 * @returns A sentence for each answer that is another one; none if the table holds.
 */
export async function tableFaults(
  names: TableNames,
  ask: (path: string, init: RequestInit) => Promise<Response>,
): Promise<string[]> {
  const filled = (text: string) => text.replace(/OBJECT|LOCKED|TAG_ID/, (name) => names[name as keyof TableNames]);
  const faults: string[] = [];
  for (const { ask: asked, headers = {}, status, has = {}, body } of TABLE) {
    const [method = "", path = ""] = filled(asked).split(" ");
    const sent = Object.entries(headers).map(([name, value]): [string, string] => [name, filled(value)]);
    const answer = await ask(path, { method, headers: sent, redirect: "manual" });
    const text = await answer.text();
    const found = [
      ["status", answer.status, status],
      ...Object.entries(has).map(([name, value]) => [name, answer.headers.get(name), value && filled(value)]),
      ...body === undefined ? [] : [["content", text, body]],
      ...method === "HEAD" ? [["content", text, ""]] : [],
    ];
    for (const [what, value, expected] of found) {
      if (value === expected) continue;
      faults.push(
        `${asked} ${JSON.stringify(headers)}: ${what} is ${JSON.stringify(value)}, not ${JSON.stringify(expected)}`,
      );
    }
  }
  return faults;
}
