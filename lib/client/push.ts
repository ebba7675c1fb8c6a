import { sourceFailed } from "../base/byte_reader.ts";
import { Room } from "../base/room.ts";
import type { Upload } from "../cluster/write_replicas.ts";
import type { NamedInput } from "./named_inputs.ts";
import { blobUpload, bytesUpload, isSmall } from "./blob_upload.ts";
import { checkNodes, openedUpload } from "./opened_upload.ts";
import { type BlobTarget, storeBlobs, type StoredBlobs } from "./store_blobs.ts";

const LARGE = 3;
/** Five or fifteen small files are sent at a time, or three others: their requests take more time than their bytes. */
const ROOM = 15;

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
      const takes = isSmall(file.input) ? ROOM / cluster.atOnce : ROOM / LARGE;
      await room.begin(takes, async () => {
        if (stop.signal.aborted) return;
        await write({ name, place, from: { source }, size, upload }).catch((error) => stop.abort(error));
      });
    }
    // All have ended before an error goes on: what they wrote is known then.
    await room.emptied();
  });
}

/** Makes an upload of an input: it can be sent several times, and its bytes are counted once. */
async function uploadOf(
  { name, input }: NamedInput,
  signal: AbortSignal,
  onBytes: (size: number) => void,
): Promise<Upload> {
  const { label } = input;
  if (input.blob === undefined) return await openedUpload(name, input, signal, onBytes);
  const { bytes } = await input.open();
  if (isSmall(input) && bytes instanceof Uint8Array) {
    onBytes(bytes.length);
    return bytesUpload(name, bytes.slice());
  }
  const blob = input.blob();
  const failed = (cause: unknown): never => {
    throw sourceFailed(label, cause);
  };
  const whole = isSmall(input) ? new Uint8Array(await blob.arrayBuffer().catch(failed)) : undefined;
  onBytes(blob.size);
  return whole === undefined ? blobUpload(name, blob, label) : bytesUpload(name, whole);
}
