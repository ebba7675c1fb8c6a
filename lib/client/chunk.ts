import type { Cluster } from "../cluster/cluster.ts";
import { clientPool } from "./client_pool.ts";
import type { HunkPool } from "../codec/pool.ts";
import { release } from "../runtime/memory.ts";
import { sendsStreams } from "../runtime/host.ts";
import { type Input, inputsOf, type Source } from "../sources/inputs.ts";
import { checkBlobName } from "../names.ts";
import type { Replicas, WalkOptions, WriteOptions } from "../options.ts";
import { totalOf } from "./progress.ts";
import { checkDifferent } from "./push.ts";
import { type Chunk, chunkParts, type ChunksOptions } from "../records/chunker.ts";
import { isChunk } from "../records/hunk.ts";
import type { RecordReader } from "../records/pickled_hunks.ts";
import { FlatIterator } from "../base/flat.ts";
import { batches } from "../records/reader.ts";
import { SourceReader } from "../base/byte_reader.ts";
import { type Named, splitNamed } from "../sources/bytes.ts";
import { storeBlobs } from "./store_blobs.ts";
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
    const [source, name] = splitNamed<Source>(item);
    const { signal, ignoreMissing, onMissing } = options;
    const inputs = await inputsOf(cluster, source, { signal, ignoreMissing, onMissing });
    inputs.forEach((input, i) => {
      const own = name === undefined ? input.name : inputs.length === 1 ? name : `${name}:${i}`;
      // What has no name at all is called as the tag is.
      const base = own !== "" ? own : unnamed++ === 0 ? tag : `${tag}:${unnamed - 1}`;
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
  const isStreamed = sendsStreams();
  // A Blob of each hunk leaves the heap at once, and a Blob of Blobs needs no copy; Deno, which needs none, frees it late.
  const keep = (hunk: Uint8Array<ArrayBuffer>) => isStreamed ? hunk : new Blob([hunk]);
  const sizes = inputs.map(({ input }) => input.size);
  const pool = clientPool(cluster, options.workers, totalOf(sizes));
  try {
    return await storeBlobs(cluster, options, sizes, async ({ stop, count, write }) => {
      const { signal } = stop;
      let uploading: Promise<void> = Promise.resolve();
      let place = 0;
      const upload = async ({ hunks, size }: Chunk<Piece>, name: string) => {
        await write({ name, size, body: () => isStreamed ? streamed(hunks) : new Blob([...hunks]) }, place++);
        for (const hunk of hunks) if (hunk instanceof Uint8Array) release(hunk.buffer);
      };
      try {
        for (const { input, name } of inputs) {
          const { label, size } = input;
          const { stream } = await input.open(0);
          const onPart = ({ length }: Uint8Array) => count(name, { bytesIn: length });
          const source = new SourceReader(stream, { label, size, signal, onPart });
          const reader = options.reader ?? await storedReader(input, source, signal, pool);
          let n = 0;
          for await (const chunk of chunkParts(source, { ...options, reader, signal }, keep, pool)) {
            // One upload at a time: its failure ends the pipeline before more is made.
            await uploading;
            count(name, { records: chunk.records });
            uploading = upload(chunk, `${name}-${n++}`);
            uploading.catch((error) => stop.abort(error));
          }
        }
      } catch (error) {
        stop.abort(error);
      }
      await uploading;
    });
  } finally {
    pool.close();
  }
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
