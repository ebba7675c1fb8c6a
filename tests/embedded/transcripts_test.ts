import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { type Embedded, embedded, type EmbeddedOptions } from "@ddfs/client/embedded";
import { FakeBucket } from "../helpers/objects/fake_bucket.ts";
import { REAL_ENGINES } from "../helpers/objects/real_engines.ts";

/** A text as the recording has it, long ones by how they are made. */
type Text =
  | string
  | { base64: string }
  | { repeat: string; times: number }
  | { before: string; sets: number; separator: string; after: string };

/** A request to a real cluster, and its answer; none came where it hung up. */
interface Exchange {
  readonly step: number;
  readonly name: string;
  readonly host: string;
  readonly request: { method: string; path: string; headers: [string, string][]; body?: Text };
  readonly response?: { status: number; headers: Record<string, string>; body: Text };
}

const JOBS = "there are no jobs";
const ONE_PORT = "there is one port, and this path is where a blob is put";
const FRAMING = "how HTTP frames a body is the server's matter, the handler gets the bytes";
const REFUSAL_ARRIVES = "the refusal arrives, the real one hangs up on a client that still sends";

/** The exchanges that are answered otherwise on purpose: by step, why. */
const DIFFERENCES: ReadonlyMap<number, string> = new Map([
  [6, JOBS],
  [7, JOBS],
  [8, JOBS],
  [69, ONE_PORT],
  [120, "a range is of the version that If-Range names, or the whole is given (RFC 9110)"],
  [127, ONE_PORT],
  [385, "there are no pages"],
  [397, "a body without a length is stored as it comes, not dropped"],
  [401, "a body that is longer than announced is refused, not cut"],
  [413, REFUSAL_ARRIVES],
  [414, REFUSAL_ARRIVES],
  [435, JOBS],
  [524, FRAMING],
  [525, FRAMING],
  [526, FRAMING],
  [535, "a collection may start at once"],
]);

const DEAD_NODE = "a virtual node is never down";

/** How many bytes are sent where only the framing is recorded that goes wrong with more: the handler sees no framing. */
const FRAMED = 1 << 20;

/** The exchanges whose circumstances an embedded DDFS cannot have: by step, why. */
const OUT_OF_REACH: ReadonlyMap<number, string> = new Map([
  [378, "whether a collection still runs is a matter of time"],
  [384, "pipelined requests are the server's matter"],
  [402, FRAMING],
  [403, FRAMING],
  [405, FRAMING],
  [406, FRAMING],
  ...[497, 498, 499, 501, 502, 506, 507, 509, 510, 511, 512, 513, 514, 515, 516]
    .map((step) => [step, DEAD_NODE] as const),
]);

type Setup = readonly [method: string, path: string, body?: unknown, token?: string | undefined];

const blob = (folder: string, object: string) => `disco://localhost/ddfs/vol0/blob/${folder}/${object}`;
const put = (tag: string, urls: string[] = []): Setup => ["POST", `/ddfs/tag/${tag}`, urls.map((url) => [url])];
const remove = (tag: string, token?: string): Setup => ["DELETE", `/ddfs/tag/${tag}`, undefined, token];

/** Requests that were made but not recorded, before the step they are needed for. */
const SETUP: ReadonlyMap<number, readonly Setup[]> = new Map<number, Setup[]>([
  [1, [put("data:h"), put("data:hc")]],
  [168, [put("rec:dly?delayed=1", [blob("02", "c$1-2-2")])]],
  [343, [remove("rec:tok/ddfs:read-token", "W")]],
  [360, [
    ...[200, 230].map((length) => remove("L".repeat(length))),
    ...[remove("rec:attrnew"), remove("rec:atomic"), remove("rec:utok", "ä"), remove("rec:emptytok")],
    ...[put("rec:log:website:a"), put("rec:log:b")],
  ]],
  [375, [["GET", "/ddfs/ctrl/gc_start"]]],
  [423, Array.from({ length: 999 }, (_, i): Setup => ["PUT", `/ddfs/tag/rec:many/k${i}`, "v"])],
  [434, [put("ccli:c2"), put("ccli:f"), put("ccli:p3")]],
  [470, [["PUT", "/ddfs/c:only1$703-519e8-bd76f", "one"]]],
  [489, [["POST", "/disco/ctrl/gc_blacklist", "node2"]]],
  [517, [put("c:t1", ["x"])]],
]);

const recorded: Exchange[] = JSON.parse(
  await Deno.readTextFile(new URL("../testdata/transcripts.json", import.meta.url)),
);

function bytesOf(text: Text): Uint8Array<ArrayBuffer> {
  if (typeof text !== "string" && "base64" in text) {
    return Uint8Array.from(atob(text.base64), (character) => character.charCodeAt(0));
  }
  if (typeof text !== "string" && "repeat" in text && text.repeat.length === 1) {
    return new Uint8Array(text.times).fill(text.repeat.charCodeAt(0));
  }
  return new TextEncoder().encode(textOf(text));
}

/** The same request with less of a body that repeats itself. */
function shortened(request: Exchange["request"]): Exchange["request"] {
  const { body } = request;
  if (typeof body !== "object" || !("repeat" in body)) {
    throw new Error(`${request.path} is to have a body that repeats itself`);
  }
  return { ...request, body: { ...body, times: FRAMED / body.repeat.length } };
}

function textOf(text: Text): string {
  if (typeof text === "string") return text;
  if ("base64" in text) return atob(text.base64);
  if ("repeat" in text) return text.repeat.repeat(text.times);
  const sets = Array.from({ length: text.sets }, (_, i) => {
    return `["disco://h/ddfs/vol0/blob/00/${String(i).padStart(60, "0")}$1-2-3"]`;
  });
  return text.before + sets.join(text.separator) + text.after;
}

/** Takes out of an answer what differs from run to run: stamps and folders by them, ports, boundaries, disk space. */
function normalised(step: Exchange, body: string): string {
  const path = new URL(step.request.path, "http://host").pathname;
  if (path === "/disco/ctrl/nodeinfo") {
    const info: Record<string, Record<string, unknown>> = JSON.parse(body);
    const nodes = Object.keys(info).sort().map((node) => {
      return [node, { ...info[node], max_workers: 0, diskfree: 0, diskused: 0 }];
    });
    return JSON.stringify(nodes);
  }
  if (path === "/ddfs/ctrl/gc_stats") return body.replace(/\d+/g, "0");
  let text = body
    .replace(/vol0\/tag\/..\/([^$"]+)\$[0-9a-f-]+/g, "vol0/tag/XX/$1$$TS")
    .replace(/"id":"([^$"]+)\$[0-9a-f-]+","last-modified":"[\d/]{10} [\d:]{8}"/, '"id":"$1$$TS","last-modified":"TIME"')
    .replace(/(http:\/\/[^/"]+):\d+(\/ddfs\/[^$"/]+)\$[0-9a-f-]+/g, "$1:PORT$2$$TS")
    .replace(
      /\(path: (?:\/srv\/disco\/ddfs\/)?(vol0\/blob\/..\/)(?:!partial-[^.]+\.)?([^)]*)\)(?:: .*)?/s,
      "(path: $1$2)",
    )
    .replace(/^(\s*)--[0-9a-f]{16}/gm, "$1--BOUNDARY");
  // Which nodes, and in which order, is by chance.
  if (path.startsWith("/ddfs/new_blob/")) text = text.replace(/node\d/g, "nodeN");
  else if (text.startsWith('["disco://node')) text = JSON.stringify(JSON.parse(text).sort());
  return text;
}

/** The headers that count, as far as the recording has them. */
function headersOf(headers: Record<string, string> | Headers, names: readonly string[]): Record<string, string> {
  const all = headers instanceof Headers ? Object.fromEntries(headers) : headers;
  return Object.fromEntries(names.map((name) => [name, (all[name] ?? "none").replace(/boundary=.*/, "")]));
}

async function send(
  ddfs: Embedded,
  host: string,
  { method, path, headers, body }: Exchange["request"],
): Promise<Response> {
  const url = new URL(path, `http://${host === "127.0.0.1" ? "localhost" : host}:8989`);
  const request = new Request(url, {
    method,
    headers,
    ...(body === undefined ? {} : { body: bytesOf(body) }),
  });
  return await ddfs.fetch(request);
}

async function gcStatus(ddfs: Embedded): Promise<unknown> {
  return await (await ddfs.fetch("http://localhost:8989/ddfs/ctrl/gc_status")).json();
}

async function prepare(ddfs: Embedded, { step, host }: Exchange): Promise<void> {
  const setup = SETUP.get(step) ?? [];
  // A thousand at a time take a disk as long as some few one by one.
  if (setup.length > 100) await Promise.all(setup.map((each) => make(ddfs, host, step, each)));
  else for (const each of setup) await make(ddfs, host, step, each);
}

async function make(ddfs: Embedded, host: string, step: number, [method, path, body, token]: Setup): Promise<void> {
  const encoded = token === undefined ? "" : btoa(String.fromCharCode(...new TextEncoder().encode(`token:${token}`)));
  const response = await send(ddfs, step === 470 ? "node1" : host, {
    method,
    path,
    headers: token === undefined ? [] : [["Authorization", `Basic ${encoded}`]],
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect({ path, ok: response.ok }).toEqual({ path, ok: true });
  await response.body?.cancel();
  // A turn of the event loop each: a real store answers by it.
  while (path.endsWith("gc_start") && await gcStatus(ddfs) !== "") {
    await new Promise((resolve) => setTimeout(resolve));
  }
}

function start(options: Parameters<typeof embedded>[0]): Embedded {
  // Delayed appends wait for no clock; the stamps have as many digits as those recorded.
  const after = (milliseconds: number, run: () => void) => {
    if (milliseconds <= 1000) queueMicrotask(run);
    return () => {};
  };
  return embedded({ ...options, after, now: () => Date.UTC(2026, 10, 22, 7, 46, 35, 266) + 0.288 });
}

// Where the bucket is R2's, inside of workerd, there is no disk.
const folder = REAL_ENGINES.length > 0 ? undefined : await Deno.makeTempDir({ prefix: "ddfs-transcripts-" });

/** The stores that are asked: a name, and a way to open one that is empty. */
const STORES: readonly (readonly [name: string, open: () => EmbeddedOptions])[] = REAL_ENGINES.length > 0
  ? REAL_ENGINES.map(([name, place]) => [name, () => ({ nodes: ["localhost"], objects: place()() })])
  : [
    ["memory", () => ({})],
    ["disk", () => ({ root: Deno.makeTempDirSync({ dir: folder ?? "" }) })],
    ["objects", () => ({ nodes: ["localhost"], objects: new FakeBucket().engine() })],
  ];

for (const [store, place] of STORES) {
  describe(`an embedded DDFS (${store}), to what a real cluster was asked,`, () => {
    const single = start(place());
    const nodes = ["node1", "node2", "node3"];
    const cluster = start({ ...place(), nodes, master: "dmaster", replicas: 2, tagReplicas: 3 });
    const restarted = start(place());
    let replayed = 0;

    for (const exchange of recorded) {
      const { step, name, host, response } = exchange;
      const request = DIFFERENCES.get(step) === FRAMING ? shortened(exchange.request) : exchange.request;
      const ddfs = host !== "127.0.0.1" ? cluster : step < 535 ? single : restarted;
      if (OUT_OF_REACH.has(step)) continue;
      const difference = DIFFERENCES.get(step);

      it(`answers ${difference === undefined ? "the same" : "otherwise"}: ${step} ${name}`, async () => {
        await prepare(ddfs, exchange);

        const answer = await send(ddfs, host, request);

        const names = Object.keys(response?.headers ?? {});
        const ours = {
          status: answer.status,
          body: normalised(exchange, await answer.text()),
          headers: headersOf(answer.headers, names),
        };
        const theirs = {
          status: response?.status,
          body: normalised(exchange, textOf(response?.body ?? "")),
          headers: headersOf(response?.headers ?? {}, names),
        };
        if (difference === undefined) expect(ours).toEqual(theirs);
        else expect({ difference, ...ours }).not.toEqual({ difference, ...theirs });
        replayed++;
      });
    }

    it("answers all but those out of reach, and otherwise only those that are named", async () => {
      await Promise.all([single, cluster, restarted].map((ddfs) => ddfs.close()));
      if (store === "disk") await Deno.remove(folder ?? "", { recursive: true });
      expect(recorded.length).toBe(445);
      expect(OUT_OF_REACH.size).toBe(21);
      expect(DIFFERENCES.size).toBe(16);
      expect(replayed).toBe(445 - 21);
    });
  });
}
