import type { Cluster } from "../cluster/cluster.ts";
import { clientPool } from "./client_pool.ts";
import type { HunkPool } from "../codec/pool.ts";
import { release } from "../runtime/memory.ts";
import { sendsStreams } from "../runtime/host.ts";
import { type Input, inputsOf, type Source } from "../sources/inputs.ts";
import { checkBlobName } from "../names.ts";
import type { Replicas, Resume, WalkOptions, WriteOptions } from "../options.ts";
import { totalOf } from "./progress.ts";
import { checkDifferent } from "./push.ts";
import { type Chunk, chunkParts, type ChunksOptions } from "../records/chunker.ts";
import { isChunk } from "../records/hunk.ts";
import type { RecordReader } from "../records/pickled_hunks.ts";
import { FlatIterator } from "../base/flat.ts";
import { batches } from "../records/reader.ts";
import { SourceReader } from "../base/byte_reader.ts";
import { type Named, splitNamed } from "../sources/bytes.ts";
import { resumed, skip } from "./resume.ts";
import { type From, storeBlobs } from "./store_blobs.ts";
import { invalid } from "../check.ts";
import type { DiscoError } from "../errors.ts";
import { streamOf } from "../base/streams.ts";

/** Options of {@linkcode DDFS.chunk}. */
export interface ChunkOptions
  extends WriteOptions, Omit<ChunksOptions, "signal">, Pick<WalkOptions, "ignoreMissing" | "onMissing"> {}

/** An input and the name that its blobs get. */
export interface NamedInput {
  /** The input. */
  readonly input: Input;
  /** The blobs' name, without `-n`. */
  readonly name: string;
  /** Which of the sources it is from. */
  readonly place: number;
  /** What an earlier call had stored of it. */
  readonly before: Resume | undefined;
}

/** Looks at everything that is to be chunked, before anything is written: that it is there, and what its blobs are called. */
export async function inputsToChunk(
  cluster: Cluster,
  tag: string,
  sources: readonly Named<Source>[],
  options: ChunkOptions,
): Promise<NamedInput[]> {
  const named: NamedInput[] = [];
  const before = resumed(options, sources.length);
  let unnamed = 0;
  for (const [place, item] of sources.entries()) {
    const [source, name] = splitNamed<Source>(item);
    const { signal, ignoreMissing, onMissing } = options;
    const inputs = await inputsOf(cluster, source, { signal, ignoreMissing, onMissing });
    if (before.has(place) && inputs.length !== 1) throw notResumable(`source ${place}`);
    inputs.forEach((input, i) => {
      const own = name === undefined ? input.name : inputs.length === 1 ? name : `${name}:${i}`;
      // What has no name at all is called as the tag is.
      const base = own !== "" ? own : unnamed++ === 0 ? tag : `${tag}:${unnamed - 1}`;
      checkBlobName(`${base}-0`);
      named.push({ input, name: base, place, before: before.get(place) });
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
  const isStreamed = sendsStreams();
  // A Blob of each hunk leaves the heap at once, and a Blob of Blobs needs no copy; Deno, which needs none, frees it late.
  const keep = (hunk: Uint8Array<ArrayBuffer>) => isStreamed ? hunk : new Blob([hunk]);
  const sizes = inputs.map(({ input }) => input.size);
  const pool = clientPool(cluster, options.workers, totalOf(sizes));
  /** Blobs of an earlier call, by their places in the result. */
  const kept = new Map<number, Replicas>();
  try {
    const blobs = await storeBlobs(cluster, options, sizes, async ({ stop, count, write }) => {
      const { signal } = stop;
      let uploading: Promise<void> = Promise.resolve();
      let next = 0;
      const upload = async ({ hunks, size }: Chunk<Piece>, name: string, from: From) => {
        const body = () => isStreamed ? streamed(hunks) : new Blob([...hunks]);
        await write({ name, size, body }, next++, from);
        for (const hunk of hunks) if (hunk instanceof Uint8Array) release(hunk.buffer);
      };
      try {
        for (const { input, name, place, before } of inputs) {
          const { label, size } = input;
          const { stream } = await input.open(0);
          const onPart = ({ length }: Uint8Array) => count(name, { bytesIn: length });
          const source = new SourceReader(stream, { label, size, signal, onPart });
          const reader = options.reader ?? await storedReader(input, source, signal, pool);
          const { stored = [], offset: start = 0 } = before ?? {};
          if (before !== undefined && reader !== undefined) throw notResumable(label);
          for (const replicas of stored) kept.set(next++, [...replicas]);
          await skip(source, start, label);
          let n = stored.length;
          for await (const chunk of chunkParts(source, { ...options, reader, signal }, keep, pool)) {
            // One upload at a time: its failure ends the pipeline before more is made.
            await uploading;
            count(name, { records: chunk.records });
            const offset = chunk.end === undefined ? undefined : start + chunk.end;
            uploading = upload(chunk, `${name}-${n++}`, { source: place, offset });
            uploading.catch((error) => stop.abort(error));
          }
        }
      } catch (error) {
        stop.abort(error);
      }
      await uploading;
    });
    for (const [place, replicas] of kept) blobs[place] = replicas;
    return blobs;
  } finally {
    pool.close();
  }
}

function notResumable(label: string): DiscoError {
  const rule = "an earlier call can be resumed for sources of lines that are one input each";
  return invalid("resume", label, rule);
}

/** A hunk of a chunk that is being made. */
type Piece = Uint8Array<ArrayBuffer> | Blob;

function streamed(hunks: readonly Piece[]): ReadableStream<Uint8Array> {
  const left = hunks.values();
  return streamOf(() => left.next().value as Uint8Array | undefined, () => {});
}

/** What is stored as a chunk already is read as the records in it. */
async function storedReader(
  { isStored, label }: Input,
  source: SourceReader,
  signal: AbortSignal,
  pool: HunkPool,
): Promise<RecordReader | undefined> {
  if (!isStored || !await isChunk(source)) return undefined;
  const records = async function* (bytes: ReadableStream<Uint8Array>) {
    const reader = new SourceReader(bytes, { label, signal });
    for await (const { records } of batches(reader, { url: label, signal }, pool)) yield records;
  };
  return (bytes) => new FlatIterator(records(bytes));
}
