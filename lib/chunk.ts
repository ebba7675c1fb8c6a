import type { Cluster } from "./cluster.ts";
import { DiscoError } from "./errors.ts";
import { type Input, inputsOf, type Source } from "./inputs.ts";
import { leftBehind } from "./left_behind.ts";
import { checkBlobName, tagName } from "./names.ts";
import type { Replicas, WriteOptions } from "./options.ts";
import { checkDifferent } from "./push.ts";
import { clientPool } from "./client_pool.ts";
import { type Chunk, chunkParts, type ChunksOptions } from "./records/chunker.ts";
import { records } from "./records/reader.ts";
import { release } from "./codec/release.ts";
import { sendsStreams } from "./host.ts";
import { labelled, type Named, peek, splitNamed } from "./sources.ts";
import { writeBlob } from "./write_replicas.ts";

/** Options of {@linkcode DDFS.chunk}. */
export interface ChunkOptions extends WriteOptions, Omit<ChunksOptions, "signal"> {}

/** An input and the name that its blobs get. */
export interface NamedInput {
  /** The input. */
  readonly input: Input;
  /** The blobs' name, without `-n`. */
  readonly name: string;
}

/** Looks at everything that is to be chunked, before anything is written: that it is there, and what its blobs are called. */
export async function inputsToChunk(
  cluster: Cluster,
  tag: string,
  sources: readonly Named<Source>[],
  options: ChunkOptions,
): Promise<NamedInput[]> {
  const named: NamedInput[] = [];
  let unnamed = 0;
  for (const item of sources) {
    const { source, name } = splitNamed<Source>(item);
    const inputs = await inputsOf(cluster, source, { signal: options.signal });
    inputs.forEach((input, i) => {
      const own = name === undefined ? input.name : inputs.length === 1 ? name : `${name}:${i}`;
      // What has no name at all is called as the tag is.
      const base = own !== "" ? own : unnamed++ === 0 ? tagName(tag) : `${tagName(tag)}:${unnamed - 1}`;
      checkBlobName(`${base}-0`);
      named.push({ input, name: base });
    });
  }
  if (options.update) checkDifferent(named.map(({ input, name }) => [`${name}-0`, input.label]));
  return named;
}

/**
 * Reads, splits, compresses and uploads at once: while one chunk is on its way, the next one is made, and no more than these are kept.
 *
 * @returns The replicas of each chunk, in order.
 */
export async function chunkInputs(
  cluster: Cluster,
  inputs: readonly NamedInput[],
  options: ChunkOptions,
): Promise<Replicas[]> {
  const { onProgress } = options;
  const written: Replicas[] = [];
  const sizes = inputs.map(({ input }) => input.size);
  const total = sizes.every((size) => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : undefined;
  const stop = new AbortController();
  const abort = () => stop.abort(options.signal?.reason);
  if (options.signal?.aborted) abort();
  options.signal?.addEventListener("abort", abort, { once: true });
  let [bytesIn, bytesOut, recordsIn, blobs] = [0, 0, 0, 0];
  const report = (name: string, replicas: Replicas) =>
    onProgress?.({ bytesIn, bytesOut, records: recordsIn, blobs, name, replicas, total });

  let uploading: Promise<void> = Promise.resolve();
  const upload = async (chunk: Chunk<Piece>, name: string, place: number) => {
    const { size, hunks } = chunk;
    const replicas = await writeBlob(cluster, { name, size, body: () => bodyOf(hunks) }, {
      ...options,
      signal: stop.signal,
    });
    for (const hunk of hunks) if (hunk instanceof Uint8Array) release(hunk.buffer);
    written[place] = replicas;
    bytesOut += size;
    blobs++;
    report(name, replicas);
  };

  let place = 0;
  const pool = clientPool(cluster, options.workers);
  try {
    for (const { input, name } of inputs) {
      const { stream } = await input.open(0);
      const counted = labelled(stream, input.label, {
        onBytes: (size) => {
          bytesIn += size;
          report(name, []);
        },
      });
      let n = 0;
      const [bytes, how] = await readAs(input, counted, { ...options, signal: stop.signal });
      for await (const chunk of chunkParts(bytes, how, keep, pool)) {
        recordsIn += chunk.records;
        // One upload at a time: its failure ends the pipeline before more is made.
        await uploading;
        uploading = upload(chunk, `${name}-${n++}`, place++);
        uploading.catch((error) => stop.abort(error));
      }
    }
    await uploading;
    return written;
  } catch (error) {
    const cause = stop.signal.aborted ? stop.signal.reason : error;
    stop.abort(cause);
    await uploading.catch(() => {});
    throw leftBehind(cause, written);
  } finally {
    pool.close();
    options.signal?.removeEventListener("abort", abort);
  }
}

/** A hunk of a chunk that is being made. */
type Piece = Uint8Array<ArrayBuffer> | Blob;

/**
 * Keeps a hunk as it is where it can be sent so. A Blob of each leaves the heap at once elsewhere, and a Blob of Blobs needs no copy; Deno frees it late,
 * by the collector.
 */
const keep = (hunk: Uint8Array<ArrayBuffer>): Piece => sendsStreams() ? hunk : new Blob([hunk]);

function bodyOf(hunks: readonly Piece[]): Blob | ReadableStream<Uint8Array> {
  if (hunks.some((hunk) => hunk instanceof Blob)) return new Blob([...hunks]);
  let next = 0;
  return new ReadableStream({
    pull(controller) {
      const hunk = hunks[next++];
      if (hunk instanceof Uint8Array) controller.enqueue(hunk);
      else controller.close();
    },
  }, { highWaterMark: 0 });
}

/** What is stored as a chunk already is read as the records in it; everything else as the options say. */
async function readAs(
  input: Input,
  stream: ReadableStream<Uint8Array>,
  options: ChunkOptions & { signal: AbortSignal },
): Promise<[ReadableStream<Uint8Array>, ChunksOptions]> {
  if (!input.isStored || options.reader !== undefined) return [stream, options];
  const { isChunk, whole } = await peek(stream);
  if (!isChunk) return [whole, options];
  const { signal } = options;
  return [whole, { ...options, reader: (bytes) => records(bytes, { url: input.label, signal }) }];
}

/** Checks the list that push() or chunk() was given. */
export function checkList<T>(method: string, sources: readonly T[]): readonly T[] {
  if (Array.isArray(sources)) return sources;
  throw new DiscoError(`Invalid sources: ${method}() takes a list: ${method}(tag, [source])`, {
    code: "invalid-argument",
  });
}
