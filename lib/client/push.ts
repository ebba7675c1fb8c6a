import { ByteReader, sourceFailed } from "../base/byte_reader.ts";
import { pulledStream } from "../base/streams.ts";
import { Room } from "../base/room.ts";
import { place } from "../cluster/place.ts";
import type { Upload } from "../cluster/write_replicas.ts";
import type { Input } from "../sources/input.ts";
import type { NamedInput } from "./named_inputs.ts";
import { type BlobTarget, SMALL, storeBlobs, type StoredBlobs } from "./store_blobs.ts";

/** The files that are sent at a time while all are large. */
const LARGE = 3;
/** Bytes of small files that are sent at a time. Each takes its part of it, which is a fifth or a sixtieth: their requests take more time than their bytes. */
const ROOM = 15 * SMALL;

/** Writes files as blobs, a few at once; the result is in their order. */
export async function pushFiles(
  target: BlobTarget,
  files: readonly NamedInput[],
): Promise<StoredBlobs> {
  const sizes = files.map(({ input }) => input.size);
  const { cluster } = target;
  return await storeBlobs(target, sizes, async ({ stop, count, write, take }) => {
    await checkNodes(target, files, stop.signal);
    const room = new Room(ROOM);
    for (const [place, file] of files.entries()) {
      const { name, source, before, input: { size } } = file;
      if (before !== undefined) {
        take([...before.stored[0] ?? []], place);
        continue;
      }
      const upload = () => uploadOf(file, stop.signal, (bytesIn) => count(name, { bytesIn }));
      const takes = isSmall(file.input) ? Math.max(size ?? 0, ROOM / cluster.atOnce) : ROOM / LARGE;
      await room.begin(takes, async () => {
        if (stop.signal.aborted) return;
        await write({ name, place, from: { source }, size, upload }).catch((error) => stop.abort(error));
      });
    }
    // All have ended before an error goes on: what they wrote is known then.
    await room.emptied();
  });
}

/** Asks for nodes before a stream is gathered, which may be long, or never end: that there are too few is known at once then. */
async function checkNodes(
  { cluster, options }: BlobTarget,
  files: readonly NamedInput[],
  signal: AbortSignal,
): Promise<void> {
  const file = files.find(({ input, before }) => input.size === undefined && before === undefined);
  if (file === undefined) return;
  const { replicas, minReplicas = replicas, forceOn = [] } = options;
  await place(cluster, { name: file.name, replicas: minReplicas, include: forceOn, exclude: [] }, signal);
}

/** Makes an upload of an input: it can be sent several times, and its bytes are counted once. */
async function uploadOf(
  { name, input }: NamedInput,
  signal: AbortSignal,
  onBytes: (size: number) => void,
): Promise<Upload> {
  const { label, size } = input;
  const onPart = ({ length }: Uint8Array) => onBytes(length);
  if (input.blob !== undefined) {
    const blob = input.blob();
    const bytes = isSmall(input) ? await bytesOf(blob, label) : undefined;
    onBytes(blob.size);
    return bytes === undefined ? blobUpload(name, blob, label) : bytesUpload(name, bytes);
  }
  if (size === undefined || isSmall(input)) {
    const { bytes } = await input.open();
    const reader = new ByteReader(bytes, { label, size, signal, onPart });
    if (size === undefined) return blobUpload(name, await gathered(reader), label);
    const whole = new Uint8Array(size);
    await reader.fill(whole);
    // One that is longer is found out by its end.
    await reader.read();
    return bytesUpload(name, whole);
  }
  let furthest = 0;
  let failure: unknown;
  const failed = (error: unknown) => {
    failure = error;
    throw error;
  };
  const body = async () => {
    let isWanted = true;
    const { bytes } = await input.open().catch(failed);
    const reader = new ByteReader(bytes, { label, size });
    const read = async () => {
      const part = await reader.read();
      const more = reader.position - furthest;
      furthest += Math.max(0, more);
      if (more > 0) onBytes(more);
      return part;
    };
    return pulledStream(
      // A request that fails gives up its body: the read that this ends is no failure of the source.
      () => read().catch((error) => isWanted ? failed(error) : Promise.reject(error)),
      (reason) => {
        isWanted = false;
        reader.cancel(reason);
      },
    );
  };
  return { name, size, failure: () => failure, body };
}

/** Sends bytes. Of a Blob, fetch would make a stream, which costs more than a small one's request. */
function bytesUpload(name: string, bytes: Uint8Array<ArrayBuffer>): Upload {
  return { name, size: bytes.length, body: () => bytes };
}

async function bytesOf(blob: Blob, label: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (cause) {
    throw sourceFailed(label, cause);
  }
}

/** Sends a Blob. One that stands for a file can no longer be read when the file was changed, and no node would help then. */
function blobUpload(name: string, blob: Blob, label: string): Upload {
  const failure = async () => {
    try {
      await blob.slice(0, 1).arrayBuffer();
      return undefined;
    } catch (cause) {
      return sourceFailed(label, cause);
    }
  };
  return { name, size: blob.size, body: () => blob, failure };
}

function isSmall({ size = Infinity }: Input): boolean {
  return size <= SMALL;
}

/** Gathers all bytes, so that they can be sent to several nodes, and again. */
async function gathered(bytes: ByteReader): Promise<Blob> {
  const parts: Blob[] = [];
  for (let part = await bytes.read(); part !== undefined; part = await bytes.read()) {
    parts.push(new Blob([part as Uint8Array<ArrayBuffer>]));
  }
  return new Blob(parts);
}
