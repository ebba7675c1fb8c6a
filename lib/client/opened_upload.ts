import { ByteReader } from "../base/byte_reader.ts";
import { pulledStream } from "../base/streams.ts";
import { place } from "../cluster/place.ts";
import type { Upload } from "../cluster/write_replicas.ts";
import type { Input } from "../sources/input.ts";
import type { NamedInput } from "./named_inputs.ts";
import type { BlobTarget } from "./store_blobs.ts";
import { blobUpload, bytesUpload, isSmall } from "./blob_upload.ts";

/** Asks for nodes before a stream is gathered, which may be long, or never end: that there are too few is known at once then. */
export async function checkNodes(
  { cluster, options }: BlobTarget,
  files: readonly NamedInput[],
  signal: AbortSignal,
): Promise<void> {
  const file = files.find(({ input, before }) => input.size === undefined && before === undefined);
  if (file === undefined) return;
  const { replicas, minReplicas = replicas, forceOn = [] } = options;
  await place(cluster, { name: file.name, replicas: minReplicas, include: forceOn, exclude: [] }, signal);
}

/**
 * Makes an upload of an input that is no Blob: a file by its path, or a stream.
 *
 * @param name The blob's name.
 * @param input What is opened, each time that it is sent; one of unknown size is gathered.
 * @param signal Ends the reading of what is small or gathered.
 * @param onBytes Told how many bytes were read, each counted once.
 */
export async function openedUpload(
  name: string,
  input: Input,
  signal: AbortSignal,
  onBytes: (size: number) => void,
): Promise<Upload> {
  const { label, size } = input;
  const onPart = ({ length }: Uint8Array) => onBytes(length);
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

/** Gathers all bytes, so that they can be sent to several nodes, and again. */
async function gathered(bytes: ByteReader): Promise<Blob> {
  const parts: Blob[] = [];
  for (let part = await bytes.read(); part !== undefined; part = await bytes.read()) {
    parts.push(new Blob([part as Uint8Array<ArrayBuffer>]));
  }
  return new Blob(parts);
}
