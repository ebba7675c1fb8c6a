import { ByteReader } from "../base/byte_reader.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { openBlob } from "../cluster/read_replicas.ts";
import { engine } from "../codec/current.ts";
import { hunkPool } from "../codec/pool.ts";
import { CommError, DataError, DiscoError } from "../errors.ts";
import type { Replicas } from "../options.ts";
import { AS_VALUES, batches } from "../records/batches.ts";
import { isChunk } from "../records/hunk.ts";
import type { Count } from "./progress.ts";

/** The findings of {@linkcode DDFS.verify} about one replica. */
export interface ReplicaReport {
  /** The tag that holds the blob, as a `tag://` URL. */
  readonly tag: string;
  /** The blob's name. */
  readonly blob: string;
  /** The replica. */
  readonly url: string;
  /**
   * `good`; `missing` where its node says so; `corrupt`, a chunk with a hunk that cannot be read; `differs` in size or content from most other
   * replicas, or from every other when there is no majority; `unreachable` where nothing can be said.
   */
  readonly state: "good" | "missing" | "corrupt" | "differs" | "unreachable";
  /** Its size in bytes, where that is known. */
  readonly size: number | undefined;
  /** The bytes of the first hunk that cannot be read. */
  readonly range?: readonly [start: number, end: number];
  /** The reason why it is not good or, where a repair was tried, why that failed. */
  readonly error?: DiscoError;
  /** The blob's new replicas, when it was repaired. */
  readonly repaired?: Replicas;
}

/** The facts that were read from a replica. */
export interface Reading {
  readonly url: string;
  readonly size: number | undefined;
  /** CRC-32 of a replica that was read to its end. */
  readonly crc32?: number;
  readonly isChunk?: boolean;
  readonly error?: unknown;
}

/** The state of a replica, and the reason for it. */
export type Judgement = Omit<ReplicaReport, "tag" | "blob" | "repaired">;

/** The context in which a replica is read. */
export interface ReplicaContext {
  /** The cluster. */
  readonly cluster: Cluster;
  /** The name of the blob. */
  readonly blob: string;
  /** Counts what is read. */
  readonly count: Count;
  /** When the operation began, in milliseconds of the client's clock: a node that is silent since then is not asked again. */
  readonly since: number;
  /** Ends it. */
  readonly signal: AbortSignal | undefined;
}

/** Reads a replica to its end, or to the first hunk that is corrupt. */
export async function readReplica(
  url: string,
  { cluster, blob, count, since, signal }: ReplicaContext,
): Promise<Reading> {
  let size: number | undefined;
  try {
    const codec = await engine();
    const opened = await openBlob(cluster, [url], { hastySince: since, signal });
    size = opened.size;
    let crc32 = 0;
    let length = 0;
    const onPart = (part: Uint8Array) => {
      crc32 = codec.crc32(part, crc32);
      length += part.length;
      count(blob, { bytesIn: part.length });
    };
    const source = new ByteReader(opened.stream, { label: url, signal, onPart });
    const reading = { url, isChunk: await isChunk(source) };
    if (reading.isChunk) {
      for await (const _ of batches(source, { url, signal }, hunkPool(0), AS_VALUES));
    } else {
      while (await source.read() !== undefined);
    }
    return { ...reading, size: length, crc32 };
  } catch (error) {
    signal?.throwIfAborted();
    return { url, size, error };
  }
}

/** Judges each replica beside the others. */
export function judged(readings: readonly Reading[]): Judgement[] {
  const whole = readings.filter(({ crc32 }) => crc32 !== undefined);
  const chunks = whole.filter(({ isChunk }) => isChunk);
  const accepted = mostCommon((chunks.length > 0 ? chunks : whole).map(contentOf));
  return readings.map((reading) => {
    const { url, size, error } = reading;
    if (error === undefined) {
      if (contentOf(reading) === accepted) return { url, size, state: "good" };
      const others = whole.filter((other) => other !== reading).map(({ size, url }) => `${size} bytes at ${url}`);
      const message = `The replica ${url} of ${size} bytes differs in size or content from ${others.join(", ")}`;
      return { url, size, state: "differs", error: new DataError(message, { code: "bad-answer", url }) };
    }
    if (!(error instanceof DiscoError)) throw error;
    const state = error instanceof CommError
      ? error.status === 404 ? "missing" : "unreachable"
      : error.code === "corrupt-hunk"
      ? "corrupt"
      : "unreachable";
    const range = error instanceof DataError ? error.range : undefined;
    return { url, size, state, error, ...(range === undefined ? {} : { range }) };
  });
}

function contentOf({ size, crc32 }: Reading): string {
  return `${size} ${crc32}`;
}

/** The content that more replicas have than any other; nothing where two are even. */
function mostCommon(contents: readonly string[]): string | undefined {
  const counts = new Map<string, number>();
  for (const content of contents) counts.set(content, (counts.get(content) ?? 0) + 1);
  const [first, second] = [...counts].sort(([, a], [, b]) => b - a);
  return first !== undefined && first[1] !== second?.[1] ? first[0] : undefined;
}
