import { DDFS, type DDFSOptions } from "../../mod.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { all, manualClock } from "./fakes.ts";

/** Ways in which a node can be dead: connections are refused, or nothing ever comes back. */
export const DEATHS = ["refused", "black-holed"] as const;
/** Where nodes can be: each on a host of its own, or all on one, each on a port of its own. */
export const PLACES = ["other hosts", "one host"] as const;

/** A way in which a node can be dead. */
export type Death = (typeof DEATHS)[number];
/** A place where nodes can be. */
export type Place = (typeof PLACES)[number];

/** What an operation took. */
export interface Cost {
  /** Milliseconds on the client's clock. */
  readonly milliseconds: number;
  /** The requests that the dead node was sent. */
  readonly asked: string[];
}

const BLOBS = 100;
const NODES = ["a", "b", "c"];
const MASTER = "http://m:8989";

/** The operations that are measured, each over 100 blobs. */
export const OPERATIONS: Record<string, (ddfs: DDFS) => Promise<unknown>> = {
  pull: async (ddfs) => {
    for await (const blob of ddfs.pull("stored")) same((await blob.bytes()).length, blob.size);
  },
  records: async (ddfs) => same((await all(ddfs.records("tag://stored", { workers: 0, text: true }))).length, BLOBS),
  sizes: async (ddfs) => same((await all(ddfs.sizes("stored"))).length, BLOBS),
  verify: async (ddfs) => {
    const states = (await all(ddfs.verify("stored"))).map(({ state }) => state);
    same(states.filter((state) => state !== "good" && state !== "unreachable").length, 0);
    same(states.length, 2 * BLOBS);
  },
  push: async (ddfs) => {
    const { blobs } = await ddfs.push("new", sources());
    same(blobs.filter(({ length }) => length === 2).length, BLOBS);
  },
  chunk: async (ddfs) => {
    const { blobs } = await ddfs.chunk("new", sources(), { workers: 0 });
    same(blobs.filter(({ length }) => length === 2).length, BLOBS);
  },
};

/** Measures what an operation waits when one of three nodes is dead from the start, by a clock that stands still but for what is waited for. */
export async function costOf(
  operation: (ddfs: DDFS) => Promise<unknown>,
  place: Place,
  death: Death,
  options: DDFSOptions = {},
): Promise<Cost> {
  const store = embedded({ nodes: NODES, replicas: 2 });
  const clock = manualClock();
  const asked: string[] = [];
  let isDead = false;
  const fetch = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const host = hostInside(url, place);
    if (isDead && url.origin !== MASTER && host === "a") {
      asked.push(`${request.method} ${request.url}`);
      if (death === "refused") throw new TypeError("connection refused");
      return await new Promise((_, reject) =>
        request.signal.addEventListener("abort", () => reject(request.signal.reason))
      );
    }
    url.host = `${host}:8989`;
    const answer = await store.fetch(new Request(url, request));
    if (place === "other hosts" || !answer.headers.get("content-type")?.includes("json")) return answer;
    const headers = new Headers(answer.headers);
    headers.delete("content-length");
    return new Response(outside(await answer.text()), { status: answer.status, headers });
  };
  const client = () => new DDFS(MASTER, { settings: {}, fetch, clock, random: () => 1, ...options });
  const { blobs: [first = []] } = await client().chunk("stored", [new Blob(["line\n"])], {
    workers: 0,
    ...(place === "other hosts" ? { forceOn: ["a", "b"] } : { replicas: 3 }),
  });
  const set = first.toSorted().slice(0, 2);
  await client().put("stored", Array.from({ length: BLOBS }, () => set));

  isDead = true;
  let isOver = false;
  const ended = operation(client()).finally(() => isOver = true);
  while (!isOver) await clock.advance(50);
  await ended;
  await store.close();
  return { milliseconds: clock.now(), asked };
}

function sources(): (readonly [Blob, string])[] {
  return Array.from({ length: BLOBS }, (_, i) => [new Blob(["line\n"]), `b${i}`] as const);
}

/** The host by which the store knows a node, or the master. */
function hostInside({ origin, hostname, port }: URL, place: Place): string {
  if (origin === MASTER) return "a";
  return place === "other hosts" ? hostname : NODES[Number(port) - 9001] ?? "nobody";
}

/** A text with the nodes' names as they are on one host. */
function outside(text: string): string {
  return NODES.reduce(
    (text, host, i) => text.replaceAll(new RegExp(`(disco|http)://${host}(:8989)?/`, "g"), `$1://node:${9001 + i}/`),
    text,
  );
}

function same<T>(value: T, wanted: T): void {
  if (value !== wanted) throw new Error(`expected ${wanted}, got ${value}`);
}
