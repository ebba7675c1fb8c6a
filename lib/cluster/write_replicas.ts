import { invalid, isTexts, show, wholeNumber } from "../check.ts";
import { sleep } from "../base/clock.ts";
import { keepsConnections } from "./at_once.ts";
import type { Cluster } from "./cluster.ts";
import { CommError } from "../errors.ts";
import { requestError } from "../http/error_answer.ts";
import { lifeWatch } from "../http/life_watch.ts";
import { objectName, type Places } from "./place.ts";
import { baseName } from "../names.ts";
import type { Replicas, WriteOptions } from "../options.ts";
import { sending } from "../http/sending.ts";
import { dropSpares } from "./spare_places.ts";
import { stoppable } from "../base/stoppable.ts";
import { isPassing, type Retries } from "../http/retry.ts";
import { hostOf } from "../urls.ts";
import { wellPlaces } from "./well_places.ts";

/** The bytes of a blob, which can be read again for each replica and each try. */
export interface Upload {
  /** The blob's name. */
  readonly name: string;
  /** Its size in bytes. */
  readonly size: number;
  /** Makes the body that is sent. */
  body(): BodyInit | Promise<BodyInit>;
  /** The reason why the body could not be read, if that happened: then no other node would help. */
  failure?(): unknown | Promise<unknown>;
}

/** The number of times that a blob is placed anew, as in the original. */
const RETRIES = 10;

/** The options of a write that concern replicas, checked. */
export type Placement = Pick<WriteOptions, "replicas" | "forceOn" | "retries" | "minReplicas" | "signal">;

/**
 * Checks how blobs are to be placed.
 *
 * @throws {DiscoError} If a number or a host makes no sense (code `invalid-argument`).
 */
export function checkPlacement(options: Placement): void {
  const { forceOn = [] } = options;
  const replicas = wholeNumber(options, "replicas", 1) ?? Infinity;
  const enough = wholeNumber(options, "minReplicas", 1) ?? 0;
  wholeNumber(options, "retries", 0);
  const isHost = (host: unknown) => typeof host === "string" && /^[A-Za-z0-9._:[\]-]+$/.test(host);
  const hosts = isTexts(forceOn) ? forceOn.join() : forceOn;
  if (!Array.isArray(forceOn) || !forceOn.every(isHost)) throw invalid("forceOn", hosts, "it is a list of host names");
  if (new Set(forceOn).size < forceOn.length) throw invalid("forceOn", hosts, "a node has one replica: name it once");
  if (forceOn.length > replicas) throw invalid("forceOn", hosts, `${forceOn.length} nodes for replicas: ${replicas}`);
  if (enough > replicas) throw invalid("minReplicas", enough, `more than replicas: ${replicas}`);
}

/**
 * Writes a blob to all its replicas at once. One that fails is placed anew on another node, under the same object name; when there is no other
 * node, when a node failed that is forced, or when none could be written at all, the blob gets a new name and is placed anew as a whole: a name is never
 * sent to a node twice.
 *
 * @param options How many replicas, where, how many tries.
 * @param onAbandoned Told of replicas that were written and are not among the result: the blob was placed anew, or the whole failed.
 * @returns The stored URLs.
 * @throws {CommError} If fewer replicas than wanted could be written (code `too-few-replicas`); the message says what was tried.
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#allocating-a-blob PROTOCOL: Allocating a blob}
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#storing-a-blob PROTOCOL: Storing a blob}
 */
export async function writeBlob(
  cluster: Cluster,
  upload: Upload,
  options: Placement,
  onAbandoned: (replicas: Replicas) => void,
): Promise<Replicas> {
  const writer = new BlobWriter(cluster, upload, options, onAbandoned);
  try {
    return await writer.run();
  } catch (error) {
    writer.abandon();
    throw error;
  }
}

class BlobWriter {
  readonly #cluster: Cluster;
  readonly #upload: Upload;
  readonly #options: Placement;
  /** The nodes that must have it. */
  readonly #forced: readonly string[];
  /** Paces the tries; how many there are is counted here. */
  readonly #retries: Retries;
  /** The number of replicas that are wanted, once that is known. */
  #wanted: number | undefined;
  /** The URLs that the nodes say they stored, by the URLs that they were sent. */
  readonly #written = new Map<string, string>();
  readonly #onAbandoned: (replicas: Replicas) => void;
  readonly #failures: CommError[] = [];

  constructor(
    cluster: Cluster,
    upload: Upload,
    options: Placement,
    onAbandoned: (replicas: Replicas) => void,
  ) {
    this.#onAbandoned = onAbandoned;
    this.#cluster = cluster;
    this.#upload = upload;
    this.#options = options;
    this.#forced = options.forceOn ?? [];
    this.#wanted = options.replicas;
    this.#retries = cluster.transport.retries({});
  }

  async run(): Promise<Replicas> {
    const { retries = RETRIES, signal } = this.#options;
    for (let attempt = 1;; attempt++) {
      const places = await this.#place();
      if (places === undefined) break;
      const named = places.targets.length;
      const { minReplicas = 0 } = this.#options;
      if (this.#wanted === undefined && named < minReplicas) {
        throw invalid("minReplicas", minReplicas, `the cluster makes ${named}: ask for more with the replicas option`);
      }
      this.#wanted ??= named;
      const errors = await this.#send(places);
      this.#failures.push(...errors);
      const [error] = errors;
      if (error === undefined || attempt > retries) break;
      if (errors.some(({ status, message }) => status === 413 || message.includes("Invalid blob name"))) break;
      const delay = this.#delayAfter(errors, error);
      if (delay === undefined) break;
      this.#cluster.transport.tell({ type: "replace", about: error, attempt, delay });
      await sleep(this.#cluster.transport.settings.clock, delay, signal);
    }
    return this.#outcome();
  }

  /** Gives the milliseconds to wait before the blob is placed anew; `undefined` if that would take too long. */
  #delayAfter(errors: readonly CommError[], error: CommError): number | undefined {
    const pause = this.#retries.pauseAfter(error, true);
    // Nodes that are silent are waited for as long as any request; for others only the tries count.
    if (pause === undefined) return errors.every(({ code }) => code === "timeout") ? undefined : 0;
    return errors.some((error) => isPassing(error)) && this.#written.size === 0 ? pause : 0;
  }

  /** Finds nodes for the replicas that are lacking; `undefined` if there are no more, or none are needed. */
  async #place(): Promise<Places | undefined> {
    const { minReplicas = Infinity } = this.#options;
    const failed = this.#failures.map(({ url }) => hostOf(url));
    const isForcedLacking = failed.length > 0 && this.#forced.some((host) => !this.#isWrittenOn(host));
    if (!isForcedLacking) {
      const missing = this.#wanted && this.#wanted - this.#written.size;
      const others = await this.#ask(missing, [...failed, ...[...this.#written.keys()].map(hostOf)]);
      if (others !== undefined) return this.#underOneName(others);
      if (this.#written.size >= minReplicas) return undefined;
    }
    // Not enough other nodes, or a forced one has to be tried again: all anew, under a new name.
    this.abandon();
    const avoided = isForcedLacking ? failed.filter((host) => !this.#forced.includes(host)) : [];
    const places = avoided.length > 0 ? await this.#ask(this.#wanted, avoided) : undefined;
    return places ?? await this.#ask(this.#wanted, []);
  }

  /** Gives up what is written so far. */
  abandon(): void {
    this.#onAbandoned([...this.#written.values()]);
    this.#written.clear();
  }

  #isWrittenOn(host: string): boolean {
    return [...this.#written.keys()].some((target) => hostOf(target) === host);
  }

  async #ask(replicas: number | undefined, exclude: readonly string[]): Promise<Places | undefined> {
    const { minReplicas = Infinity, signal } = this.#options;
    const include = this.#forced.filter((host) => !exclude.includes(host)).slice(0, replicas);
    const wish = { ...this.#upload, replicas, include, exclude: [...new Set(exclude)] };
    return await wellPlaces(this.#cluster, wish, Math.max(1, minReplicas - this.#written.size), signal);
  }

  /** Gives the replicas that are placed anew the name of those that are written. */
  #underOneName(places: Places): Places {
    const [sent] = this.#written.keys();
    if (sent === undefined) return places;
    const renamed = (target: string) => target.slice(0, -baseName(target).length) + baseName(sent);
    return { ...places, targets: places.targets.map(renamed) };
  }

  /** Sends the blob to all its places, and gives the errors. */
  async #send({ targets, headers }: Places): Promise<CommError[]> {
    const errors: CommError[] = [];
    const cluster = this.#cluster;
    const { health } = cluster;
    await stoppable(this.#options.signal, (stop) =>
      Promise.all(targets.map(async (target) => {
        try {
          const url = await this.#put(target, headers, stop.signal);
          this.#written.set(target, url);
          health.stored(target, url);
        } catch (error) {
          // What is sent cannot be read, or is not wanted any longer: no other node would help.
          const own = await this.#upload.failure?.();
          if (own !== undefined || stop.signal.aborted || !(error instanceof CommError)) throw own ?? error;
          health.failed(target, error);
          dropSpares(cluster);
          errors.push(error);
        }
      })));
    return errors;
  }

  /** Sends one replica; never twice under one name, as its answer may be what was lost. */
  async #put(target: string, headers: Headers, signal: AbortSignal): Promise<string> {
    const { transport, health } = this.#cluster;
    const { size } = this.#upload;
    const limit = lifeWatch(transport, target, { first: health.patience(target), size });
    const init = sending({
      type: "application/octet-stream",
      body: () => this.#upload.body(),
      size,
      isFresh: !keepsConnections(headers),
    });
    const call = { method: "PUT", url: target, toMaster: false, repeatable: false, limit, init, signal } as const;
    const url = await transport.json(call, (value) => {
      if (typeof value !== "string") return undefined;
      // What cannot be read is not stored.
      this.#cluster.resolve(value);
      return value;
    });
    if (objectName(url) === objectName(target)) return url;
    // What mixes up answers on the way would have a tag name the blob of somebody else.
    throw requestError(call, `the node says that it stored ${show(url)}, another blob`, "bad-answer", { status: 201 });
  }

  /** Gives the stored URLs if they are enough, and on all nodes that are forced; fails otherwise. */
  #outcome(): Replicas {
    const wanted = this.#wanted ?? 1;
    const lacking = this.#forced.filter((host) => !this.#isWrittenOn(host));
    const urls = [...this.#written.values()];
    if (urls.length >= (this.#options.minReplicas ?? wanted) && lacking.length === 0) return urls;
    const forced = lacking.length === 0 ? "" : `, and none on ${lacking.join(", ")} of forceOn`;
    const tried = listed(this.#failures) || "  the master named no node";
    const cause = this.#failures.at(-1);
    throw new CommError(
      `Blob ${show(this.#upload.name)}: ${urls.length} of ${wanted} replicas could be written${forced}\n${tried}`,
      { code: "too-few-replicas", url: cause?.url ?? "", status: cause?.status ?? 0, cause },
    );
  }
}

/** Lists failures, a line each. Those that differ in nothing but the name of the try are one, with their number. */
function listed(failures: readonly CommError[]): string {
  const lines = new Map<string, { readonly message: string; count: number }>();
  for (const { message } of failures) {
    // Deno names the port that it came from, too.
    const key = message.replace(/ from \S+ for .*\)/, "").replaceAll(/(?:\b[\da-f]{2}\/)?([\w@:-]+)\$[\da-f-]+/g, "$1");
    const line = lines.get(key);
    if (line === undefined) lines.set(key, { message, count: 1 });
    else line.count++;
  }
  return [...lines.values()]
    .map(({ message, count }) => `  ${message}${count === 1 ? "" : ` (${count} times)`}`)
    .join("\n");
}
