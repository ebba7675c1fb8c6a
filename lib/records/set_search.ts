import { canFindSets, findSets, MOST_STEPS, type SetSteps, UNSURE } from "../codec/byte_sets.ts";
import { type ByteSet, OTHERS, type Row } from "./byte_sets.ts";
import type { ByteColumns } from "./columns.ts";
import { merged } from "./required_text.ts";
import { SetParser } from "./set_parser.ts";

/** Bytes of the first hunk by which it is judged what is rare. */
const SAMPLE = 1 << 14;
/** A byte that the sample has not may still come. */
const RAREST = 1 / 8192;
/** A set of this share of all bytes tells nothing. */
const USELESS = 0.5;
const MOST_KINDS = 8;

/** Tests some records of a hunk; gives those that fit. */
export type Tests = (some: Uint32Array<ArrayBuffer>) => Uint32Array<ArrayBuffer>;

/** Finds records by sets of bytes; nothing where that would not be quicker. */
export type SetSearch = (columns: ByteColumns, limit: number, tests: Tests) => Uint32Array<ArrayBuffer> | undefined;

/**
 * Makes a search for the bytes that an expression cannot do without, which is quicker than to make all of it text. Only what has such bytes is tested.
 *
 * @returns The search; nothing where the host has no WebAssembly for it.
 */
export function setSearch(pattern: RegExp): SetSearch | undefined {
  if (!canFindSets()) return undefined;
  let steps: SetSteps | undefined;
  let isUseless = false;
  return (columns, limit, tests) => {
    if (isUseless) return undefined;
    steps ??= stepsOf(pattern, columns.bytes.subarray(0, SAMPLE));
    const found = steps && findSets(columns, steps, limit);
    isUseless = found === undefined;
    if (found === undefined) return undefined;
    const unsure = found.filter((record) => record >= UNSURE).map((record) => record - UNSURE);
    if (unsure.length === 0) return found;
    const fitting = tests(unsure);
    return unsure.length === found.length ? fitting : merged(found.filter((record) => record < UNSURE), fitting);
  };
}

/**
 * Tells which bytes an expression cannot do without.
 *
 * @param sample Some of the bytes in which it is searched for: those are best that are rare there.
 * @returns The bytes, in rows; nothing where none are known, or they are too many.
 */
export function stepsOf(pattern: RegExp, sample: Uint8Array): SetSteps | undefined {
  // Its classes have a grammar of their own.
  if (pattern.flags.includes("v")) return undefined;
  const counts = new Uint32Array(OTHERS + 1);
  for (const byte of sample) counts[Math.min(byte, OTHERS)] = (counts[Math.min(byte, OTHERS)] as number) + 1;
  const shareOf = ({ has }: ByteSet) =>
    Math.max(RAREST, has.reduce((sum, is, byte) => sum + is * (counts[byte] as number), 0) / sample.length);
  const parser = new SetParser(pattern, (row) => row.reduce((share, set) => share * shareOf(set), 1));
  const { rows, wholes } = parser.choices();
  if (!parser.isKnown) return undefined;
  const isSticky = pattern.flags.includes("y");
  return !isSticky && wholes && encoded(wholes, true, shareOf) || rows && encoded(rows, false, shareOf);
}

/**
 * Writes rows as steps.
 *
 * @param isEnough Whether all that has one fits, so that no set may be left out.
 */
function encoded(rows: readonly Row[], isEnough: boolean, shareOf: (set: ByteSet) => number): SetSteps | undefined {
  const known = new Map<string, number>();
  const steps: number[] = [];
  for (const row of rows) {
    const before = steps.length;
    const places = new Map<string, number>();
    for (const [place, { has }] of row.entries()) {
      places.set(has.join(""), (places.get(has.join("")) ?? 0) | 1 << place);
    }
    const sets = row.map((set) => ({ set, share: shareOf(set), bytes: set.has.join("") }))
      .sort((one, other) => one.share - other.share);
    for (const { set, share, bytes } of sets) {
      const distances = places.get(bytes);
      if (distances === undefined) continue;
      places.delete(bytes);
      const kinds = kindsOf(set);
      const size = new Set([...known.keys(), ...kinds]).size;
      if (isEnough && size > MOST_KINDS) return undefined;
      if (!isEnough && (size > MOST_KINDS || share > USELESS)) continue;
      for (const kind of kinds) if (!known.has(kind)) known.set(kind, known.size);
      steps.push(kinds.reduce((bits, kind) => bits | 1 << (known.get(kind) ?? 0), 0), distances);
    }
    if (steps.length === before) return undefined;
    steps.push(0, 0);
  }
  if (steps.length > MOST_STEPS) return undefined;
  const kinds = new Uint8Array(32);
  for (const [kind, bit] of known) {
    for (const [place, is] of [...kind].entries()) if (is === "1") kinds[place] = (kinds[place] as number) | 1 << bit;
  }
  const sizes = rows.map((row) => row.length);
  return { kinds, steps, least: Math.min(...sizes), most: isEnough ? Math.max(...sizes) : 0 };
}

/** Splits a set into kinds of bytes: lower halves that some upper halves have. Each is written as 16 digits for the lower ones, and 16 for the upper ones. */
function kindsOf({ has }: ByteSet): string[] {
  const uppers = new Map<string, string[]>();
  for (let upper = 0; upper < 16; upper++) {
    const from = Math.min(16 * upper, OTHERS);
    const lowers = Array.from({ length: 16 }, (_, lower) => has[Math.min(from + lower, OTHERS)]).join("");
    if (!lowers.includes("1")) continue;
    const all = uppers.get(lowers) ?? new Array<string>(16).fill("0");
    all[upper] = "1";
    uppers.set(lowers, all);
  }
  return Array.from(uppers, ([lowers, all]) => lowers + all.join(""));
}
