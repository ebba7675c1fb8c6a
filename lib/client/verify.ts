import type { Cluster } from "../cluster/cluster.ts";
import { engine } from "../codec/current.ts";
import { hunkPool } from "../codec/pool.ts";
import { CommError, DataError, DiscoError } from "../errors.ts";
import { blobName, parseTag, type Tag } from "../names.ts";
import type { ProgressOptions, Replicas, WalkOptions } from "../options.ts";
import { type Count, counter } from "./progress.ts";
import { openBlob } from "../cluster/read_replicas.ts";
import { isChunk } from "../records/hunk.ts";
import { batches } from "../records/batches.ts";
import { ByteReader } from "../base/byte_reader.ts";
import { type Replacement, replaceSets } from "../cluster/replace_sets.ts";
import { walkTags } from "../cluster/walk.ts";
import { writeBlob } from "../cluster/write_replicas.ts";

/** Options of {@linkcode DDFS.verify}. */
export interface VerifyOptions extends WalkOptions, ProgressOptions {
  /**
   * Writes blobs with a bad replica anew from a good one, and puts the new ones in the place of the old ones in their tags.
   *
   * @default {false}
   */
  repair?: boolean | undefined;
}

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
  /** The reason why it is not good. */
  readonly error?: DiscoError;
  /** The blob's new replicas, when it was repaired. */
  readonly repaired?: Replicas;
}

/** The facts that were read from a replica. */
interface Reading {
  readonly url: string;
  readonly size: number | undefined;
  /** CRC-32 of a replica that was read to its end. */
  readonly crc32?: number;
  readonly isChunk?: boolean;
  readonly error?: unknown;
}

/**
 * Reads every replica of every blob of a tag and of all that it links to.
 *
 * @param cluster The cluster.
 * @param tag The tag.
 * @param options Whether to repair, token, signal, progress.
 * @returns One report a replica, the replicas of a blob one after the other.
 * @throws {CommError} If a tag cannot be read, or, for a repair, written.
 */
export async function* verifyTag(
  cluster: Cluster,
  tag: Tag,
  options: VerifyOptions,
): AsyncGenerator<ReplicaReport, void, undefined> {
  const { signal } = options;
  const home = cluster.tagUrl(parseTag(tag)).slice(0, -parseTag(tag).name.length);
  const count = counter(options);
  for await (const { path, blobs } of walkTags(cluster, [parseTag(tag)], options)) {
    const own = path.at(-1) ?? "";
    const replacements: Replacement[] = [];
    for (const replicas of blobs) {
      const blob = blobName(replicas[0] ?? "");
      const readings = await Promise.all(replicas.map((url) => readReplica(cluster, url, blob, count, signal)));
      const found = judged(readings).map((judgement) => ({ tag: own, blob, ...judgement }));
      const { repaired, error } = options.repair === true ? await repair(cluster, found, readings, signal) : {};
      if (repaired !== undefined) replacements.push({ from: replicas, to: repaired });
      count(blob, { blobs: 1 }, { replicas });
      for (const one of found) {
        const cause = one.error ?? (one.state === "good" ? undefined : error);
        yield {
          ...one,
          ...(repaired === undefined ? {} : { repaired }),
          ...(cause === undefined ? {} : { error: cause }),
        };
      }
    }
    if (replacements.length === 0) continue;
    const parts = parseTag(path.length === 1 ? tag : own);
    const token = cluster.tagUrl(parts).startsWith(home) ? options.token : undefined;
    await replaceSets(cluster, parts, replacements, { token, signal });
  }
}

/** Reads a replica to its end, or to the first hunk that is corrupt. */
async function readReplica(
  cluster: Cluster,
  url: string,
  blob: string,
  count: Count,
  signal: AbortSignal | undefined,
): Promise<Reading> {
  let size: number | undefined;
  try {
    const codec = await engine();
    const opened = await openBlob(cluster, [url], { signal });
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
      for await (const _ of batches(source, { url, signal }, hunkPool(0)));
    } else {
      while (await source.read() !== undefined);
    }
    return { ...reading, size: length, crc32 };
  } catch (error) {
    signal?.throwIfAborted();
    return { url, size, error };
  }
}

type Judgement = Omit<ReplicaReport, "tag" | "blob" | "repaired">;

/** Judges each replica beside the others. */
function judged(readings: readonly Reading[]): Judgement[] {
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

/** Writes a blob anew when one of its replicas is bad and one is good. A replica that is only out of reach may come back. */
async function repair(
  cluster: Cluster,
  found: readonly Judgement[],
  readings: readonly Reading[],
  signal: AbortSignal | undefined,
): Promise<{ repaired?: Replicas; error?: DiscoError }> {
  const good = found.filter(({ state }) => state === "good");
  const [first] = good;
  const isBad = found.some(({ state }) => state !== "good" && state !== "unreachable");
  if (first === undefined || !isBad) return {};
  try {
    const { stream } = await openBlob(cluster, good.map(({ url }) => url), { signal });
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
    const { crc32 } = readings.find(({ url }) => url === first.url) ?? {};
    if ((await engine()).crc32(bytes) !== crc32) {
      throw new DataError(`${first.url} changed while it was copied`, { code: "bad-answer", url: first.url });
    }
    const blob = new Blob([bytes]);
    const upload = { name: blobName(first.url), size: blob.size, body: () => blob };
    const placement = { replicas: found.length, minReplicas: Math.min(found.length, good.length + 1), signal };
    return { repaired: await writeBlob(cluster, upload, placement) };
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof DiscoError) return { error };
    throw error;
  }
}
