import { exchanged } from "../../lib/codec/text_of_wasm.ts";

/** The characters of a double-quoted string that need no escape, the commonest in minified JavaScript first. */
const CHARACTERS = "etnra i)(,so=.lcu}{h:`df;wypgm0b?>v&#$[]/k1!|+-AzSxRE2UT4NCOMLI38D<j*_PB6F5H^W9GJVKZq7YQX@%'~";
const SINGLES = CHARACTERS.length - 2;

/**
 * Writes bytes as {@linkcode wasmOf} reads them.
 *
 * @returns The text, which begins with its alphabet: the commonest byte gets the commonest character.
 */
export function wasmAsText(bytes: Uint8Array): string {
  const places = Array.from(bytes, exchanged).flatMap((place) => {
    const more = Math.floor(place / SINGLES);
    return more === 0 ? [place] : [SINGLES - 1 + more, place % SINGLES];
  });
  const counts = new Array<number>(CHARACTERS.length).fill(0);
  for (const place of places) counts[place] = (counts[place] ?? 0) + 1;
  const alphabet: string[] = [];
  counts.map((count, place) => ({ count, place }))
    .sort((one, other) => other.count - one.count || one.place - other.place)
    .forEach(({ place }, rank) => alphabet[place] = CHARACTERS.charAt(rank));
  return [...alphabet, ...places.map((place) => alphabet[place])].join("");
}
