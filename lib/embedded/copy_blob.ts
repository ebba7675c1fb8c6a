import { crc32 } from "../base/checksum.ts";
import { DiscoError } from "../errors.ts";
import type { Volume } from "./stores/store.ts";

const NO_BYTES = { start: 0, end: 0 };

/** A blob that is to be copied. */
export interface PlannedBlob {
  /** The name of its object. */
  readonly object: string;
  /** The size of its longest replica in bytes. */
  readonly size: number;
  /** The volumes that have it, those with all of it first. */
  readonly sources: readonly Volume[];
  /** The volume that gets it. */
  readonly target: Volume;
}

/** A blob as it was copied. */
export interface CopiedBlob {
  /** `true` if it was not there before. */
  readonly isNew: boolean;
  /** Its size in bytes. */
  readonly size: number;
}

/** A copy, and the CRC-32 of the bytes that its source gave. */
interface StoredBlob extends CopiedBlob {
  readonly crc: number;
}

/** The surroundings of a copy. */
export interface CopySteps {
  /** Ends the copy. */
  readonly signal: AbortSignal;
  /** Called with the bytes of each part that was read; ends the copy by throwing. */
  readonly onPart: (size: number) => void;
}

/**
 * Copies a blob from the first of its volumes that gives all of it, and reads it back. One that is there already is compared.
 *
 * @returns The copy; `undefined` if no volume has the blob.
 * @throws {DiscoError} If no volume gives it, or it is there already with other bytes (code `source-failed`).
 */
export async function copyBlob(
  { object, sources, target }: PlannedBlob,
  { signal, onPart }: CopySteps,
): Promise<CopiedBlob | undefined> {
  let failure: unknown;
  for (const source of sources) {
    try {
      const stored = await storedFrom(source, object, target, onPart);
      if (stored === undefined) continue;
      await compare(object, target, stored);
      return stored;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof Different) throw error.cause;
      failure = error;
    }
  }
  if (failure !== undefined) throw failure;
  return undefined;
}

/** Tells whether a volume has an object. */
export async function isIn(volume: Volume, object: string): Promise<boolean> {
  return await volume.read(object, NO_BYTES) !== undefined;
}

/** Makes the error of a part of a copy that failed. */
export function copyFailed(message: string, cause?: unknown): DiscoError {
  return new DiscoError(message, { code: "source-failed", ...cause !== undefined && { cause } });
}

/** Stores a blob where it is not there yet; gives its size and its CRC-32, as they are at the source; `undefined` if the source has none. */
async function storedFrom(
  source: Volume,
  object: string,
  target: Volume,
  onPart: (size: number) => void,
): Promise<StoredBlob | undefined> {
  const content = await source.read(object);
  if (content === undefined) return undefined;
  const { size, stream } = content;
  let writer = await target.create(object, { size });
  if (writer === undefined && !await isIn(target, object)) {
    // Somebody who was killed keeps the name of a blob that never came.
    await target.remove(object);
    writer = await target.create(object, { size });
  }
  let crc = 0;
  let read = 0;
  try {
    for await (const piece of piecesOf(stream)) {
      const { length } = piece;
      crc = crc32(piece, crc);
      read += length;
      await writer?.write(piece);
      onPart(length);
    }
    if (read !== size) throw copyFailed(`${object} ended after ${read} of ${size} bytes`);
    return { isNew: await writer?.commit() === true, size, crc };
  } finally {
    await writer?.close();
  }
}

/** Reads a blob back. */
async function compare(object: string, target: Volume, { isNew, size, crc }: StoredBlob): Promise<void> {
  const content = await target.read(object);
  let found = 0;
  for await (const piece of piecesOf(content?.stream)) found = crc32(piece, found);
  if (content?.size === size && found === crc) return;
  if (!isNew) {
    throw new Different(
      copyFailed(`${object} is there already, with other bytes: remove it there, or copy to another place`),
    );
  }
  await target.remove(object);
  throw copyFailed(`${object} was stored, and read back with other bytes`);
}

/** A blob that is there already and differs: no other replica makes it better. */
class Different extends Error {
  constructor(cause: DiscoError) {
    super(cause.message, { cause });
  }
}

/** Reads a stream; not every runtime iterates over one. */
async function* piecesOf(stream?: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = stream?.getReader();
  try {
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) yield part.value;
  } finally {
    await reader?.cancel().catch(() => {});
  }
}
