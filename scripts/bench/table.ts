import type { Standing } from "./race.ts";

/** What came out of a discipline on one text. */
export interface Measured {
  /** The runtime and its version. */
  readonly runtime: string;
  readonly discipline: string;
  /** The text's name. */
  readonly corpus: string;
  /** Bytes of text that were worked on. */
  readonly bytes: number;
  /** The contenders; the others are compared with the first. */
  readonly standings: readonly Standing[];
}

/**
 * Speed in millions of bytes of text a second.
 *
 * @param standing One of its contenders.
 */
export function speedOf({ bytes }: Measured, { milliseconds }: Standing): number {
  return bytes / milliseconds / 1000;
}

/**
 * Makes a table of one discipline: a column a text, a row a contender.
 *
 * @param columns What came out of it on each text.
 * @returns The table, as Markdown.
 */
export function tableOf(columns: readonly Measured[]): string {
  const [first] = columns;
  const rows = [
    [first?.discipline ?? "", ...columns.map(({ corpus }) => corpus)],
    ["---", ...columns.map(() => "---")],
    ...(first?.standings ?? []).map(({ name }, i) => [name, ...columns.map((column) => cell(column, i))]),
  ];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => `| ${row.map((text, i) => text.padEnd(widths[i] ?? 0)).join(" | ")} |`).join("\n");
}

function cell(column: Measured, row: number): string {
  const [first, own] = [column.standings[0], column.standings[row]];
  if (first === undefined || own === undefined) return "";
  const speed = speedOf(column, own).toFixed(0);
  if (row === 0) return speed;
  const times = `${own.times.toFixed(2)}x`;
  return own.size === first.size ? `${speed} ${times}` : `${speed} ${times} ${(own.size / first.size).toFixed(3)}`;
}
