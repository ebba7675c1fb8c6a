import type { Engine } from "../codec/engine.ts";
import { type ByteColumns, countOf } from "./columns.ts";
import { type Fits, lineSearch } from "./line_search.ts";
import { isPlain, merged, requiredTexts } from "./required_text.ts";
import { setSearch } from "./set_search.ts";
import { searchable } from "./text_pieces.ts";

/** To test a record takes as long as an expression needs for so many bytes of text. */
const BYTES_A_TEST = 128;
/** Sets of bytes are looked for once one of the texts is in as many bytes or less. */
const BYTES_A_HIT = 4096;

/** Tests some records of a hunk; gives those that fit. */
export type Tests = (some: ArrayLike<number>) => number[];

/** Finds the records of a hunk that fit without a test of each; nothing where it can not. */
export type QuickSearch = (columns: ByteColumns, tests: Tests) => ArrayLike<number> | undefined;

/**
 * Makes a search for what an expression has in it, or for many lines at once.
 *
 * @param fits Tests a record.
 * @param engine Looks for text in bytes.
 * @returns The search.
 */
export function quickSearch(
  pattern: RegExp,
  fits: Fits,
  engine: Pick<Engine, "findText" | "name">,
): QuickSearch {
  const lines = lineSearch(pattern, fits);
  // Texts one of which is in each record that fits, as bytes; none where records with other bytes may fit.
  const all = requiredTexts(pattern).map(searchable);
  const texts = all.every((text) => text !== undefined) ? all : [];
  const withTexts = (columns: ByteColumns) => texts.map((text) => engine.findText(columns, text)).reduce(merged);
  if (texts.length > 0 && isPlain(pattern)) return withTexts;
  const sets = engine.name === "js" ? undefined : setSearch(pattern);
  /** True once so many records had one of the texts, or there is none, that it is worth while to look for more than that. */
  let isCommon = texts.length === 0;
  /** True once so many had one that the expression is quicker by itself. */
  let isDense = isCommon;
  return (columns, tests) => {
    const { bytes } = columns;
    let found: Uint32Array | undefined;
    if (!isCommon) {
      found = withTexts(columns);
      isCommon = found.length * BYTES_A_HIT > bytes.length;
      isDense = lines !== undefined && found.length * BYTES_A_TEST > bytes.length;
    }
    if (isCommon) {
      const limit = lines === undefined ? countOf(columns) / 2 : bytes.length / (2 * BYTES_A_TEST);
      const few = sets?.(columns, limit, (some) => Uint32Array.from(tests(some)));
      if (few !== undefined) return few;
      if (!isDense) found ??= withTexts(columns);
    }
    return (isDense ? lines?.(columns) : undefined) ?? (found && tests(found));
  };
}
