import type { VNode } from "preact";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { client, tagOf } from "../parts/client.ts";
import { ErrorPanel } from "../parts/error_panel.ts";
import { count, counted, size } from "../parts/format.ts";
import { html } from "../parts/html.ts";
import { Progress } from "../parts/progress.ts";
import { RecordList } from "../parts/record_list.ts";
import { BEGUN, type Find, MOST, Search, type State } from "../parts/record_search.ts";
import { go, href } from "../parts/router.ts";
import { saveText } from "../parts/save.ts";
import { isNoChunk, linesOrRecords } from "../parts/lines_or_records.ts";
import { lineOf } from "../parts/value_text.ts";

/** Hits after which reading waits until more are wanted. */
const PAGE = 50;

/** Blobs whose sizes are asked for: each takes a request. */
const SIZED = 100;

interface FoundProps {
  readonly tag: string;
  readonly filter: string;
  readonly isRegExp: boolean;
  readonly query: URLSearchParams;
}

/** The records of a tag that a filter fits: read until there is a page of them, and on when more are wanted. */
export function Found({ tag, filter, isRegExp, query }: FoundProps): VNode {
  const [state, setState] = useState<State>(BEGUN);
  const [round, setRound] = useState(0);
  const open = (Number(query.get("record")) || 0) - 1;
  const setOpen = useCallback((hit = -1) => {
    const record = hit < 0 ? undefined : hit + 1;
    go(href.tag(tag, "records", { filter, regexp: isRegExp ? 1 : undefined, record }), { replace: true });
  }, [tag, filter, isRegExp]);
  const search = useRef<Search | undefined>(undefined);
  useEffect(() => {
    const pattern = isRegExp ? new RegExp(filter) : filter;
    const find: Find = async function* ({ isLines, ...options }) {
      const reader = isLines ? linesOrRecords : undefined;
      yield* (await client()).grep(`tag://${tag}`, pattern, { ...options, reader });
    };
    const running = search.current = new Search(find, isNoChunk, setState);
    // The one that the address names is read, too.
    running.read(Math.max(PAGE, open + 1));
    const stop = new AbortController();
    // Without it, "Read on" is offered after the last record, too.
    totalOf(tag, stop.signal).then((total) => total !== undefined && running.knowTotal(total), () => {});
    return () => {
      stop.abort();
      running.stop();
    };
  }, [tag, filter, isRegExp, round]);
  const { hits, bytes, records, phase, error } = state;
  const isReading = phase === "reading";
  const far = `${counted(records, "record")} and ${size(bytes)} read`;
  const said = `${counted(hits.length, "record")} found; ${far}${phase === "ended" ? ": that is all" : ""}`;
  const again = () => setRound((round) => round + 1);
  const found = useMemo(() => hits.map(({ record }) => record), [hits]);
  const placeOf = useCallback((hit: number) => {
    const { blob = 0, hunk } = hits[hit] ?? {};
    return {
      text: `Blob ${count(blob + 1)}${hunk === undefined ? "" : `, hunk ${count(hunk + 1)}`}`,
      href: href.tag(tag, "records", { blob, at: hunk }),
    };
  }, [tag, hits]);
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
        html`<button onClick=${() =>
          saveText(name, hits.map(({ record }) => lineOf(record)))}>Download what was found</button>`}
    </div>
    ${hits.length > 0
      ? html`<${RecordList} label="Records found" records=${found} open=${
        open < 0 ? undefined : open
      } onOpen=${setOpen} placeOf=${placeOf} />`
      : phase === "ended" && html`
        <section class="empty">
          <h2>No record has that</h2>
          <p>Small and capital letters are told apart.</p>
        </section>
      `}
  `;
}

/** The bytes of all blobs behind a tag; nothing where they are many, or one is not known. */
async function totalOf(tag: string, signal: AbortSignal): Promise<number | undefined> {
  let [total, blobs] = [0, 0];
  for await (const { size } of (await client()).sizes(tag, { signal })) {
    if (size === undefined || ++blobs > SIZED) return undefined;
    total += size;
  }
  return total;
}
