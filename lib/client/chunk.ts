import { ByteReader } from "../base/byte_reader.ts";
import { joined } from "../base/bytes.ts";
import { Room } from "../base/room.ts";
import { FlatIterator } from "../base/flat.ts";
import { pulledStream } from "../base/streams.ts";
import type { OptionNames } from "../check.ts";
import type { HunkPool } from "../codec/pool.ts";
import { SOURCE_OPTIONS, WRITE_OPTIONS } from "../option_names.ts";
import type { DecompressOptions, WalkOptions, WriteOptions } from "../options.ts";
import { AS_VALUES, batches } from "../records/batches.ts";
import { type Chunk, chunkParts, CHUNKS_OPTIONS, type ChunksOptions } from "../records/chunker.ts";
import { isChunk } from "../records/hunk.ts";
import type { RecordReader } from "../records/pickled_hunks.ts";
import { sendsStreams } from "../runtime/host.ts";
import { release } from "../runtime/release.ts";
import { contentOf } from "../sources/content.ts";
import type { Input } from "../sources/input.ts";
import { clientPool } from "./client_pool.ts";
import { totalOf } from "./progress.ts";
import type { NamedInput } from "./named_inputs.ts";
import { notResumable, skip } from "./resume.ts";
import { type BlobTarget, type BlobToStore, SMALL, storeBlobs, type StoredBlobs } from "./store_blobs.ts";

/** Bytes of chunks that are uploaded at a time; a larger one is by itself. Five or fifteen parts are whole. */
const ROOM = 5_250_000;

/** Options of {@linkcode DDFS.chunk}. */
export interface ChunkOptions
  extends
    WriteOptions,
    Omit<ChunksOptions, "signal">,
    Pick<WalkOptions, "ignoreMissing" | "onMissing">,
    DecompressOptions {}

/** Their names. */
export const CHUNK_OPTIONS: OptionNames<ChunkOptions> = {
  ...SOURCE_OPTIONS,
  ...WRITE_OPTIONS,
  ...CHUNKS_OPTIONS,
};

/**
 * Reads, splits, compresses and uploads at once: while one chunk is on its way, the next one is made, and no more than these are kept.
 *
 * @returns The replicas of each chunk, in order.
 */
export async function chunkInputs(
  target: BlobTarget & { readonly options: ChunkOptions },
  inputs: readonly NamedInput[],
): Promise<StoredBlobs> {
  const { cluster, options } = target;
  const isStreamed = sendsStreams();
  const sizes = inputs.map(({ input }) => input.size);
  const pool = clientPool(cluster, options.workers, totalOf(sizes));
  try {
    return await storeBlobs(target, sizes, async ({ stop, count, write, take }) => {
      const { signal } = stop;
      const uploads = new Room(ROOM);
      let place = 0;
      const upload = async ({ hunks, size }: Chunk<Piece>, blob: Omit<BlobToStore, "upload">) => {
        const body = () =>
          !isStreamed ? new Blob([...hunks]) : size > SMALL ? streamed(hunks) : joined(hunks as Bytes[]);
        const upload = () => ({ name: blob.name, size, body });
        // A failure ends the pipeline before more is made.
        await write({ ...blob, upload }).catch((error) => stop.abort(error));
        for (const hunk of hunks) if (hunk instanceof Uint8Array) release(hunk.buffer);
      };
      try {
        for (const { input, name, source: number, before } of inputs) {
          const { label, size } = input;
          const { bytes } = await input.open();
          const onPart = ({ length }: Uint8Array) => count(name, { bytesIn: length });
          const stored = new ByteReader(bytes, { label, size, signal, onPart });
          const isSplit = options.reader === undefined;
          const source = await contentOf(cluster, stored, { ...options, isSplit, label, signal });
          const reader = options.reader ?? await storedReader(input, source, signal, pool);
          const keep = (hunk: Uint8Array<ArrayBuffer>, records: number): Piece => {
            count(name, { records });
            // A Blob of each hunk leaves the heap at once, and a Blob of Blobs needs no copy; Deno, which needs none, frees it late.
            return isStreamed ? hunk : new Blob([hunk]);
          };
          const { stored: blobs = [], offset: start = 0 } = before ?? {};
          if (before !== undefined && reader !== undefined) throw notResumable(label);
          for (const replicas of blobs) take([...replicas], place++);
          await skip(source, start, label);
          let n = blobs.length;
          let previous: Promise<void> = Promise.resolve();
          for await (const chunk of chunkParts(source, { ...options, reader, signal, label }, keep, pool)) {
            // Of one input a chunk after the other, so that another call can go on after the last that was told.
            await previous;
            const offset = chunk.end === undefined ? undefined : start + chunk.end;
            const from = { source: number, offset };
            const blob = { name: `${name}-${n++}`, place: place++, from };
            // Of the smallest, as many as push() has at a time.
            await uploads.begin(Math.max(chunk.size, ROOM / cluster.atOnce), () => previous = upload(chunk, blob));
          }
        }
      } catch (error) {
        stop.abort(error);
      }
      await uploads.emptied();
    });
  } finally {
    pool.close();
  }
}

/** A hunk of a chunk that is being made. */
type Piece = Bytes | Blob;
type Bytes = Uint8Array<ArrayBuffer>;

function streamed(hunks: readonly Piece[]): ReadableStream<Uint8Array> {
  const left = hunks.values();
  return pulledStream(() => left.next().value as Uint8Array | undefined, () => {});
}

/** Reads a source that is a chunk already as the records in it. */
async function storedReader(
  { isStored, label }: Input,
  source: ByteReader,
  signal: AbortSignal,
  pool: HunkPool,
): Promise<RecordReader | undefined> {
  if (!isStored || !await isChunk(source)) return undefined;
  const records = async function* (stream: ReadableStream<Uint8Array>) {
    const chunk = new ByteReader(stream, { label, signal });
    for await (const { records } of batches(chunk, { url: label, signal }, pool, AS_VALUES)) yield records;
  };
  return (bytes) => new FlatIterator(records(bytes));
}
