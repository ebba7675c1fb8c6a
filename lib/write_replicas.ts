import { sleep } from "./clock.ts";
import { type Cluster, wholeNumber } from "./cluster.ts";
import { CommError, DiscoError } from "./errors.ts";
import { baseName, show } from "./names.ts";
import type { Replicas, WriteOptions } from "./options.ts";
import { sending } from "./sending.ts";
import { isPassing } from "./transport.ts";
import { uploadLimit } from "./upload_limit.ts";
import { hostOf } from "./urls.ts";

/** The bytes of a blob, which can be read again for each replica and each try. */
export interface Upload {
  /** The blob's name. */
  readonly name: string;
  /** Its size in bytes. */
  readonly size: number;
  /** What is sent. */
  body(): BodyInit | Promise<BodyInit>;
  /** Why what is sent could not be read, if that happened: no other node would help. */
  failure?(): unknown;
}

/** The options of a write that concern replicas, checked. */
export type Placement = Pick<WriteOptions, "replicas" | "forceOn" | "retries" | "minReplicas" | "signal">;

/**
 * Checks how blobs are to be placed.
 *
 * @throws {DiscoError} If a number or a host makes no sense (code `invalid-argument`).
 */
export function checkPlacement(options: Placement): void {
  const replicas = wholeNumber("replicas", options.replicas, 1);
  const enough = wholeNumber("minReplicas", options.minReplicas, 1);
  wholeNumber("retries", options.retries, 0);
  const { forceOn = [] } = options;
  const wrong = Array.isArray(forceOn)
    ? forceOn.find((host) => typeof host !== "string" || !/^[A-Za-z0-9._:[\]-]+$/.test(host))
    : forceOn;
  if (wrong !== undefined) throw invalid(`Invalid forceOn ${show(wrong)}: it is a list of host names`);
  if (replicas !== undefined && forceOn.length > replicas) {
    throw invalid(`Invalid forceOn ${show(forceOn.join(", "))}: ${forceOn.length} nodes for replicas: ${replicas}`);
  }
  if (replicas !== undefined && enough !== undefined && enough > replicas) {
    throw invalid(`Invalid minReplicas ${enough}: more than replicas: ${replicas}`);
  }
}

/**
 * Writes a blob to all its replicas at once. One that fails is placed anew on another node, under the same object name; when there is no other
 * node, or none could be written at all, the blob gets a new name and is placed anew as a whole: a name is never sent to a node twice.
 *
 * @param cluster The cluster.
 * @param upload The blob.
 * @param options How many replicas, where, how many tries.
 * @returns The stored URLs.
 * @throws {CommError} If fewer replicas than wanted could be written (code `too-few-replicas`); the message says what was tried.
 * @see PROTOCOL "new_blob", "Blob PUT"
 */
export async function writeBlob(cluster: Cluster, upload: Upload, options: Placement): Promise<Replicas> {
  const { settings } = cluster.transport;
  const retries = options.retries ?? settings.retries;
  const failedHosts = new Set<string>();
  const failures: CommError[] = [];
  let written: Written[] = [];
  let wanted = options.replicas;

  for (let attempt = 0;; attempt++) {
    const object = written[0]?.object;
    const missing = wanted === undefined ? undefined : wanted - written.length;
    const exclude = new Set([...failedHosts, ...written.map(({ host }) => host)]);
    let targets = await place(cluster, upload.name, missing, options, exclude, object !== undefined);
    if (targets === undefined && options.minReplicas !== undefined && written.length >= options.minReplicas) break;
    if (targets === undefined) {
      // Not enough other nodes: all anew, on any node.
      written = [];
      targets = await place(cluster, upload.name, wanted, options, new Set(), false) ?? [];
    } else if (object !== undefined) {
      targets = targets.map((target) => target.slice(0, -baseName(target).length) + object);
    }
    if (targets.length === 0) break;
    wanted ??= targets.length;
    const errors: CommError[] = [];
    const stop = new AbortController();
    const abort = () => stop.abort(options.signal?.reason);
    if (options.signal?.aborted) abort();
    options.signal?.addEventListener("abort", abort, { once: true });
    await Promise.all(targets.map(async (target) => {
      try {
        written.push(await put(cluster, target, upload, stop.signal));
      } catch (error) {
        const own = upload.failure?.() ?? (error instanceof CommError && !stop.signal.aborted ? undefined : error);
        if (own !== undefined) {
          // What is sent cannot be read, or is not wanted any longer: no other node would help.
          stop.abort(own);
          throw own;
        }
        if (!(error instanceof CommError)) throw error;
        failedHosts.add(hostOf(target));
        errors.push(error);
      }
    })).finally(() => options.signal?.removeEventListener("abort", abort));
    if (errors.length === 0) break;
    failures.push(...errors);
    const [error] = errors;
    if (error === undefined || attempt >= retries) break;
    if (errors.some(({ status, message }) => status === 413 || message.includes("Invalid blob name"))) break;
    const delay = errors.some(isPassing) && written.length === 0 ? cluster.transport.pause(attempt + 1, error) : 0;
    settings.onEvent({
      type: "replace",
      url: error.url,
      attempt: attempt + 1,
      status: error.status,
      delay,
      cause: error,
    });
    await sleep(settings.clock, delay, options.signal);
  }

  if (written.length < (options.minReplicas ?? wanted ?? 1)) throw tooFew(upload.name, wanted, written, failures);
  return written.map(({ url }) => url);
}

interface Written {
  readonly url: string;
  readonly object: string;
  readonly host: string;
}

/** Asks the master for nodes; nothing when there are not enough. */
async function place(
  cluster: Cluster,
  name: string,
  replicas: number | undefined,
  { forceOn = [], signal }: Placement,
  exclude: ReadonlySet<string>,
  isAddition: boolean,
): Promise<string[] | undefined> {
  const query: string[] = [];
  const include = isAddition
    ? forceOn.filter((host) => !exclude.has(host)).slice(0, replicas)
    : forceOn.filter((host) => !exclude.has(host));
  if (replicas !== undefined) query.push(`replicas=${replicas}`);
  if (include.length > 0) query.push(`include=${include.join(",")}`);
  if (exclude.size > 0) query.push(`exclude=${[...exclude].join(",")}`);
  const url = cluster.url(`/ddfs/new_blob/${name}${query.length > 0 ? `?${query.join("&")}` : ""}`);
  try {
    const targets = await cluster.transport.json(
      { method: "GET", url, toMaster: true, repeatable: true, signal },
      urlList,
    );
    return targets.length === 0 ? undefined : targets;
  } catch (error) {
    if (!(error instanceof CommError)) throw error;
    const isTooFew = error.status === 403 && error.message.includes("Not enough nodes");
    // The text of an error may be lost on its way; names are checked before, so that this is what it said.
    if (exclude.size > 0 && (isTooFew || (error.status === 403 && !error.message.includes("Invalid tag")))) {
      return undefined;
    }
    if (isTooFew) {
      const wish = replicas === undefined ? "" : ` for ${replicas} replicas`;
      throw new CommError(
        `${error.message}: the cluster has too few nodes${wish} of blob ${
          show(name)
        }; ask for fewer with the \`replicas\` option`,
        {
          code: "too-few-replicas",
          url: error.url,
          status: error.status,
          cause: error,
        },
      );
    }
    if (error.status === 500 && forceOn.length > 0) {
      throw new CommError(`${error.message}: is every node of forceOn (${forceOn.join(", ")}) in this cluster?`, {
        code: error.code,
        url: error.url,
        status: error.status,
        cause: error,
      });
    }
    throw error;
  }
}

/** Sends one replica; never twice under one name, as its answer may be what was lost. */
async function put(
  cluster: Cluster,
  target: string,
  upload: Upload,
  signal: AbortSignal | undefined,
): Promise<Written> {
  const url = await cluster.transport.json({
    method: "PUT",
    url: target,
    toMaster: false,
    repeatable: false,
    limit: uploadLimit(cluster.transport.settings, target, upload.size),
    init: sending("application/octet-stream", () => upload.body()),
    signal,
  }, (value) => typeof value === "string" && /^\w+:\/\/[^/]/.test(value) ? value : undefined);
  return { url, object: baseName(target), host: hostOf(target) };
}

function urlList(value: unknown): string[] | undefined {
  const isTarget = (url: unknown) => typeof url === "string" && /^https?:\/\/[^/]/.test(url) && URL.canParse(url);
  const isList = Array.isArray(value) && value.every(isTarget);
  return isList ? value : undefined;
}

function tooFew(
  name: string,
  wanted: number | undefined,
  written: readonly Written[],
  failures: readonly CommError[],
): CommError {
  const last = failures.at(-1);
  const tried = failures.map((error) => `  ${error.message}`).join("\n") || "  the master named no node";
  const left = written.length === 0 ? "" : `; left behind: ${written.map(({ url }) => url).join(", ")}`;
  return new CommError(
    `Blob ${show(name)}: ${written.length} of ${wanted ?? 1} replicas could be written${left}\n${tried}`,
    {
      code: "too-few-replicas",
      url: last?.url ?? "",
      status: last?.status ?? 0,
      cause: last,
    },
  );
}

function invalid(message: string): DiscoError {
  return new DiscoError(message, { code: "invalid-argument" });
}
