import type { DDFSEvent, DDFSOptions } from "../../lib/options.ts";
import type { DDFSReader } from "../../lib/client/reader.ts";
import { json, type ManualClock, only, watchedReader } from "./fakes.ts";

/** The content of the blob. */
export const TEXT: string = "0123456789";

/** What a node does with a GET of its replica; it gets the body's first byte. */
export type Node = (start: number, request: Request) => Response | Promise<Response>;

export const well = (start: number): Response => body(TEXT.slice(start), start);
export const refusing = (): Promise<Response> => Promise.reject(new TypeError("connection refused"));
export const silent = (): Promise<Response> => new Promise(() => {});
export const status = (code: number): Node => () => new Response("no", { status: code });

export function body(content: string | ReadableStream<Uint8Array>, start: number, size = TEXT.length): Response {
  return new Response(content, {
    status: start > 0 ? 206 : 200,
    headers: {
      "content-length": String(size - start),
      ...(start > 0 ? { "content-range": `bytes ${start}-${size - 1}/${size}` } : {}),
    },
  });
}

/** A body that yields `count` bytes, and then fails or hangs. */
export function breaking(count: number, end: "error" | "hang" | "close" = "error"): Node {
  return (start) => {
    let sent = false;
    return body(
      new ReadableStream({
        pull(controller) {
          if (!sent && count > 0) controller.enqueue(new TextEncoder().encode(TEXT.slice(start, start + count)));
          else if (end === "error") controller.error(new TypeError("connection reset"));
          else if (end === "close") controller.close();
          else return new Promise(() => {});
          sent = true;
        },
      }),
      start,
    );
  };
}

/** A tag with one blob on the nodes, and a client of it. */
export function fakeCluster(nodes: Record<string, Node>, options: DDFSOptions = {}): {
  ddfs: DDFSReader;
  requests: { host: string; range: string | null }[];
  events: DDFSEvent[];
  clock: ManualClock;
  read: () => Promise<string>;
} {
  const requests: { host: string; range: string | null }[] = [];
  const urls = [Object.keys(nodes).map((host) => `disco://${host}/ddfs/vol0/blob/00/log$1-2-3`)];
  const fetch = async (request: Request): Promise<Response> => {
    const { hostname } = new URL(request.url);
    if (hostname === "m") {
      return json({ version: 1, id: "data:log$1-2-3", "last-modified": "now", urls, "user-data": {} });
    }
    const range = request.headers.get("range");
    if (request.method === "GET") requests.push({ host: hostname, range });
    return await ((nodes[hostname] ?? nodes[`secret@${hostname}`]) as Node)(
      Number(/\d+/.exec(range ?? "0")?.[0]),
      request,
    );
  };
  const { ddfs, events, clock } = watchedReader(fetch, options);
  const read = async () => {
    return await (await only(ddfs.pull("data:log"))).text();
  };
  return { ddfs, requests, events, clock, read };
}

/** The contents of all blobs, each read while the loop is at it. */
export async function texts(ddfs: DDFSReader, options: { signal?: AbortSignal } = {}): Promise<string[]> {
  const list: string[] = [];
  for await (const blob of ddfs.pull("data:log", () => true, options)) list.push(await blob.text());
  return list;
}
