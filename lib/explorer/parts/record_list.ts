import type { VNode } from "preact";
import { useCallback, useMemo, useState } from "preact/hooks";
import type { Value } from "../../records/mod.ts";
import { count, counted } from "./format.ts";
import { html } from "./html.ts";
import { saveText } from "./save.ts";
import { lineOf, pretty, shown } from "./value_text.ts";
import { type RowProps, VirtualList } from "./virtual_list.ts";

/** Characters of a record that its row shows, and that it shows opened. */
const IN_ROW = 400;
const OPENED = 100_000;

/** Records that are listed. */
export interface RecordListProps {
  readonly records: readonly Value[];
  /** The name of the list, for those who do not see it. */
  readonly label: string;
  /** The number of the first one, counted from 1. */
  readonly first?: number;
  /** The record that is open. */
  readonly open?: number | undefined;
  /** Told which record is opened; `undefined` when it is closed. */
  readonly onOpen: (index: number | undefined) => void;
  /** Tells where a record is, for lists of such as are in many places. */
  readonly placeOf?: (index: number) => { readonly text: string; readonly href: string };
}

/** A list of records, each on a line; the one that is opened is shown as a whole below. */
export function RecordList({ records, label, first = 1, open, onOpen, placeOf }: RecordListProps): VNode {
  const row = useCallback((index: number, props: RowProps) => {
    const { kind, text, isCut } = shown(records[index] ?? "", IN_ROW);
    return html`
      <div ...${props} class=${`record ${kind}`} data-open=${index === open} onClick=${() => onOpen(index)}>
        <span class="number">${count(first + index)}</span>
        <span class="line">${text}${isCut ? "…" : ""}</span>
        ${placeOf && html`<span class="soft place">${placeOf(index).text}</span>`}
      </div>
    `;
  }, [records, first, open, onOpen, placeOf]);
  const close = () => onOpen(undefined);
  const isOpen = open !== undefined && open < records.length;
  const press = (event: KeyboardEvent) => event.key === "Escape" && isOpen && close();
  return html`
    <div class="found" onKeyDown=${press}>
    <${VirtualList} class="records" label=${label} count=${records.length} rowHeight=${28} row=${row}
      start=${open ?? 0} />
    ${isOpen &&
      html`<${Opened} key=${open} record=${records[open]} number=${first + open} place=${
        placeOf?.(open)
      } close=${close} />`}
    </div>
  `;
}

interface OpenedProps {
  readonly record: Value;
  readonly number: number;
  readonly place: ReturnType<NonNullable<RecordListProps["placeOf"]>> | undefined;
  readonly close: () => void;
}

/** A record as a whole. */
function Opened({ record, number, place, close }: OpenedProps): VNode {
  const [isPretty, setPretty] = useState(false);
  const { kind, text, isCut } = useMemo(() => shown(record, OPENED), [record]);
  const lines = useMemo(() => pretty(record, OPENED), [record]);
  const name = { text: lines === undefined ? "Text" : "JSON", bytes: "Bytes", value: "A pickled value" }[kind];
  return html`
    <section class="opened" aria-label=${`Record ${number}`}>
      <div class="bar">
        <h2>Record ${count(number)}</h2><span class="soft">${name}</span>
        ${place && html`<a href=${place.href}>${place.text}</a>`}
        ${lines !== undefined && html`
          <label class="check"><input type="checkbox" checked=${isPretty} onChange=${() =>
            setPretty(!isPretty)} />On several lines</label>
        `}
        <button onClick=${() => saveText(`record-${number}.txt`, [lineOf(record)])}>Save</button>
        <button onClick=${close}>Close</button>
      </div>
      <pre tabindex="0">${isPretty && lines !== undefined ? lines : text}</pre>
      ${isCut &&
        html`<p class="soft">Only the first ${counted(OPENED, "character")} are shown. Save it to read the rest.</p>`}
    </section>
  `;
}
