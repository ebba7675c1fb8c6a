import { check, invalid, isTexts, show } from "../check.ts";
import type { Resume, WriteOptions } from "../options.ts";
import { DataError, type DiscoError } from "../errors.ts";
import type { ByteReader } from "../base/byte_reader.ts";
import type { Input } from "../sources/input.ts";

const NO_OFFSET = "to resume a chunk, give the one that onProgress told with the last blob";

/**
 * Checks the `resume` that was given: what an earlier call had stored.
 *
 * @param count How many sources there are.
 * @returns The items of `resume` by the number of their source.
 * @throws {DiscoError} If it does not fit the sources (code `invalid-argument`).
 */
export function resumed({ resume }: Pick<WriteOptions, "resume">, count: number): Map<number, Resume> {
  const rule = "each source once, by its place, with the replicas of its blobs, and an offset";
  const items = new Map<number, Resume>();
  for (const [place, item] of check("resume", resume, Array.isArray, rule)?.entries() ?? []) {
    const { source, stored, offset = 0 } = Object(item) as Resume;
    const isResume = Number.isSafeInteger(source) && source >= 0 && source < count && !items.has(source) &&
      Number.isSafeInteger(offset) && offset >= 0 &&
      // What ends at an offset is in blobs: without them, it would be lost.
      Array.isArray(stored) && (stored.length > 0 || offset === 0) &&
      stored.every((replicas) => isTexts(replicas) && replicas.length > 0);
    if (!isResume) {
      throw invalid(`resume[${place}] (source ${show(source)}, offset ${show(offset)}), stored`, stored, rule);
    }
    items.set(source, item);
  }
  // Of a source of which nothing was stored, there is nothing to resume.
  for (const [source, { stored }] of items) if (stored.length === 0) items.delete(source);
  return items;
}

/**
 * Gives the blobs of a source that an earlier call had stored.
 *
 * @throws {DiscoError} If the source is several inputs (code `invalid-argument`).
 */
export function resumeOf(
  resume: ReadonlyMap<number, Resume>,
  place: number,
  inputs: readonly Input[],
): Resume | undefined {
  const before = resume.get(place);
  if (before === undefined || inputs.length === 1) return before;
  throw notResumable(`source ${place}`);
}

/**
 * The same of a chunk, of which the place in the source is to be known, too.
 *
 * @throws {DiscoError} If it is not (code `invalid-argument`).
 */
export function chunkResume(
  resume: ReadonlyMap<number, Resume>,
  place: number,
  inputs: readonly Input[],
): Resume | undefined {
  const before = resumeOf(resume, place, inputs);
  // Read from its beginning, what is stored would be there twice.
  if (before !== undefined && !before.offset) throw invalid("offset", before.offset, NO_OFFSET);
  return before;
}

/**
 * Reads a source up to a byte, where an earlier call had ended.
 *
 * @throws {DataError} If it is shorter (code `source-failed`).
 */
export async function skip(source: ByteReader, offset: number, label: string): Promise<void> {
  while (source.position < offset) {
    const part = await source.read();
    if (part === undefined) {
      throw new DataError(`Cannot go on at byte ${offset} of ${label}, which has ${source.position} bytes now`, {
        code: "source-failed",
        url: label,
      });
    }
    if (source.position > offset) source.unread(source.position - offset);
  }
}

/** Makes the error of a source with which an operation cannot go on. */
export function notResumable(label: string): DiscoError {
  return invalid("resume", label, "an earlier call can be resumed for sources of lines that are one input each");
}
