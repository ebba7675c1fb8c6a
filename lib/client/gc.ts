import { sleep } from "../base/clock.ts";
import { isObject } from "../check.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { requestError } from "../http/error_answer.ts";
import type { ReadOptions } from "../options.ts";

/** A number of objects, and their size. */
export interface GcAmount {
  /** The number of objects, each replica counted. */
  readonly objects: number;
  /** Their size in bytes, all together. */
  readonly bytes: number;
}

/** The objects that a collection kept, and those that it deleted. */
export interface GcResult {
  /** The files of tags: of each version that is still stored, one on each of its nodes. */
  readonly tags: { readonly kept: GcAmount; readonly deleted: GcAmount };
  /** The blobs. */
  readonly blobs: { readonly kept: GcAmount; readonly deleted: GcAmount };
}

/** The state of a collection. */
export interface GcProgress {
  /** The state in the master's words, like `GC is scanning DDFS (phase map_wait).` */
  readonly status: string;
}

/** Options of {@linkcode DDFS.gc}. */
export interface GcOptions extends ReadOptions {
  /** Called with the state of the collection each time the master was asked for it, until it has ended. */
  onProgress?: ((progress: GcProgress) => void) | undefined;
}

/** A collection that has ended, as a master tells it. */
interface GcStats {
  readonly timestamp: string;
  readonly result: GcResult;
}

/** Milliseconds until the state is asked for the first time, and at most between two times. */
const FIRST_PAUSE = 50;
const LONGEST_PAUSE = 5000;
/** Milliseconds that a master's time of a collection may be off: it has whole seconds. */
const SAME_SECOND = 2000;

/** Starts a collection, or joins the one that runs, and waits for its end. */
export async function collect(cluster: Cluster, options: GcOptions): Promise<GcResult> {
  const { transport, master } = cluster;
  const { clock } = transport.settings;
  const { signal, onProgress } = options;
  const token = await cluster.token("write", { name: "", host: "", token: undefined }, options);
  const call = (name: string) => ({ url: `${master.base}/ddfs/ctrl/${name}`, toMaster: true, token, signal });
  const before = await transport.json(call("gc_stats"), statsOf);
  await transport.json(call("gc_start"), textOf);
  const start = clock.now();
  for (let pause = FIRST_PAUSE;; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    const status = await transport.json(call("gc_status"), textOf);
    if (status === "") break;
    if (/^GC failed/.test(status)) throw requestError(call("gc_start"), status, "server-error");
    onProgress?.({ status });
    await sleep(clock, pause, signal);
  }
  const took = clock.now() - start;
  const stats = await transport.json(call("gc_stats"), statsOf);
  // A real master does not say that a collection failed: its findings stay those of the last one.
  if (stats === NONE || (before !== NONE && stats.timestamp === before.timestamp && took > SAME_SECOND)) {
    throw requestError(
      call("gc_start"),
      "the collection ended without a result; look into the master's log",
      "server-error",
    );
  }
  return stats.result;
}

/** Stands for the findings of a master that has not collected yet. */
const NONE = "none";

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function statsOf(value: unknown): GcStats | typeof NONE | undefined {
  if (value === "") return NONE;
  const { timestamp, stats } = Object(value) as Record<string, unknown>;
  if (typeof timestamp !== "string" || !isObject(stats)) return undefined;
  const [tagsKept, tagsDeleted, blobsKept, blobsDeleted] = ["Tags kept", "Tags deleted", "Blobs kept", "Blobs deleted"]
    .map((name) => amountOf(stats[name]));
  if (!tagsKept || !tagsDeleted || !blobsKept || !blobsDeleted) return undefined;
  const result = {
    tags: { kept: tagsKept, deleted: tagsDeleted },
    blobs: { kept: blobsKept, deleted: blobsDeleted },
  };
  return { timestamp, result };
}

function amountOf(value: unknown): GcAmount | undefined {
  const [objects, bytes] = Array.isArray(value) ? value : [];
  return typeof objects === "number" && typeof bytes === "number" ? { objects, bytes } : undefined;
}
