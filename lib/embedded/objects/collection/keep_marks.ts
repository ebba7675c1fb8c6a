import { DiscoError } from "../../../errors.ts";
import { isObject } from "../../../check.ts";
import { parseObject } from "../../stores/object_names.ts";

/** The marks of the blobs in one folder. They are one object in the bucket, which changes by compare-and-set only: all see one order of changes. */
export interface Marks {
  /** Blobs that are being put into tags, with the time at which a collection first saw that, in milliseconds since 1970; 0 before. */
  readonly kept: ReadonlyMap<string, number>;
  /** Blobs that are deleted, or are about to be, with the time at which that was decided. No tag gets them. */
  readonly doomed: ReadonlyMap<string, number>;
}

/** The marks of a folder in which nothing was marked. */
export const NO_MARKS: Marks = { kept: new Map(), doomed: new Map() };

const HOUR = 60 * 60 * 1000;

/**
 * Milliseconds that pass at most between a mark and what is done because of it: the PUT of a tag, the DELETE of a blob. Who is later looks at the marks
 * again.
 */
export const PROMPT = HOUR;

/** Milliseconds that a mark of a tagger counts from when a collection saw it: `PROMPT`, and what the clocks, the network and pauses may add. */
export const KEPT_FOR = 12 * HOUR;

/**
 * Milliseconds that a collection may take. One that takes longer decides nothing more: a mark that was set after it had read the tags may be gone by
 * then, as it was of no use to a later collection.
 */
export const LONGEST = 24 * HOUR;

/** The most milliseconds that a blob can be in no tag and still go into one without a mark. */
const MOST_YOUNG = 12 * HOUR;

/** Milliseconds by which a stamp may lie in the future: clocks differ. */
const AHEAD = HOUR;

/**
 * Tells how old a blob may be, by the stamp in its name, to go into a tag without a mark, where no collection takes a blob that is younger than
 * `orphanAge`.
 */
export function youngAge(orphanAge: number): number {
  return Math.max(0, Math.min(MOST_YOUNG, orphanAge - 2 * KEPT_FOR));
}

/** Tells whether a blob that goes into a tag needs a mark: it may be old enough for a collection. */
export function needsMark(object: string, now: number, unmarkedFor: number): boolean {
  const age = now - stampOf(object);
  // By a clock that is slow, the age is below zero.
  return unmarkedFor === 0 || age >= unmarkedFor || age < -AHEAD;
}

/**
 * Tells whether a blob that is in no tag may be collected: it has been there for long, and its name does not let others take it for a young one.
 *
 * @param began The time at which the collection began, by the engine's clock.
 */
export function isOrphan(
  { object, modified }: { readonly object: string; readonly modified: number },
  began: number,
  orphanAge: number,
): boolean {
  const age = began - stampOf(object);
  return began - modified >= orphanAge && (age >= orphanAge || age < -2 * KEPT_FOR);
}

/** Gives the time in an object's name, in milliseconds since 1970. */
function stampOf(object: string): number {
  return (parseObject(object)?.stamp ?? 0) / 1000;
}

/**
 * Marks blobs that are to go into a tag. A mark that no collection has seen yet is as good as a new one.
 *
 * @returns The new marks, `undefined` if nothing changes; and those of the blobs that are lost already.
 */
export function withKept(
  marks: Marks,
  objects: readonly string[],
): { readonly changed: Marks | undefined; readonly doomed: readonly string[] } {
  const doomed = objects.filter((object) => marks.doomed.has(object));
  const fresh = objects.filter((object) => !marks.doomed.has(object) && marks.kept.get(object) !== 0);
  if (fresh.length === 0) return { changed: undefined, doomed };
  const kept = new Map(marks.kept);
  for (const object of fresh) kept.set(object, 0);
  return { changed: { ...marks, kept }, doomed };
}

/** A collection in one folder. */
export interface Sweep {
  /** Blobs there that are in no tag and old enough. */
  readonly orphans: readonly string[];
  /** The time at which the collection began to read the tags, by the engine's clock. */
  readonly began: number;
  /** The time now, and no earlier than the last change of the marks, by the engine's clock. */
  readonly now: number;
}

/**
 * Decides which blobs of a folder are deleted. A mark counts unless a collection had seen it long before this one began: all that was put into a
 * tag because of it was there, then, when the tags were read.
 *
 * @returns The new marks, `undefined` if nothing changes; and the blobs to be deleted once these are stored.
 */
export function withSwept(
  marks: Marks,
  { orphans, began, now }: Sweep,
): { readonly changed: Marks | undefined; readonly condemned: readonly string[] } {
  const condemned = orphans.filter((object) => {
    const seen = marks.kept.get(object) ?? -Infinity;
    return seen !== 0 && seen + KEPT_FOR < began;
  });
  const kept = new Map<string, number>();
  for (const [object, seen] of marks.kept) {
    if (seen === 0 || seen + KEPT_FOR + LONGEST >= began) kept.set(object, seen || now);
  }
  const doomed = new Map<string, number>();
  for (const [object, since] of marks.doomed) {
    if (since + KEPT_FOR + LONGEST >= began) doomed.set(object, since);
  }
  for (const object of condemned) {
    kept.delete(object);
    doomed.set(object, now);
  }
  const isSame = condemned.length === 0 && doomed.size === marks.doomed.size && kept.size === marks.kept.size &&
    [...marks.kept.values()].every((seen) => seen !== 0);
  return { changed: isSame ? undefined : { kept, doomed }, condemned };
}

/** Writes marks as they are stored. */
export function marksJson({ kept, doomed }: Marks): string {
  return JSON.stringify({ version: 1, kept: Object.fromEntries(kept), doomed: Object.fromEntries(doomed) });
}

/**
 * Reads marks.
 *
 * @throws {DiscoError} If these are none (code `server-error`): nothing may be put into tags or deleted, then.
 */
export function parseMarks(key: string, text: string): Marks {
  try {
    const { version, kept, doomed } = JSON.parse(text);
    if (version === 1 && isTimes(kept) && isTimes(doomed)) {
      return { kept: new Map(Object.entries(kept)), doomed: new Map(Object.entries(doomed)) };
    }
  } catch {
    // Told below.
  }
  throw new DiscoError(`${key} holds no marks of blobs`, { code: "server-error" });
}

function isTimes(value: unknown): value is Record<string, number> {
  return isObject(value) && Object.values(value).every((time) => typeof time === "number");
}
