/** The place of all bytes past ASCII in a set. */
export const OTHERS = 128;

/** Bytes that a character of some kind begins or ends with. */
export interface ByteSet {
  /** 1 for each byte of ASCII that is in it, and at {@linkcode OTHERS} if all others are. */
  readonly has: Uint8Array;
  /** True if each character of ASCII in it is of that kind; else some may not be. */
  readonly isExact: boolean;
}

/** Sets of bytes that follow each other. */
export type Row = readonly ByteSet[];

/** The most sets of a row that is searched for. */
export const MOST_SETS = 8;

/** The way in which letters' case is seen. */
export interface Case {
  /** True if it is ignored. */
  readonly isIgnored: boolean;
  /** True if Unicode says which letters are the same. */
  readonly isUnicode: boolean;
}

const SPACES = [9, 10, 11, 12, 13, 32];
const isDigit = (byte: number) => byte > 47 && byte < 58;
const isWord = (byte: number) => isDigit(byte) || byte === 95 || (byte & 95) > 64 && (byte & 95) < 91;
const ESCAPED = new Map<string, (byte: number) => boolean>([
  ["d", isDigit],
  ["w", isWord],
  // There are others in Unicode.
  ["s", (byte) => SPACES.includes(byte) || byte === OTHERS],
]);

/** Makes the set of some characters. */
export function setOf(isIn: (byte: number) => boolean): Uint8Array {
  return Uint8Array.from({ length: OTHERS + 1 }, (_, byte) => Number(isIn(byte)));
}

/** The set of a character's code. */
export function setOfCode(code: number): Uint8Array {
  return setOf((byte) => byte === Math.min(code, OTHERS));
}

/** The set of an escaped letter such as `d` or `D`; nothing for others. */
export function setOfEscape(letter: string): Uint8Array | undefined {
  const isIn = ESCAPED.get(letter.toLowerCase());
  if (isIn === undefined) return undefined;
  return letter < "a" ? negated(setOf(isIn)) : setOf(isIn);
}

/** The other characters: there are always others past ASCII. */
export function negated(has: Uint8Array): Uint8Array {
  return has.map((is, byte) => byte === OTHERS ? 1 : 1 - is);
}

/**
 * Adds the letters that count as the same.
 *
 * @param isNegated Whether the set was made by leaving characters out.
 */
export function folded(has: Uint8Array, isNegated: boolean, { isIgnored, isUnicode }: Case): ByteSet {
  if (!isIgnored) return { has, isExact: true };
  if (isNegated && isUnicode) return { has: setOf(() => true), isExact: false };
  const all = has.map((is, byte) =>
    byte !== OTHERS && isWord(byte) && byte > 64 ? is | (has[byte ^ 32] as number) : is
  );
  // `_` is no letter, nor is what it would be folded with.
  all[95] = has[95] as number;
  const isOther = has[OTHERS] === 1;
  // The Kelvin sign is a k, and a long s an s.
  if (isUnicode && (isOther || [..."ks"].some((letter) => all[letter.charCodeAt(0)] === 1))) {
    for (const letter of "kKsS") if (isOther) all[letter.charCodeAt(0)] = 1;
    all[OTHERS] = 1;
  }
  return { has: all, isExact: !isNegated && !(isUnicode && isOther) };
}

/**
 * Takes rows that can be searched for out of what characters have to follow each other.
 *
 * @param run The characters; one past ASCII is several bytes, the first and the last of which are known.
 * @returns The longest row from each place on.
 */
export function windowsOf(run: Row): Row[] {
  return run.map((_, start) => {
    const next = run.findIndex(({ has }, place) => place > start && has[OTHERS] === 1);
    return run.slice(start, Math.min(start + MOST_SETS, next < 0 ? run.length : next + 1));
  });
}
