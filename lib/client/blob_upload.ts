import { sourceFailed } from "../base/byte_reader.ts";
import type { Upload } from "../cluster/write_replicas.ts";
import type { Input } from "../sources/input.ts";
import { SMALL } from "./store_blobs.ts";

/** Tells whether an input is sent as bytes. */
export function isSmall({ size = Infinity }: Input): boolean {
  return size <= SMALL;
}

/** Sends bytes. Of a Blob, fetch would make a stream, which costs more than a small one's request. */
export function bytesUpload(name: string, bytes: Uint8Array<ArrayBuffer>): Upload {
  return { name, size: bytes.length, body: () => bytes };
}

/** Sends a Blob. One that stands for a file can no longer be read when the file was changed, and no node would help then. */
export function blobUpload(name: string, blob: Blob, label: string): Upload {
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
