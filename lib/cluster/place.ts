import type { Answer, Call } from "../http/call.ts";
import { noteAtOnce } from "./at_once.ts";
import type { Cluster } from "./cluster.ts";
import { CommError } from "../errors.ts";
import { show } from "../check.ts";
import { requestError } from "../http/error_answer.ts";
import { baseName, blobName, decoded } from "../names.ts";
import { reworded } from "./reworded.ts";
import { securedBy } from "../urls.ts";

/** The longest blob name that a cluster keeps: longer ones are replaced by their MD5. */
const LONGEST = 200;

/** Which nodes a blob is to get. */
export interface Wish {
  /** The blob's name. */
  readonly name: string;
  /** The number of nodes; by default the cluster's own. */
  readonly replicas: number | undefined;
  /** Hosts that must be among them. */
  readonly include: readonly string[];
  /** Hosts that must not be among them. */
  readonly exclude: readonly string[];
  /** The bytes of the blob, where they are known. */
  readonly size?: number;
  /** Gives `undefined` in place of an error if the master has too few nodes. */
  readonly mayLack?: boolean;
}

/** The nodes that a blob can be sent to. */
export interface Places {
  /** The URLs to send it to, one a replica. */
  readonly targets: readonly string[];
  /** The headers of the master's answer, which may promise more than Disco does. */
  readonly headers: Headers;
}

/**
 * Asks the master for nodes that a blob can be sent to.
 *
 * @param wish How many nodes, and which.
 * @param signal Ends it.
 * @returns Where to send the blob to; nothing when there are not enough nodes beside those that are excluded.
 * @throws {CommError} If there are not enough nodes (code `too-few-replicas`), or the master does not say.
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#allocating-a-blob PROTOCOL: Allocating a blob}
 */
export async function place(
  cluster: Cluster,
  wish: Wish,
  signal: AbortSignal | undefined,
): Promise<Places | undefined> {
  const call: Call = {
    url: `${cluster.master.base}/ddfs/new_blob/${wish.name}${queryOf(wish)}`,
    toMaster: true,
    signal,
  };
  const retries = cluster.transport.retries(call);
  for (;;) {
    try {
      const places = await cluster.transport.json(call, placesOf);
      checkNames(call, wish, places.targets);
      const targets = places.targets.map((target) => securedBy(cluster.master, target));
      if (targets.length === 0) return undefined;
      cluster.hasNodes = true;
      noteAtOnce(cluster, targets, places.headers);
      cluster.health.named(targets);
      return { ...places, targets };
    } catch (error) {
      if (!(error instanceof CommError)) throw error;
      // The text of an error may be lost on its way; names are checked before, so that this is what it said.
      const isShort = error.status === 403 && !error.message.includes("Invalid tag");
      const isExcluding = wish.exclude.length > 0;
      if (isShort && (wish.mayLack || isExcluding)) return undefined;
      // A master does not know hosts that another name leads to, or that have left the cluster.
      if (error.status === 500 && isExcluding && wish.include.length === 0) return undefined;
      const said = explained(error, wish);
      if (!isShort || !(cluster.hasNodes || await listsEnough(cluster, wish, signal))) throw said;
      await retries.next(said, signal, true);
    }
  }
}

/** Makes the parameters of new_blob, which refuses empty ones. */
function queryOf({ replicas, include, exclude }: Wish): string {
  const parameters = Object.entries({ replicas, include, exclude }).filter(([, value]) => String(value ?? "") !== "");
  return parameters.map(([key, value], place) => `${place === 0 ? "?" : "&"}${key}=${value}`).join("");
}

/** Tells whether a master that has too few nodes now lists enough: after a restart they come back one by one. */
async function listsEnough(cluster: Cluster, { replicas }: Wish, signal: AbortSignal | undefined): Promise<boolean> {
  const listed = await cluster.nodes(signal).catch(() => ({}));
  signal?.throwIfAborted();
  const nodes = Object.values(listed).filter((node) => Object(node)["blacklisted"] !== true);
  return nodes.length >= (replicas ?? 1);
}

function explained(error: CommError, { include }: Wish): CommError {
  const { status } = error;
  const message = error.message.replace(/\.$/, "");
  if (status === 403 && message.includes("Not enough nodes")) {
    const advice = "the cluster has too few nodes; ask for fewer with the `replicas` option";
    return reworded(error, `${message}: ${advice}`, "too-few-replicas");
  }
  if (status === 500 && include.length > 0) {
    return reworded(error, `${message}: is every node of forceOn (${include.join(", ")}) in this cluster?`);
  }
  return error;
}

/** The name and the time stamp in a blob's URL. They stay the same whatever else a node or a proxy writes anew: host, port, folders, escapes. */
export function objectName(url: string): string {
  return decoded(baseName(url.replace(/[?#].*/s, "")));
}

/** Checks that the URLs are of the blob that was asked for. A name that is too long for a file is another one there. */
function checkNames(call: Call, { name }: Wish, targets: readonly string[]): void {
  const other = name.length > LONGEST ? undefined : targets.find((url) => blobName(objectName(url)) !== name);
  if (other === undefined) return;
  throw requestError(call, `the master names ${show(other)}, another blob`, "bad-answer", { status: 200 });
}

function placesOf(value: unknown, { headers }: Answer): Places | undefined {
  const isTarget = (url: unknown) => typeof url === "string" && /^https?:\/\/[^/]/.test(url) && URL.canParse(url);
  const isList = Array.isArray(value) && value.every(isTarget);
  return isList ? { targets: value, headers } : undefined;
}
