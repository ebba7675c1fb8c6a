import { DiscoError } from "../errors.ts";
import { announcedSize, type BodyLimits, piecesOf } from "./bodies.ts";
import { etagOf, hasAlready } from "./conditions.ts";
import type { Nodes, Place } from "./nodes.ts";
import { isBlobObject, isName, isStorable, pathOf, shortName, type Stamps } from "./stores/object_names.ts";
import { answer, type AnswerContext, json, notFound, ONCE, plain } from "./responses.ts";
import { reasonOf, refusal, toldReason } from "./stores/refusal.ts";
import { BEYOND, spansOf, wantedOf } from "./ranges.ts";
import type { BlobWriter, Volume } from "./stores/store.ts";

/**
 * Says that connections are kept open between requests, so that a PUT may use one again: a real node closes each
 * after its answer without a word, and a PUT that meets the end of one cannot be sent again.
 */
const KEPT = { "DDFS-Connections": "kept" };
/** Says that no stamp is given twice: blobs of other names may be put under the one of an answer, without asking for each. */
const UNIQUE = { "DDFS-Stamps": "unique" };

/** Seconds for which a link to a blob holds. */
const LINKED = 3600;
/** Headers of a redirection: it is not to be kept, and pages get another answer. */
const LINK_HEADERS = { "Cache-Control": "no-store", "Vary": "Origin, Sec-Fetch-Site, User-Agent, Range" };

/** The parts of an embedded DDFS that answer with blobs. */
export interface GetBlobContext extends AnswerContext {
  /** True if the store gives blobs to anybody who is sent there. */
  readonly redirect: boolean;
}

/** The parts of an embedded DDFS that answer new_blob. */
export interface NewBlobContext {
  readonly nodes: Nodes;
  readonly stamps: Stamps;
  /** The number of nodes that a blob is put to if the request does not say. */
  readonly replicas: number;
}

/**
 * Answers with the URLs to which a new blob is to be put.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#allocating-a-blob PROTOCOL: Allocating a blob}
 */
export function newBlob(request: Request, name: string | undefined, place: Place, context: NewBlobContext): Response {
  const { nodes, stamps } = context;
  const query = new URL(request.url).searchParams;
  const replicas = query.get("replicas") ?? String(context.replicas);
  const include = hosts(query.get("include"));
  const exclude = hosts(query.get("exclude"));
  if (name === undefined || !isName(name)) return plain(403, "Invalid tag");
  if (!/^[+-]?\d+$/.test(replicas) || (include.length === 0 && query.has("include"))) return failed();
  const known = (host: string) => nodes.named(host, place);
  const [included, excluded] = [include.map(known), exclude.map(known)];
  if (!included.every(isDefined) || !excluded.every(isDefined)) return failed();
  const chosen = nodes.choose(Number(replicas), included, excluded);
  if (chosen === undefined) return plain(403, "Not enough nodes for replicas.");
  const object = stamps.stamp(shortName(name));
  const urls = chosen.map((node) => `${place.protocol}//${nodes.hostOf(node, place)}${place.port}/ddfs/${object}`);
  return json(request, urls, { ...KEPT, ...UNIQUE, ...ONCE });
}

function hosts(list: string | null): string[] {
  return (list ?? "").split(",").filter((host) => host !== "");
}

function isDefined<T>(value: T | undefined): value is T {
  return value !== undefined;
}

function failed(): Response {
  return plain(500, "Internal server error");
}

/**
 * Stores a blob. If the body is incomplete or the store fails, nothing of it stays.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#storing-a-blob PROTOCOL: Storing a blob}
 */
export async function putBlob(
  request: Request,
  volume: Volume,
  host: string,
  object: string,
  limits: BodyLimits,
): Promise<Response> {
  if (!isBlobObject(object)) return plain(403, "Invalid blob name");
  const path = pathOf("blob", object);
  if (!isStorable(object)) return plain(500, `Opening file failed (path: ${path}): the name is too long`);
  let writer: BlobWriter | undefined;
  try {
    writer = await volume.create(object, { size: announcedSize(request) });
    if (writer === undefined) return exists(path);
    for await (const piece of piecesOf(request, limits)) await writer.write(piece);
    if (!await writer.commit()) return exists(path);
  } catch (error) {
    const text = (reason: string) => `Write failed (path: ${path}): ${reason}`;
    // A body that ended early is no failure of the store.
    const cause = Object(error).code === "source-failed" ? {} : { cause: error };
    throw refusal(500, text(reasonOf(error)), path, { ...cause, told: text(toldReason(error)) });
  } finally {
    await writer?.close();
  }
  const url = JSON.stringify(`disco://${host}/ddfs/${path}`);
  return new Response(url, {
    status: 201,
    headers: { "Content-Type": "application/json", "Content-Length": String(url.length) },
  });
}

function exists(path: string): Response {
  return plain(500, `File exists (path: ${path})`);
}

/**
 * Answers with a blob, or the ranges of it that are asked for.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#reading-a-blob PROTOCOL: Reading a blob}
 */
export async function getBlob(
  request: Request,
  volume: Volume,
  object: string,
  context: GetBlobContext,
): Promise<Response> {
  if (!isStorable(object)) return notFound();
  const range = request.headers.get("Range");
  const isLinked = context.redirect && request.method === "GET" && !isOfPage(request) && isPlain(request);
  // What a date says of the ranges is known later.
  const isUnsure = ![null, etagOf(object)].includes(request.headers.get("If-Range"));
  const isBodiless = isLinked || isUnsure || request.method === "HEAD";
  const wanted = isBodiless ? NOTHING : wantedOf(range) ?? NOTHING;
  const found = await volume.read(object, wanted);
  if (found === undefined) return notFound();
  const { size, modified } = found;
  let unread: Bytes | undefined = found.stream;
  const headers = {
    "ETag": etagOf(object),
    "Cache-Control": "public, max-age=31536000, immutable",
    // Pages of this origin, such as the explorer, take no blob for a script.
    "X-Content-Type-Options": "nosniff",
    "Last-Modified": new Date(modified).toUTCString(),
  };
  const read = (start: number, length: number) => {
    const end = start + length;
    const isWanted = start === wanted.start && end === Math.min(wanted.end, size);
    const stream = isWanted ? unread : undefined;
    if (stream !== undefined) unread = undefined;
    return piecesOfStream(stream, async () => {
      const part = await volume.read(object, { start, end });
      if (part !== undefined) return part.stream;
      throw new DiscoError(`The blob ${object} was removed while it was read`, { code: "source-failed" });
    });
  };
  try {
    if (hasAlready(request, object)) return new Response(null, { status: 304, headers });
    const link = isLinked && lies(range, size) ? await volume.link?.(object, LINKED) : undefined;
    if (link !== undefined) return new Response(null, { status: 302, headers: { Location: link, ...LINK_HEADERS } });
    return answer(
      request,
      { headers: { "Content-Type": "application/octet-stream", ...headers }, size, read },
      context,
    );
  } finally {
    unread?.cancel().catch(() => {});
  }
}

/**
 * Tells whether a page asks: it may read what another origin answers only if that says so. Not by Sec-Fetch-Mode, which Node sends, too. Over plain HTTP
 * a browser says nothing of its own origin's pages but its name.
 */
function isOfPage({ headers }: Request): boolean {
  return headers.has("Origin") || headers.has("Sec-Fetch-Site") || /^Mozilla\//.test(headers.get("User-Agent") ?? "");
}

/** Tells whether the store would answer as is done here: it has ETags of its own, and reads ranges in its own way. */
function isPlain({ headers }: Request): boolean {
  const conditions = ["If-Match", "If-Range", "If-Modified-Since", "If-Unmodified-Since"];
  return !conditions.some((name) => headers.has(name)) && /^(?:bytes=\d+-\d*)?$/.test(headers.get("Range") ?? "");
}

/** Tells whether a range is none, or one that lies in the blob. `bytes=0-` is none of these: Disco answers 200 to it, and stores 206. */
function lies(range: string | null, size: number): boolean {
  if (range === null) return true;
  const spans = spansOf(range, size);
  return spans !== BEYOND && spans.length === 1 && spans.every(([, length]) => length > 0);
}

type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>;

/** An empty part of a blob, to find out whether it is there, or its size. */
const NOTHING = { start: 0, end: 0 };

/** Gives the pieces of a stream that is there already, or is opened when it is read. It is cancelled when it is given up, read or not. */
function piecesOfStream(
  stream: Bytes | undefined,
  open: () => Promise<Bytes>,
): AsyncIterableIterator<Uint8Array<ArrayBuffer>> {
  let reader = stream?.getReader();
  return {
    async next() {
      reader ??= (await open()).getReader();
      const { done, value } = await reader.read();
      return done ? { done: true, value: undefined } : { done: false, value };
    },
    async return() {
      await reader?.cancel();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
