import { type Measured, speedOf } from "./table.ts";

/** The runtimes that are compared, as {@linkcode Measured.runtime} begins. */
const RUNTIMES = ["Node", "Deno"] as const;

/** A row of the summary: one contender of a discipline. */
interface Row {
  /** The words that stand for it. */
  readonly title: string;
  readonly discipline: string;
  /** How the contender's name begins. */
  readonly contender: string;
  /** Shows its time and not its speed, compared with the first contender's. */
  readonly isTime?: boolean;
}

const CODEC: readonly Row[] = ["deflate", "inflate", "lines to hunks", "hunks to lines"].map((discipline) => ({
  title: discipline,
  discipline,
  contender: "wasm",
}));

const WHOLE: readonly Row[] = [
  { title: "two threads that run, to one", discipline: "threads that run: lines to hunks", contender: "2 workers" },
  {
    title: "two that share nothing: what the machine gives",
    discipline: "threads that run: lines to hunks",
    contender: "2 threads",
  },
  { title: "`recordColumns()`, to bare inflate", discipline: "columns", contender: "recordColumns()" },
  {
    title: "… on two threads, to two that share nothing",
    discipline: "columns on threads",
    contender: "recordColumns(), 2 workers",
  },
  { title: "`grep()` for a text, to `recordColumns()`", discipline: "grep()", contender: "grep(), a text" },
  { title: "… with many hits", discipline: "grep()", contender: "grep(), many hits" },
  { title: "… for an expression without a text", discipline: "grep()", contender: "grep(), an expression without" },
  {
    title: "time of `chunk()` over HTTP, to the codec's own",
    discipline: "end to end: in",
    contender: "chunk()",
    isTime: true,
  },
];

/** The disciplines that the tables are made of. */
export const DISCIPLINES: readonly string[] = [...new Set([...CODEC, ...WHOLE].map(({ discipline }) => discipline))];

/**
 * Makes the tables of scripts/bench/README.md: speeds of the codec in Node with its ratios to the first contender in Node and in Deno, and
 * ratios alone for threads and whole operations.
 *
 * @param measured The results of both runtimes. A cell that they do not fill stays empty.
 * @returns Two tables, as Markdown.
 */
export function summaryOf(measured: readonly Measured[]): string {
  const corpora = [...new Set(measured.map(({ corpus }) => corpus))];
  const ratios = (row: Row, corpus: string) => RUNTIMES.map((runtime) => ratioOf(measured, row, runtime, corpus));
  return [
    tableOf("", corpora, CODEC, (row, corpus) => {
      const found = contenderOf(measured, row, "Node", corpus);
      const both = ratios(row, corpus);
      return found === undefined || both.includes("") ? "" : `${speedOf(...found).toFixed(0)}, ${both.join(" / ")}`;
    }),
    tableOf("in Node / in Deno", corpora.filter((corpus) => corpus !== "noise"), WHOLE, (row, corpus) => {
      const both = ratios(row, corpus);
      return both.includes("") ? "" : both.join(" / ");
    }),
  ].join("\n\n");
}

/**
 * Finds rows of Markdown tables that lack a cell, or have an empty one beside their title.
 *
 * @returns The rows.
 */
export function incompleteRows(markdown: string): string[] {
  const incomplete: string[] = [];
  let width = 0;
  for (const line of markdown.split("\n").map((line) => line.trim())) {
    if (!line.startsWith("|")) {
      width = 0;
      continue;
    }
    const cells = line.slice(1, -1).split("|").map((cell) => cell.trim());
    width ||= cells.length;
    if (cells.length !== width || cells.slice(1).includes("")) incomplete.push(line);
  }
  return incomplete;
}

function contenderOf(
  measured: readonly Measured[],
  { discipline, contender }: Row,
  runtime: string,
  corpus: string,
): [Measured, Measured["standings"][number]] | undefined {
  const one = measured.find((one) =>
    one.runtime.startsWith(runtime) && one.discipline === discipline && one.corpus === corpus
  );
  const standing = one?.standings.find(({ name }) => name.startsWith(contender));
  return one === undefined || standing === undefined ? undefined : [one, standing];
}

function ratioOf(measured: readonly Measured[], row: Row, runtime: string, corpus: string): string {
  const times = contenderOf(measured, row, runtime, corpus)?.[1].times;
  if (times === undefined) return "";
  const ratio = row.isTime ? 1 / times : times;
  return ratio.toFixed(ratio < 1 ? 2 : ratio < 10 ? 1 : 0);
}

function tableOf(
  title: string,
  corpora: readonly string[],
  rows: readonly Row[],
  cell: (row: Row, corpus: string) => string,
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line([title, ...corpora]),
    line(["", ...corpora].map(() => "---")),
    ...rows.map((row) => line([row.title, ...corpora.map((corpus) => cell(row, corpus))])),
  ].join("\n");
}
