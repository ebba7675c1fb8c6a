import type { Cluster } from "./cluster.ts";
import { clientPool } from "./client_pool.ts";
import { release } from "./codec/release.ts";
import { sendsStreams } from "./host.ts";
import { type Input, inputsOf, type Source } from "./inputs.ts";
import { leftBehind } from "./left_behind.ts";
import { checkBlobName } from "./names.ts";
import type { Replicas, WriteOptions } from "./options.ts";
import { counter } from "./progress.ts";
import { checkDifferent } from "./push.ts";
import { type Chunk, chunkParts, type ChunksOptions } from "./records/chunker.ts";
import { isChunk } from "./records/hunk.ts";
import type { RecordReader } from "./records/pickled_hunks.ts";
import { records } from "./records/reader.ts";
import { SourceReader, streamOf } from "./records/source.ts";
import { type Named, splitNamed } from "./sources.ts";
import { stoppable } from "./stoppable.ts";
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
  const count = counter(options, inputs.map(({ input }) => input.size));
  const written: Replicas[] = [];
  const pool = clientPool(cluster, options.workers);
  let uploading: Promise<void> = Promise.resolve();
  try {
    return await stoppable(options.signal, async (stop) => {
      const { signal } = stop;
      const upload = async ({ hunks, size }: Chunk<Piece>, name: string, place: number) => {
        const blob = { name, size, body: () => bodyOf(hunks) };
        const replicas = written[place] = await writeBlob(cluster, blob, { ...options, signal });
        for (const hunk of hunks) if (hunk instanceof Uint8Array) release(hunk.buffer);
        count(name, { bytesOut: size, blobs: 1 }, replicas);
      };
      let place = 0;
      for (const { input, name } of inputs) {
        const { label, size } = input;
        const { stream } = await input.open(0);
        const onPart = ({ length }: Uint8Array) => count(name, { bytesIn: length });
        const source = new SourceReader(stream, { label, size, signal, onPart });
        const reader = options.reader ?? await storedReader(input, source, signal);
        let n = 0;
        for await (const chunk of chunkParts(source, { ...options, reader, signal }, keep, pool)) {
          // One upload at a time: its failure ends the pipeline before more is made.
          await uploading;
          count(name, { records: chunk.records });
          uploading = upload(chunk, `${name}-${n++}`, place++);
          uploading.catch((error) => stop.abort(error));
        }
      }
      await uploading;
      return written;
    });
  } catch (error) {
    await uploading.catch(() => {});
    throw leftBehind(error, written);
  } finally {
    pool.close();
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
  const left = (hunks as readonly Uint8Array[]).values();
  return streamOf<Uint8Array>(() => left.next().value, () => {});
}

/** What is stored as a chunk already is read as the records in it. */
async function storedReader(
  { isStored, label: url }: Input,
  source: SourceReader,
  signal: AbortSignal,
): Promise<RecordReader | undefined> {
  return isStored && await isChunk(source) ? (bytes) => records(bytes, { url, signal }) : undefined;
}
