import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { RecordReader } from "../../../mod.ts";
import type { Value } from "../../records/mod.ts";
import { client, tagOf } from "../parts/client.ts";
import { ErrorPanel } from "../parts/error_panel.ts";
import { count, counted, size } from "../parts/format.ts";
import { html } from "../parts/html.ts";
import { Progress } from "../parts/progress.ts";
import { RecordList } from "../parts/record_list.ts";
import { saveText } from "../parts/save.ts";
import { isNoChunk, linesOrRecords } from "../parts/lines_or_records.ts";
import { lineOf } from "../parts/value_text.ts";

/** Hits after which reading waits until more are wanted, and the most that are kept. */
const PAGE = 50;
const MOST = 100_000;
/** Milliseconds between two looks at the progress. */
const PAUSE = 100;

/** The state of a search. */
interface State {
  readonly hits: readonly Value[];
  readonly bytes: number;
  readonly records: number;
  readonly phase: "reading" | "waiting" | "stopped" | "ended" | "full";
  readonly error?: unknown;
}

const BEGUN: State = { hits: [], bytes: 0, records: 0, phase: "reading" };

/** The records of a tag that a filter fits: read until there is a page of them, and on when more are wanted. */
export function Found({ tag, filter, isRegExp }: { tag: string; filter: string; isRegExp: boolean }): VNode {
  const [state, setState] = useState<State>(BEGUN);
  const [round, setRound] = useState(0);
  const [open, setOpen] = useState<number>();
  const search = useRef<Search | undefined>(undefined);
  useEffect(() => {
    const pattern = isRegExp ? new RegExp(filter) : filter;
    const running = search.current = new Search(tag, pattern, setState);
    running.read(PAGE);
    return () => running.stop();
  }, [tag, filter, isRegExp, round]);
  const { hits, bytes, records, phase, error } = state;
  const isReading = phase === "reading";
  const far = `${counted(records, "record")} and ${size(bytes)} read`;
  const said = `${counted(hits.length, "record")} found; ${far}${phase === "ended" ? ": that is all" : ""}`;
  const again = () => setRound((round) => round + 1);
  const name = `${tag.replaceAll(/[^\w-]+/g, "_")}-found.txt`;
  return html`
    ${isReading
      ? html`<${Progress} label=${said} stop=${() => search.current?.stop()} />`
      : html`<p class="said" role="status">${said}${
        phase === "full"
          ? `: more than ${count(MOST)} are not kept`
          : phase === "stopped" && error === undefined
          ? "; stopped"
          : ""
      }</p>`}
    ${error !== undefined &&
      html`<${ErrorPanel} doing="Cannot read on" error=${error} tag=${tagOf(error, tag)} again=${again} />`}
    <div class="buttons">
      ${phase === "waiting" && html`
        <button class="primary" onClick=${() => search.current?.read(hits.length + PAGE)}>Read on</button>
        <button onClick=${() => search.current?.read(MOST)}>Read to the end</button>
      `}
      ${phase === "stopped" && html`<button onClick=${again}>Begin anew</button>`}
      ${hits.length > 0 &&
        html`<button onClick=${() => saveText(name, hits.map(lineOf))}>Download what was found</button>`}
    </div>
    ${hits.length > 0
      ? html`<${RecordList} label="Records found" records=${hits} open=${open} onOpen=${setOpen} />`
      : phase === "ended" && html`
        <section class="empty">
          <h2>No record has that</h2>
          <p>Small and capital letters are told apart.</p>
        </section>
      `}
  `;
}

/** A search that goes on as far as it is told to. */
class Search {
  readonly #abort = new AbortController();
  readonly #show: (state: State) => void;
  readonly #found: AsyncGenerator<Value[]>;
  readonly #hits: Value[] = [];
  #bytes = 0;
  #records = 0;
  #wanted = 0;
  #isRunning = false;
  #shownAt = 0;

  constructor(tag: string, pattern: string | RegExp, show: (state: State) => void) {
    this.#show = show;
    this.#found = this.#find(tag, pattern);
  }

  /** Reads until so many are found. */
  async read(wanted: number): Promise<void> {
    this.#wanted = Math.min(wanted, MOST);
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#tell("reading");
    try {
      while (this.#hits.length < this.#wanted) {
        const { done, value } = await this.#found.next();
        if (done === true) return this.#tell("ended");
        for (const hit of value) {
          // A view would keep its whole hunk.
          if (this.#hits.length < MOST) this.#hits.push(hit instanceof Uint8Array ? hit.slice() : hit);
        }
      }
      this.#tell(this.#hits.length >= MOST ? "full" : "waiting");
    } catch (error) {
      if (!this.#abort.signal.aborted) this.#tell("stopped", error);
    } finally {
      this.#isRunning = false;
    }
  }

  /** Ends it. */
  stop(): void {
    this.#abort.abort();
    this.#tell("stopped");
  }

  async *#find(tag: string, pattern: string | RegExp, reader?: RecordReader<Value>): AsyncGenerator<Value[]> {
    const { signal } = this.#abort;
    const ddfs = await client();
    // Those that are known already, where it is done anew.
    let known = this.#hits.length;
    try {
      const onProgress = ({ bytesIn, records }: { bytesIn: number; records: number }) => {
        [this.#bytes, this.#records] = [bytesIn, records];
        // What was read ahead comes in when it waits already.
        if (this.#isRunning && performance.now() - this.#shownAt > PAUSE) this.#tell("reading");
      };
      for await (const hits of ddfs.grep(`tag://${tag}`, pattern, { signal, reader, onProgress })) {
        yield hits.slice(known);
        known = Math.max(0, known - hits.length);
      }
    } catch (error) {
      // Chunks alone are read faster than by a reader of our own.
      if (reader !== undefined || !await isNoChunk(error, signal)) throw error;
      yield* this.#find(tag, pattern, linesOrRecords);
    }
  }

  #tell(phase: State["phase"], error?: unknown): void {
    this.#shownAt = performance.now();
    this.#show({
      ...{ hits: [...this.#hits], bytes: this.#bytes, records: this.#records, phase },
      ...error === undefined ? {} : { error },
    });
  }
}
