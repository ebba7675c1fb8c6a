import { invalid, show, wholeNumber } from "../check.ts";
import { sleep } from "../base/clock.ts";
import type { Cluster } from "./cluster.ts";
import { CommError } from "../errors.ts";
import { place } from "./place.ts";
import { baseName } from "../names.ts";
import type { Replicas, WriteOptions } from "../options.ts";
import { sending } from "../http/sending.ts";
import { stoppable } from "../base/stoppable.ts";
import { isPassing, Retries } from "../http/retry.ts";
import { uploadLimit } from "../http/upload_limit.ts";
import { hostOf } from "../urls.ts";

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
  const hosts = String(forceOn);
  if (!Array.isArray(forceOn) || !forceOn.every(isHost)) throw invalid("forceOn", hosts, "it is a list of host names");
  if (forceOn.length > replicas) throw invalid("forceOn", hosts, `${forceOn.length} nodes for replicas: ${replicas}`);
  if (enough > replicas) throw invalid("minReplicas", enough, `more than replicas: ${replicas}`);
}

/**
 * Writes a blob to all its replicas at once. One that fails is placed anew on another node, under the same object name; when there is no other
 * node, or none could be written at all, the blob gets a new name and is placed anew as a whole: a name is never sent to a node twice.
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
  /** The URLs that the nodes say they stored, by the URLs that they were sent. */
  const written = new Map<string, string>();
  const abandon = () => {
    onAbandoned([...written.values()]);
    written.clear();
  };
  try {
    await writeReplicas(cluster, upload, options, written, abandon);
    return [...written.values()];
  } catch (error) {
    abandon();
    throw error;
  }
}

/** Writes the replicas, and notes each that is written. */
async function writeReplicas(
  cluster: Cluster,
  upload: Upload,
  options: Placement,
  written: Map<string, string>,
  abandon: () => void,
): Promise<void> {
  const { settings } = cluster.transport;
  const { minReplicas, forceOn = [], retries = RETRIES, signal } = options;
  const failures: CommError[] = [];
  let wanted = options.replicas;

  // How often is counted here, and not for how long.
  const pauses = new Retries({ settings: { ...settings, retry: { within: Infinity } } });
  const ask = (replicas: number | undefined, exclude: readonly string[]) => {
    const include = forceOn.filter((host) => !exclude.includes(host)).slice(0, replicas);
    return place(cluster, { name: upload.name, replicas, include, exclude: [...new Set(exclude)] }, signal);
  };
  for (let attempt = 1;; attempt++) {
    const [sent] = written.keys();
    const exclude = [...failures.map(({ url }) => url), ...written.keys()].map(hostOf);
    let targets = await ask(wanted && wanted - written.size, exclude);
    if (targets === undefined) {
      if (minReplicas !== undefined && written.size >= minReplicas) break;
      // Not enough other nodes: all anew, on any node.
      abandon();
      targets = await ask(wanted, []) ?? [];
    } else if (sent !== undefined) {
      targets = targets.map((target) => target.slice(0, -baseName(target).length) + baseName(sent));
    }
    if (targets.length === 0) break;
    wanted ??= targets.length;
    const errors: CommError[] = [];
    await stoppable(signal, (stop) =>
      Promise.all(targets.map(async (target) => {
        try {
          written.set(target, await put(cluster, target, upload, stop.signal));
        } catch (error) {
          // What is sent cannot be read, or is not wanted any longer: no other node would help.
          const own = await upload.failure?.();
          if (own !== undefined || stop.signal.aborted || !(error instanceof CommError)) throw own ?? error;
          errors.push(error);
        }
      })));
    failures.push(...errors);
    const [error] = errors;
    if (error === undefined || attempt > retries) break;
    if (errors.some(({ status, message }) => status === 413 || message.includes("Invalid blob name"))) break;
    const delay = errors.some(isPassing) && written.size === 0 ? pauses.pauseAfter(error) ?? 0 : 0;
    cluster.transport.tell({ type: "replace", about: error, attempt, delay });
    await sleep(settings.clock, delay, signal);
  }

  wanted ??= 1;
  if (written.size >= (minReplicas ?? wanted)) return;
  const tried = failures.map(({ message }) => `  ${message}`).join("\n") || "  the master named no node";
  const cause = failures.at(-1);
  throw new CommError(
    `Blob ${show(upload.name)}: ${written.size} of ${wanted} replicas could be written\n${tried}`,
    { code: "too-few-replicas", url: cause?.url ?? "", status: cause?.status ?? 0, cause },
  );
}

/** Sends one replica; never twice under one name, as its answer may be what was lost. */
async function put(
  cluster: Cluster,
  target: string,
  upload: Upload,
  signal: AbortSignal | undefined,
): Promise<string> {
  return await cluster.transport.json({
    method: "PUT",
    url: target,
    toMaster: false,
    repeatable: false,
    limit: uploadLimit(cluster.transport, target, upload.size),
    init: sending("application/octet-stream", () => upload.body(), upload.size),
    signal,
  }, (value) => typeof value === "string" && /^\w+:\/\/[^/]/.test(value) ? value : undefined);
}
