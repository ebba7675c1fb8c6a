// A Worker in front of a DDFS. Blobs never change, so they may be cached for ever, at the edge and in browsers.
//   GET /blob/TAG/NAME      a blob; Range is understood
//   GET /tag/TAG            all blobs of a tag, one after the other
//   GET /grep/TAG?for=TEXT  the lines of a chunked tag that contain a text
import { blobName, DDFS, DiscoError, type PulledBlob, type Replicas, resolveUrl } from "@ddfs/client";
import { sized } from "./sized.ts";

interface Env {
  /** The master, as `disco://host:port`. */
  readonly DISCO_MASTER: string;
}

interface Context {
  waitUntil(work: Promise<unknown>): void;
}

/** The cache of this place of the network. */
declare const caches: { readonly default: Cache };

/** The largest blob that is cached, in bytes: caching a blob holds back the slower of its two readers. */
const CACHED = 32 * 1024 * 1024;

const FOR_EVER = { "cache-control": "public, max-age=31536000, immutable", "accept-ranges": "bytes" };

export default {
  async fetch(request: Request, { DISCO_MASTER }: Env, context: Context): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const [, action, tag = "", name = ""] = pathname.split("/").map(decodeURIComponent);
    const ddfs = new DDFS(DISCO_MASTER, { settings: {} });
    try {
      if (action === "blob") return await blob(request, ddfs, new URL(DISCO_MASTER).port, { tag, name }, context);
      if (tag === "" || !await ddfs.exists(tag)) return notFound(pathname);
      if (action === "tag") return new Response(streamOf(bytesOf(ddfs, tag)));
      if (action === "grep") return new Response(streamOf(grep(ddfs, tag, searchParams.get("for") ?? "")));
      return notFound(pathname);
    } catch (error) {
      if (!(error instanceof DiscoError)) throw error;
      return error.code === "not-found" ? notFound(pathname) : new Response(error.message, { status: 502 });
    }
  },
};

/** A blob: from the cache, else from a replica. */
async function blob(
  request: Request,
  ddfs: DDFS,
  port: string,
  { tag, name }: { readonly tag: string; readonly name: string },
  context: Context,
): Promise<Response> {
  const cached = await caches.default.match(request);
  if (cached !== undefined) return cached;
  if (request.headers.has("range")) {
    for await (const replicas of ddfs.blobs(tag)) {
      if (blobName(replicas[0] ?? "") === name) return await partOf(replicas, port, request);
    }
    return notFound(name);
  }
  for await (const found of ddfs.pull(tag, (other) => other === name)) {
    const response = whole(found);
    if ((found.size ?? Infinity) <= CACHED) context.waitUntil(caches.default.put(request, response.clone()));
    return response;
  }
  return notFound(name);
}

function whole(blob: PulledBlob): Response {
  const response = blob.response();
  for (const [name, value] of Object.entries(FOR_EVER)) response.headers.set(name, value);
  return sized(response);
}

/** A part of a blob, straight from the first replica that has it. */
async function partOf(replicas: Replicas, port: string, { headers, signal }: Request): Promise<Response> {
  const range = headers.get("range") ?? "";
  for (const url of replicas) {
    const answer = await fetch(resolveUrl(url, port), { headers: { range }, signal }).catch(() => undefined);
    if (answer?.status === 206 || answer?.status === 416) {
      return new Response(answer.body, {
        status: answer.status,
        headers: { ...Object.fromEntries(answer.headers), ...FOR_EVER },
      });
    }
    await answer?.body?.cancel();
  }
  return new Response("no replica answers", { status: 502 });
}

async function* bytesOf(ddfs: DDFS, tag: string): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const blob of ddfs.pull(tag)) {
    const reader = blob.stream().getReader();
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  }
}

async function* grep(ddfs: DDFS, tag: string, text: string): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder();
  for await (const lines of ddfs.recordBatches(`tag://${tag}`, { text: true })) {
    const found = lines.filter((line) => String(line).includes(text)).join("");
    if (found !== "") yield encoder.encode(found);
  }
}

/** A stream that takes the next part when it is wanted, and no earlier. */
function streamOf(parts: AsyncGenerator<Uint8Array, void, undefined>): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => void await parts.return(),
  }, { highWaterMark: 0 });
}

function notFound(what: string): Response {
  return new Response(`${what} is not here`, { status: 404 });
}
