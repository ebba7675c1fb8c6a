import type { Progress } from "../../../mod.ts";
import type { Cli } from "./cli.ts";
import { humanSize } from "./output.ts";
import type { LiveLines } from "../terminal/bars.ts";
import { isTerminal } from "../terminal/streams.ts";

/** The known facts about a long command. */
export interface ShowOptions {
  /** True where the command writes data to stdout; on one terminal, progress would stand between it. */
  readonly output?: boolean;
  /** Bytes in all, where they are known. */
  readonly total?: number | undefined;
  /** The sizes of what is worked on, by name. */
  readonly sizes?: ReadonlyMap<string, number>;
}

/** Shows how far a command is. */
export interface Shown {
  /** The options for an operation of the library. */
  readonly options: { readonly onProgress?: (progress: Progress) => void };
  /** Counts bytes of something that has a name and perhaps a size. */
  add(bytes: number, name: string, size?: number): void;
  /** Says that something is finished. */
  done(name: string): void;
}

const NOTHING: Shown = { options: {}, add: () => {}, done: () => {} };
/** The key of the line that has the sum. */
const SUM = "";
/** Milliseconds between two looks. */
const EVERY = 100;

/** Shows progress on stderr, if that is a terminal, while some work goes on; then a line with the sum. */
export async function showProgress<T>(cli: Cli, options: ShowOptions, work: (shown: Shown) => Promise<T>): Promise<T> {
  const isShown = cli.options.quiet !== true && isTerminal("stderr") &&
    !(options.output === true && isTerminal("stdout"));
  if (!isShown) return await work(NOTHING);
  const { liveLines, terminalWidth } = await import("../terminal/bars.ts");
  const display = new Display(liveLines(), options, terminalWidth());
  try {
    const result = await work(display.shown);
    display.stop();
    cli.tell(display.sum());
    return result;
  } finally {
    display.stop();
  }
}

/** Draws what is counted. */
class Display {
  readonly shown: Shown;
  readonly #lines: LiveLines;
  readonly #width: number;
  readonly #began = performance.now();
  readonly #sizes: Map<string, number>;
  readonly #counts = new Map<string, number>();
  #total: number | undefined;
  #bytes = 0;
  #records = 0;
  #finished = 0;
  /** Bytes that the library had counted. */
  #before = 0;
  #drawn = -EVERY;
  #isStopped = false;

  constructor(lines: LiveLines, { total, sizes }: ShowOptions, width: number) {
    this.#lines = lines;
    this.#width = width;
    this.#total = total;
    this.#sizes = new Map(sizes);
    this.shown = {
      options: { onProgress: (progress) => this.#told(progress) },
      add: (bytes, name, size) => this.#add(bytes, name, size),
      done: (name) => this.#done(name),
    };
  }

  #told({ bytesIn, records, name, total, replicas, source }: Progress): void {
    this.#total ??= total;
    this.#records = records;
    this.#add(bytesIn - this.#before, name);
    this.#before = bytesIn;
    if (replicas.length > 0 || source !== undefined) this.#done(name);
  }

  #add(bytes: number, name: string, size?: number): void {
    const before = this.#counts.get(name);
    this.#bytes += bytes;
    this.#counts.set(name, (before ?? 0) + bytes);
    if (size !== undefined) this.#sizes.set(name, size);
    // A file may be sent, and wait for its answer, before it is time to look again.
    if (before === undefined) this.#drawn = -EVERY;
    this.#draw();
  }

  #done(name: string): void {
    this.#finished++;
    this.#counts.delete(name);
    this.#lines.remove(name);
    this.#draw();
  }

  #draw(): void {
    const now = performance.now();
    if (now - this.#drawn < EVERY) return;
    this.#drawn = now;
    for (const [name, bytes] of this.#counts) {
      const size = this.#sizes.get(name);
      const of = size === undefined ? "" : ` of ${humanSize(size)}`;
      this.#lines.set(name || " ", this.#cut(`${name}  ${humanSize(bytes)}${of}`));
    }
    this.#lines.set(SUM, this.#cut(`${this.#amounts()}${this.#timeLeft()}`));
  }

  /** Gives the sum of it, and the speed. */
  sum(): string {
    const seconds = (performance.now() - this.#began) / 1000;
    return `${this.#amounts()} in ${seconds.toFixed(1)} s`;
  }

  stop(): void {
    if (!this.#isStopped) this.#lines.stop();
    this.#isStopped = true;
  }

  #amounts(): string {
    const seconds = Math.max(0.001, (performance.now() - this.#began) / 1000);
    const of = this.#total === undefined ? "" : ` of ${humanSize(this.#total)}`;
    const records = this.#records === 0 ? "" : `, ${this.#records.toLocaleString("en")} records`;
    return `${this.#finished} done, ${humanSize(this.#bytes)}${of}${records}, ${humanSize(this.#bytes / seconds)}/s`;
  }

  #timeLeft(): string {
    if (this.#total === undefined || this.#bytes === 0) return "";
    const seconds = (performance.now() - this.#began) / 1000;
    const left = Math.max(0, Math.round(seconds * (this.#total - this.#bytes) / this.#bytes));
    return `, ${left >= 60 ? `${Math.floor(left / 60)} min ` : ""}${left % 60} s left`;
  }

  #cut(line: string): string {
    return line.length < this.#width ? line : `${line.slice(0, this.#width - 4)}...`;
  }
}
