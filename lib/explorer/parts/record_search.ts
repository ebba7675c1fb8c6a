import type { Value } from "../../records/mod.ts";

/** The place of a record: its blob, counted from 0 among all behind the tag, and its hunk; of what is no chunk, no hunk is known. */
export interface Found {
  readonly record: Value;
  readonly blob: number;
  readonly hunk?: number | undefined;
}

/** The state of a search. */
export interface State {
  readonly hits: readonly Found[];
  readonly bytes: number;
  readonly records: number;
  readonly phase: "reading" | "waiting" | "stopped" | "ended" | "full";
  readonly error?: unknown;
}

/** The counts of a client that reads records. */
export interface Counts {
  readonly bytesIn: number;
  readonly records: number;
  readonly blobs: number;
}

/** Finds records, in lists; tells how far it is, also of what is read ahead. */
export type Find = (
  options: { signal: AbortSignal; onProgress: (counts: Counts) => void; isLines: boolean },
) => AsyncIterable<readonly Value[]>;

export const BEGUN: State = { hits: [], bytes: 0, records: 0, phase: "reading" };
/** The most hits that are kept. */
export const MOST = 100_000;
/** Milliseconds between two looks at the progress. */
const PAUSE = 100;

/** A search that goes on as far as it is told to. */
export class Search {
  readonly #abort = new AbortController();
  readonly #show: (state: State) => void;
  readonly #found: AsyncGenerator<readonly Found[]>;
  readonly #hits: Found[] = [];
  #phase: State["phase"] = "waiting";
  #bytes = 0;
  #records = 0;
  /** The bytes of all blobs, once they are known. */
  #total = Infinity;
  #wanted = 0;
  /** The next records that fit, where they were looked for already. */
  #ahead: Promise<IteratorResult<readonly Found[]>> | undefined;
  #shownAt = 0;

  /**
   * Makes a search; it begins with the first `read()`.
   *
   * @param find Finds the records.
   * @param isNoChunk Tells whether an error came of a blob that is no chunk: then lines are read.
   * @param show Told of each state.
   */
  constructor(
    find: Find,
    isNoChunk: (error: unknown, signal: AbortSignal) => Promise<boolean>,
    show: (state: State) => void,
  ) {
    this.#show = show;
    this.#found = this.#find(find, isNoChunk);
  }

  /** Reads until so many are found. */
  async read(wanted: number): Promise<void> {
    this.#wanted = Math.min(wanted, MOST);
    if (this.#phase === "reading") return;
    this.#tell("reading");
    try {
      while (this.#hits.length < this.#wanted) {
        const next = this.#ahead ?? this.#found.next();
        this.#ahead = undefined;
        const { done, value } = await next;
        if (this.#abort.signal.aborted) return;
        if (done === true) return this.#tell("ended");
        this.#hits.push(...value.slice(0, MOST - this.#hits.length));
      }
      this.#tell(this.#hits.length >= MOST ? "full" : "waiting");
      this.#look();
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#tell("stopped", error);
    }
  }

  /** Tells how many bytes all blobs have: when they are here, it is soon known that nothing more is found. */
  knowTotal(bytes: number): void {
    this.#total = bytes;
    this.#look();
  }

  /** Looks whether more is found in what was read ahead, if that is the rest. */
  #look(): void {
    if (this.#phase !== "waiting" || this.#wanted === 0 || this.#bytes < this.#total) return;
    // Later, as what it tells of leads here; its failure is told when more is wanted.
    const ahead = this.#ahead ??= Promise.resolve().then(() => this.#found.next());
    ahead.then(({ done }) => done === true && this.#phase === "waiting" && this.#tell("ended"), () => {});
  }

  /** Ends it. */
  stop(): void {
    this.#abort.abort();
    this.#tell("stopped");
  }

  async *#find(
    find: Find,
    isNoChunk: (error: unknown, signal: AbortSignal) => Promise<boolean>,
    isLines = false,
  ): AsyncGenerator<readonly Found[]> {
    const { signal } = this.#abort;
    // Those that are known already, where it is done anew.
    let known = this.#hits.length;
    let [blob, hunk] = [0, -1];
    const onProgress = ({ bytesIn, records, blobs }: Counts) => {
      if (blobs > blob) [blob, hunk] = [blobs, -1];
      // Each hunk is told when it is searched, also one without records; what is read ahead by its bytes alone.
      else if (bytesIn === this.#bytes) hunk++;
      [this.#bytes, this.#records] = [bytesIn, records];
      // What is read ahead while nobody wants more changes nothing but these.
      if (performance.now() - this.#shownAt > PAUSE) this.#tell(this.#phase);
      this.#look();
    };
    this.#records = 0;
    try {
      for await (const hits of find({ signal, onProgress, isLines })) {
        yield hits.slice(known).map((record) => ({
          // A view would keep its whole hunk.
          record: record instanceof Uint8Array ? record.slice() : record,
          blob,
          hunk: isLines ? undefined : hunk,
        }));
        known = Math.max(0, known - hits.length);
      }
    } catch (error) {
      // Chunks alone are read faster than by a reader of lines.
      if (isLines || !await isNoChunk(error, signal)) throw error;
      yield* this.#find(find, isNoChunk, true);
    }
  }

  #tell(phase: State["phase"], error?: unknown): void {
    this.#phase = phase;
    this.#shownAt = performance.now();
    this.#show({
      ...{ hits: [...this.#hits], bytes: this.#bytes, records: this.#records, phase },
      ...error === undefined ? {} : { error },
    });
  }
}
