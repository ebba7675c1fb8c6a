import type { DDFSReader } from "../client/reader.ts";
import { answerBlob, HARMLESS, type Refusal } from "./blob_answer.ts";
import type { StoredBlob } from "./stored_blob.ts";
import type { TagReads } from "./tag_reads.ts";

/** The path below which the explorer page asks for what it shows. */
export const UI_API = "/ui/api";

const TAGS_PATH = /^\/ui\/api\/ddfs\/tags(?:\/([\w@:-]*))?\/?$/;
const TAG_PATH = /^\/ui\/api\/ddfs\/tag\/([\w@:-]+)$/;
/** A replica by its node, as a client asks a proxy for it. The tag stands where the node has a folder. */
const REPLICA_PATH = /^\/ui\/api\/proxy\/([^/]+)\/(?:GET|HEAD)\/ddfs\/vol\d+\/blob\/([\w@:-]+)\/([\w@:-]+\$[\da-f-]+)$/;
/** The folder in the URL of a replica. */
const FOLDER = /^((?:disco|https?):\/\/[^/]+\/ddfs\/vol\d+\/blob\/)[\da-f]{2}(?=\/[\w@:-]+\$[\da-f-]+$)/;

/** A request of the page, as the path says it. */
export type UiRequest =
  | { readonly kind: "tags"; readonly prefix: string }
  | { readonly kind: "tag"; readonly tag: string }
  | { readonly kind: "replica"; readonly tag: string; readonly host: string; readonly object: string };

/** Reads the path of a request that the page makes by the client: a part of the protocol, through a proxy. */
export function uiRequest(path: string): UiRequest | undefined {
  const [tags, tag, replica] = [TAGS_PATH, TAG_PATH, REPLICA_PATH].map((pattern) => pattern.exec(path));
  if (tags) return { kind: "tags", prefix: tags[1] ?? "" };
  if (tag) return { kind: "tag", tag: tag[1] ?? "" };
  const [, host = "", holder = "", object = ""] = replica ?? [];
  return replica ? { kind: "replica", tag: holder, host, object } : undefined;
}

/** Writes into the URL of a replica which tag has it: so the gateway sees what it is asked for, and whether that is open. */
export function withTag(url: string, tag: string): string {
  return url.replace(FOLDER, `$1${tag}`);
}

/**
 * Answers with the names of the open tags that begin with a prefix. Those of others are not asked for.
 *
 * @param open The beginnings of open tags.
 * @throws {CommError} If the tags cannot be listed.
 */
export async function answerTags(
  ddfs: DDFSReader,
  prefix: string,
  open: readonly string[],
  cacheControl: string,
): Promise<Response> {
  const wanted = open.flatMap((one) => one.startsWith(prefix) ? [one] : prefix.startsWith(one) ? [prefix] : []);
  const lists = await Promise.all([...new Set(wanted)].map((one) => ddfs.list(one)));
  return jsonAnswer([...new Set(lists.flat())].sort(), { "cache-control": cacheControl });
}

/**
 * Answers with a replica of a blob, read from its own node.
 *
 * @returns `undefined` if the tag has no such replica.
 * @throws {CommError} If the tag or the replica cannot be read.
 */
export async function answerReplica(
  request: Request,
  { ddfs, reads }: { ddfs: DDFSReader; reads: TagReads },
  { tag, host, object }: UiRequest & { kind: "replica" },
  { token, refuse, cacheControl }: { token: string | undefined; refuse: Refusal; cacheControl: string },
): Promise<Response | undefined> {
  const found = (await reads.read(tag, token)).object(object);
  const replicas = found?.replicas.filter((url) => new URL(url.replace(/^disco:/, "http:")).hostname === host) ?? [];
  if (found === undefined || replicas.length === 0) return undefined;
  return await answerBlob(request, ddfs, { ...found, replicas } satisfies StoredBlob, refuse, cacheControl);
}

/** Makes an answer of JSON. */
export function jsonAnswer(content: unknown, headers: Record<string, string>): Response {
  const bytes = new TextEncoder().encode(JSON.stringify(content));
  return new Response(bytes, {
    headers: {
      ...HARMLESS,
      "content-type": "application/json",
      "content-length": `${bytes.length}`,
      ...headers,
    },
  });
}
