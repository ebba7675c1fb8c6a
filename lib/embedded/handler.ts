import { turn } from "../base/turn.ts";
import type { BodyLimits } from "./bodies.ts";
import { getBlob, newBlob, putBlob } from "./blobs.ts";
import { answerControl, type ControlContext } from "./control.ts";
import { isForeign, type Origins } from "./cors.ts";
import type { Explorer } from "../explorer_page/mod.ts";
import { type Place, volumeOf } from "./nodes.ts";
import { placeOf, type TrustProxy } from "./places.ts";
import { isBlobObject, pathOf, type Stamps } from "./stores/object_names.ts";
import { json, notFound, plain } from "./responses.ts";
import { answerTag, type TagContext } from "./tag_requests.ts";

/** All parts of an embedded DDFS that answer requests. */
export interface Context extends ControlContext, TagContext {
  readonly stamps: Stamps;
  readonly replicas: number;
  /** The limits of a blob's body, `body` being those of JSON. */
  readonly blobBody: BodyLimits;
  readonly random: () => number;
  /** Answers GETs of blobs by links to the store. */
  readonly redirect: boolean;
  readonly cors: Origins;
  readonly trustProxy: TrustProxy;
  /** The explorer page, if it is served. */
  readonly ui: Explorer | undefined;
}

/**
 * Answers a request. The host and the path say whether it is for the master or for a node, and what it asks for.
 *
 * @throws {CommError} If the request is refused.
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md PROTOCOL}
 */
export async function handle(request: Request, context: Context): Promise<Response> {
  const url = new URL(request.url);
  const { pathname } = url;
  // A proxy's path says which host is meant; the method in it stands for the port, and there is but one.
  const [, proxied, rest] = /^\/proxy\/([^/]+)\/[^/]*(\/.*)$/.exec(pathname) ?? [];
  if (proxied !== undefined && !context.nodes.isKnown(proxied)) return notFound();
  const asked = placeOf(url, request.headers, context.trustProxy);
  const place = { ...asked, host: proxied ?? asked.host };
  const path = rest ?? pathname;
  if (isChange(request.method, path) && isForeign(request, asked, context.cors)) {
    return plain(403, "Pages of other sites may not change anything here.");
  }
  if (isEncoded(request.headers)) return plain(501, "Transfer-Encoding: send it chunked, or with a Content-Length");
  // A page asks whether a node lives. Disco says 403, which browsers write into their consoles as an error.
  const isByPage = proxied !== undefined || request.headers.get("sec-fetch-site") === "same-origin";
  if (isByPage && path === "/ddfs/" && /^(?:GET|HEAD)$/.test(request.method)) {
    return new Response(null, { status: 204 });
  }
  const isMaster = context.nodes.isMaster(place.host);
  return (isMaster ? await answerAsMaster(request, path, place, context) : undefined) ??
    await answerAsNode(request, path, place, isMaster, context) ??
    notFound();
}

/**
 * Tells whether a body was encoded for its way alone, by what servers of JavaScript do not take off: it would be stored so.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9112#section-6.1 RFC 9112, section 6.1}
 */
function isEncoded(headers: Headers): boolean {
  const codings = headers.get("transfer-encoding");
  return codings !== null && !/^\s*(?:chunked|identity)?\s*$/i.test(codings);
}

/** Tells whether a request changes something, or makes work: some do so by GET. */
function isChange(method: string, path: string): boolean {
  if (method !== "GET") return method !== "HEAD" && method !== "OPTIONS";
  return path.startsWith("/ddfs/new_blob/") || path === "/ddfs/ctrl/gc_start";
}

async function answerAsMaster(
  request: Request,
  path: string,
  place: Place,
  context: Context,
): Promise<Response | undefined> {
  const after = (prefix: string) =>
    path.startsWith(prefix) ? { decoded: decode(path.slice(prefix.length)) } : undefined;
  const isGet = request.method === "GET";
  const tag = after("/ddfs/tag/");
  if (tag !== undefined) return await answerTag(request, tag.decoded, place, context);
  const tags = after("/ddfs/tags");
  if (tags !== undefined && isGet) return json(request, await tagNames(tags.decoded, context));
  const blob = after("/ddfs/new_blob/");
  if (blob !== undefined && isGet) return newBlob(request, blob.decoded, place, context);
  return await answerControl(request, path, place, context) ?? await context.ui?.(request);
}

/** Lists the names of all tags with a prefix. */
async function tagNames(path: string | undefined, { store }: Context): Promise<string[]> {
  const prefix = path?.replace(/^\/+|\/+$/g, "");
  const names: string[] = [];
  if (prefix === undefined) return names;
  for await (const name of store.tags.names(prefix)) {
    // A store that has all names at hand would leave nobody else a turn.
    if (names.push(name) % 4096 === 0) await turn();
  }
  return names.sort();
}

async function answerAsNode(
  request: Request,
  path: string,
  place: Place,
  isMaster: boolean,
  context: Context,
): Promise<Response | undefined> {
  const { method } = request;
  if (path === "/ddfs/" && (method === "GET" || method === "HEAD")) return plain(403, "Forbidden");
  const [, object] = /^\/ddfs\/(.+)$/.exec(path) ?? [];
  if (object === undefined) return undefined;
  const node = context.nodes.nodeAt(place.host);
  const volume = node === undefined ? undefined : volumeOf(context.store.volumes, node);
  if (/^vol\d+\//.test(object)) {
    if (method !== "GET" && method !== "HEAD") return isMaster ? undefined : plain(501, "Method not supported");
    if (volume === undefined) return plain(403, "Disco node is busy");
    // The master decodes paths, other nodes take them as they are.
    const name = blobAt(isMaster ? decode(object) : object + new URL(request.url).search);
    return name === undefined ? undefined : await getBlob(request, volume, name, context);
  }
  if (volume === undefined) return undefined;
  if (method === "PUT") {
    const host = context.nodes.hostOf(node ?? "", place);
    const name = decode(object) ?? "";
    return await context.gc.uploading(name, () => putBlob(request, volume, host, name, context.blobBody));
  }
  return isBlobObject(decode(object) ?? "") ? plain(501, "Method not supported") : undefined;
}

/** Gives the object that a path names, if the path has the folder where that object belongs. */
function blobAt(path: string | undefined): string | undefined {
  const object = path?.slice(path.lastIndexOf("/") + 1) ?? "";
  return isBlobObject(object) && path === pathOf("blob", object) ? object : undefined;
}

/** Decodes a path as Disco does: `+` is a space. */
function decode(path: string): string | undefined {
  try {
    return decodeURIComponent(path.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}
