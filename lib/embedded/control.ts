import type { Collector } from "./gc.ts";
import { type JsonLimits, jsonOf } from "./json_bodies.ts";
import type { Nodes, Place } from "./nodes.ts";
import { json, plain, WRONG_TOKEN } from "./responses.ts";
import { refusal } from "./stores/refusal.ts";
import { batchesInTurns } from "./stores/sets.ts";
import type { Store } from "./stores/store.ts";
import type { SetsJson } from "./stores/tag_store.ts";
import { isRight, tokenOf } from "./tokens.ts";

/** The parts of an embedded DDFS that control calls work on. */
export interface ControlContext {
  readonly store: Store;
  readonly nodes: Nodes;
  readonly gc: Collector;
  readonly body: JsonLimits;
  /** The token that is needed for calls that change something, or read every tag. */
  readonly adminToken: string | undefined;
}

type Call = (request: Request, place: Place, context: ControlContext) => unknown;

/** The version of Disco whose protocol this is. */
const VERSION = "0.5.4";

/** The calls, by method and path; each gives what is answered as JSON, or an answer. */
const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ["GET /disco/version", () => VERSION],
  ["GET /disco/ctrl/nodeinfo", (_request, place, context) => nodeInfo(place, context)],
  ["GET /disco/ctrl/get_blacklist", (_request, place, { nodes }) => hostsOf(nodes.blacklist, nodes, place)],
  ["GET /disco/ctrl/get_gc_blacklist", (_request, place, { nodes }) => hostsOf(nodes.gcBlacklist, nodes, place)],
  ["GET /ddfs/ctrl/safe_gc_blacklist", () => []],
  ["GET /ddfs/ctrl/gc_status", (_request, _place, { gc }) => gc.status()],
  ["GET /ddfs/ctrl/gc_stats", (_request, _place, { gc }) => gc.stats()],
]);

/** The calls that need the admin's token, if there is one. */
const ADMIN_CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ["POST /disco/ctrl/blacklist", withNode((node, { nodes }) => void nodes.blacklist.add(node))],
  ["POST /disco/ctrl/whitelist", withNode((node, { nodes }) => void nodes.blacklist.delete(node))],
  ["POST /disco/ctrl/gc_blacklist", withNode((node, { nodes }) => void nodes.gcBlacklist.add(node))],
  ["POST /disco/ctrl/gc_whitelist", withNode((node, { nodes }) => void nodes.gcBlacklist.delete(node))],
  ["POST /ddfs/ctrl/hosted_tags", withNode(hostedTags)],
  ["GET /ddfs/ctrl/gc_start", (_request, _place, { gc }) => {
    gc.start().catch(() => {});
    return "GC has started";
  }],
]);

/**
 * Answers a control call; `undefined` for a path or method that is none.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#control PROTOCOL: Control}
 */
export async function answerControl(
  request: Request,
  path: string,
  place: Place,
  context: ControlContext,
): Promise<Response | undefined> {
  const name = `${request.method} ${path}`;
  const adminCall = ADMIN_CALLS.get(name);
  const call = adminCall ?? CALLS.get(name);
  if (call === undefined) return undefined;
  const { adminToken = null } = context;
  if (adminCall !== undefined && !isRight(tokenOf(request), adminToken)) throw refusal(401, WRONG_TOKEN, request.url);
  const answer = await call(request, place, context);
  return answer instanceof Response ? answer : json(request, answer);
}

/** Makes a control call whose body is a node's name as JSON. If the call gives nothing, the answer is an empty text. */
function withNode(call: (node: string, context: ControlContext, host: string) => unknown): Call {
  return async (request, place, context) => {
    const { value: host } = await jsonOf(request, context.body);
    const node = typeof host === "string" ? context.nodes.named(host, place) : undefined;
    return node === undefined ? plain(403, "Invalid request.") : await call(node, context, String(host)) ?? "";
  };
}

async function nodeInfo(place: Place, { nodes, store }: ControlContext): Promise<Record<string, unknown>> {
  const entries = Array.from(store.volumes, async ([node, volume]) => {
    const { free, used } = await volume.space();
    const blacklisted = nodes.blacklist.has(node);
    const jobs = { job_ok: 0, data_error: 0, error: 0, max_workers: 0 };
    return [nodes.hostOf(node, place), { ...jobs, connected: true, blacklisted, diskfree: free, diskused: used }];
  });
  return Object.fromEntries(await Promise.all(entries));
}

function hostsOf(names: ReadonlySet<string>, nodes: Nodes, place: Place): string[] {
  return Array.from(names, (node) => nodes.hostOf(node, place)).sort();
}

/** Lists the tags that need a node: it has a replica of the tag or of one of its blobs. The last name comes first, as in Disco. */
async function hostedTags(node: string, { store }: ControlContext, host: string): Promise<string[]> {
  const hosted: string[] = [];
  for await (const name of store.tags.names("")) {
    const tag = await store.tags.read(name);
    if (tag === undefined) continue;
    if (tag.nodes.includes(node) || await hasUrlOf(host, tag.content.urls)) hosted.push(name);
  }
  return hosted.sort().reverse();
}

async function hasUrlOf(host: string, sets: SetsJson): Promise<boolean> {
  for await (const batch of batchesInTurns(sets)) {
    if (batch.some((set) => set.some((url) => url.startsWith(`disco://${host}/`)))) return true;
  }
  return false;
}
