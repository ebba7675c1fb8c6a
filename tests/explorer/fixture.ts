import { DDFS, Tuple } from "../../mod.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { chunks, dumps } from "../../lib/records/mod.ts";

/** A DDFS for tests of the explorer, as a handler of requests of one origin. */
export interface Fixture {
  /** A client of it, in this process. */
  readonly client: DDFS;
  /** Answers a request: as `ddfs.fetch` does, but for a dead node and a corrupt replica. */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Requests that were answered: `METHOD /path`, with the range of one. */
  readonly requests: string[];
  /** Ends it, and what never answers. */
  close(): Promise<void>;
}

/** The node that does not answer, and how many tags there are. */
export const DEAD = "127.0.0.3";
export const TAGS = 10_000;
/** Markup that would tell if it were read as such. */
export const MARKUP = `<img src=x onerror="window.attacked=1"><script>window.attacked=1</script>`;
/** The number of records in `data:numbers`, in several hunks. */
export const NUMBERS = 300_000;

/**
 * Makes a DDFS of three nodes with all that is hard to show: 10,000 tags, a circle of links, many links, a dead node, a corrupt replica, protected tags,
 * names, attributes and records that are markup, records of all kinds, blobs that are no chunks.
 *
 * @param tags How many tags there are beside the few with something in them.
 */
export async function explorerFixture(tags: number = TAGS): Promise<Fixture> {
  const ddfs = embedded({ nodes: 3, replicas: 2, tagReplicas: 1, ui: true });
  const client = new DDFS(ddfs.master, { fetch: ddfs.fetch });
  const alive = { replicas: 2, forceOn: ["127.0.0.1", "127.0.0.2"] };
  const names = Array.from({ length: tags }, (_, i) => `logs:${2000 + i % 25}:${String(i).padStart(5, "0")}`);
  await atOnce(names, async (name) => {
    await ddfs.fetch(new Request(`http://127.0.0.1/ddfs/tag/${name}`, { method: "PUT", body: "[]" }));
  });
  const put = (tag: string, blobs: [BlobPart[], string][]) =>
    client.push(tag, blobs.map(([parts, name]) => [new Blob(parts), name] as const), alive);
  await client.chunk("data:numbers", [[
    // One part: a Blob of 300,000 parts takes seconds to read.
    new Blob([Array.from({ length: NUMBERS }, (_, i) => `number ${i} of many\n`).join("")]),
    "numbers",
  ]], {
    ...alive,
    workers: 0,
  });
  await client.chunk("data:hostile", [[new Blob([`${MARKUP}\n`, '{"html": "</script><b>"}\n']), "hostile"]], {
    ...alive,
    workers: 0,
  });
  await client.chunk("data:corrupt", [[new Blob(["one\ntwo\nthree\n"]), "corrupt"]], { ...alive, workers: 0 });
  await put("data:kinds", [[[await kinds()], "kinds"]]);
  await put("data:files", [
    [[MARKUP], "page_html"],
    [[Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`).join("")], "text_txt"],
    [[Uint8Array.from({ length: 300 }, (_, i) => i % 256)], "bytes_bin"],
    [[], "empty"],
  ]);
  await put("data:slow", [[["slow\n"], "slow"]]);
  await put("data:secret", [[["hidden\n"], "secret"]]);
  await client.setattr("data:hostile", MARKUP, MARKUP);
  await client.setattr("data:numbers", "owner", "ann");
  await client.tag("javascript:alert", [['http://example.com/a"><script>window.attacked=1</script>']]);
  await client.tag("__proto__", [["tag://data:numbers"]]);
  await client.tag("graph:a", [["tag://graph:b"]]);
  await client.tag("graph:b", [["tag://graph:c"], ["tag://data:numbers"]]);
  await client.tag("graph:c", [["tag://graph:a"], ["tag://missing"]]);
  await client.tag("graph:locked", [["tag://data:secret"]]);
  await client.tag("graph:wide", names.slice(0, 500).map((name) => [`tag://${name}`]));
  await client.setattr("data:secret", "ddfs:read-token", "s3cret");
  await client.setattr("data:secret", "ddfs:write-token", "s3cret");
  const [[first = ""] = []] = await client.urls("data:corrupt");
  const corrupt = `/proxy/${first.split("/")[2]}/GET/`;
  const requests: string[] = [];
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => stop = resolve);
  const fetch = async (request: Request) => {
    const { pathname, search } = new URL(request.url);
    const range = request.headers.get("range");
    requests.push(`${request.method} ${pathname}${search}${range === null ? "" : ` ${range}`}`);
    // As proxy() says it.
    if (pathname.startsWith(`/proxy/${DEAD}/`)) return new Response("The cluster does not answer.\n", { status: 502 });
    // One that never answers, and one that never takes a blob.
    if (/\/slow\$|^\/proxy\/[^/]+\/PUT\/ddfs\/stuck\$/.test(pathname)) {
      await stopped;
      return new Response(null, { status: 504 });
    }
    const answer = await ddfs.fetch(request);
    const isCorrupt = pathname.startsWith(corrupt) && pathname.includes("/corrupt-0$");
    return isCorrupt && answer.ok ? await damaged(answer) : answer;
  };
  const close = async () => {
    stop();
    await ddfs.close();
  };
  return { client, fetch, requests, close };
}

/** A chunk with records of all kinds. */
async function kinds(): Promise<Uint8Array<ArrayBuffer>> {
  const records = [
    new TextEncoder().encode("plain text\n"),
    new TextEncoder().encode(`{"user":"ann","tags":["a","b"],"n":1}\n`),
    Uint8Array.of(0, 255, 1, 254),
    Tuple.of("key", 42),
    new Map<string, string | null>([["name", "bob"], ["none", null]]),
    [1, 2.5, 10n ** 20n, true],
    "é ünïcode",
    new TextEncoder().encode(`${"long ".repeat(1000)}\n`),
  ];
  const reader = () => records;
  for await (const chunk of chunks(new Blob(["x"]), { reader, workers: 0 })) return chunk;
  return dumps(null);
}

/** Changes a byte of the data that an answer has. */
async function damaged(answer: Response): Promise<Response> {
  const bytes = new Uint8Array(await answer.arrayBuffer());
  const [, start = "0"] = /^bytes (\d+)-/.exec(answer.headers.get("content-range") ?? "") ?? [];
  // Behind the header of the first hunk, and what zlib begins with.
  const at = 20 - Number(start);
  if (at >= 0 && at < bytes.length) bytes[at] = ~(bytes[at] ?? 0);
  return new Response(bytes, answer);
}

async function atOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  await Promise.all(Array.from({ length: 16 }, async () => {
    for (const item of left) await work(item);
  }));
}
