import type { ComponentChild, VNode } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { html } from "./html.ts";
import { cameBack } from "./router.ts";

/** The most rows that are in the document at a time. */
const MOST = 50;

/** The properties of a row's element: the role, its place, the mark of the current one. */
export type RowProps = Readonly<Record<string, unknown>>;

/** Parts of a list of which only the rows that are seen are in the document. */
export interface ListProps {
  /** The number of rows. */
  readonly count: number;
  /** The height of each row, in pixels. */
  readonly rowHeight: number;
  /** Draws a row: an element that has all of `props`. */
  readonly row: (index: number, props: RowProps) => VNode;
  /** The list's name, for those who do not see it. */
  readonly label: string;
  /** The kind of rows: links of a `listbox` or a `tree`, or items of a `list`, which none is chosen of. */
  readonly role?: "listbox" | "tree" | "list";
  /** The row to begin with. */
  readonly start?: number;
  /** Told of other keys that are pressed on the current row; gives the row to go to, or `undefined` if nothing came of it. */
  readonly onKey?: (key: string, index: number) => number | undefined;
  /** Told of the rows that are seen, when they change. */
  readonly onShow?: (first: number, end: number) => void;
  /** Shown when there are no rows. */
  readonly empty?: ComponentChild;
  /** The class of the list. */
  readonly class?: string;
}

const ROW_ROLES = { listbox: "option", tree: "treeitem", list: "listitem" } as const;
let lists = 0;
/** The places that lists were scrolled to, by their addresses and labels: who goes back sees what was seen before. */
const tops = new Map<string, number>();

/** A list of any length. Arrows, Page Up and Down, Home and End move in it, Enter opens the current row. */
export function VirtualList(props: ListProps): VNode {
  const { count, rowHeight, row, label, role = "listbox", start = 0, onKey, onShow, empty, class: name = "" } = props;
  const box = useRef<HTMLDivElement>(null);
  const [id] = useState(() => `list${lists++}`);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const [current, setCurrent] = useState(start);
  const [isFocused, setFocused] = useState(false);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    const measure = () => setHeight(element.clientHeight);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const [key] = useState(() => location.pathname + location.search + label);
  useLayoutEffect(() => {
    const before = cameBack() && start === 0 ? tops.get(key) : undefined;
    if (box.current !== null) box.current.scrollTop = before ?? start * rowHeight;
    setCurrent(before === undefined ? start : Math.ceil(before / rowHeight));
  }, [start]);

  const seen = Math.min(Math.ceil(height / rowHeight) + 1, MOST);
  const spare = Math.floor(Math.min((MOST - seen) / 2, 8));
  const firstSeen = Math.max(0, Math.min(Math.floor(top / rowHeight), count - seen));
  const first = Math.max(0, firstSeen - spare);
  const end = Math.min(count, firstSeen + seen + spare);
  const at = Math.min(current, count - 1);
  useEffect(() => onShow?.(first, end), [first, end, count, onShow]);

  function move(to: number): void {
    const next = Math.max(0, Math.min(count - 1, to));
    setCurrent(next);
    const element = box.current;
    if (element === null) return;
    const space = element.clientHeight;
    if (next * rowHeight < element.scrollTop) element.scrollTop = next * rowHeight;
    if ((next + 1) * rowHeight > element.scrollTop + space) element.scrollTop = (next + 1) * rowHeight - space;
  }

  function press(event: KeyboardEvent): void {
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    const page = Math.max(1, Math.floor(height / rowHeight) - 1);
    const steps: Readonly<Record<string, number>> = {
      ...{ ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: count - 1 },
    };
    const to = steps[event.key] ?? onKey?.(event.key, at);
    if (to !== undefined && count > 0) move(to);
    else if (event.key === "Enter") document.getElementById(`${id}-${at}`)?.click();
    else return;
    event.preventDefault();
  }

  const rows = [];
  for (let i = first; i < end; i++) {
    const isCurrent = isFocused && i === at;
    rows.push(row(i, {
      ...{
        id: `${id}-${i}`,
        key: i,
        role: ROW_ROLES[role],
        tabIndex: -1,
        "aria-setsize": count,
        "aria-posinset": i + 1,
      },
      // axe's rule: a choice says whether it is the one.
      ...role === "list" ? {} : { "aria-selected": isCurrent },
      ...isCurrent ? { "data-current": "" } : {},
    }));
  }
  const isHere = isFocused && role !== "list" && at >= first && at < end;
  if (count === 0) return html`<div class=${`rows ${name}`} ref=${box}>${empty}</div>`;
  return html`
    <div
      class=${`rows ${name}`}
      style=${{ "--rows": `${count * rowHeight}px` }}
      ref=${box}
      tabindex="0" role=${role} aria-label=${label}
      aria-activedescendant=${isHere ? `${id}-${at}` : undefined}
      onScroll=${(event: Event) => {
        const { scrollTop } = event.currentTarget as Element;
        tops.set(key, scrollTop);
        setTop(scrollTop);
      }}
      onKeyDown=${press} onFocus=${() => setFocused(true)} onBlur=${() => setFocused(false)}
      onMouseDown=${(event: MouseEvent) => {
        const found = (event.target as Element).closest("[aria-posinset]");
        if (found !== null) setCurrent(Number(found.getAttribute("aria-posinset")) - 1);
      }}
    >
      <div class="spacer" role="presentation" style=${{ height: `${count * rowHeight}px` }}>
        <div role="presentation" style=${{ transform: `translateY(${first * rowHeight}px)` }}>${rows}</div>
      </div>
    </div>
  `;
}
