import type { VNode } from "preact";
import { useMemo, useState } from "preact/hooks";
import { count } from "../parts/format.ts";
import { html } from "../parts/html.ts";
import { href } from "../parts/router.ts";
import { type RowProps, VirtualList } from "../parts/virtual_list.ts";
import { type Prefix, prefixesOf } from "./prefixes.ts";

/** A row of the tree. */
interface Row extends Prefix {
  readonly level: number;
}

const ALL = { prefix: "", label: "All tags", children: [] };

/** The prefixes of all tags as a tree; Right and Left open and close one, or go down and up. */
export function PrefixTree(
  { names, prefix, search }: { names: readonly string[]; prefix: string; search: string },
): VNode {
  const roots = useMemo(() => prefixesOf(names), [names]);
  const [open, setOpen] = useState<Readonly<Record<string, boolean>>>({});
  const isOpen = (row: Row) => open[row.prefix] ?? prefix.startsWith(row.prefix);
  const rows: Row[] = [{ ...ALL, count: names.length, level: 1 }];
  const add = (prefixes: readonly Prefix[], level: number) => {
    for (const one of prefixes) {
      const row = { ...one, level };
      rows.push(row);
      if (isOpen(row)) add(one.children, level + 1);
    }
  };
  add(roots, 1);
  const toggle = (row: Row) => setOpen({ ...open, [row.prefix]: !isOpen(row) });

  const row = (index: number, props: RowProps) => {
    const one = rows[index] ?? { ...ALL, count: 0, level: 1 };
    const hasBelow = one.children.length > 0;
    return html`
      <a
        ...${props}
        class="prefix"
        href=${href.tags(one.prefix, one.prefix && search)}
        aria-level=${one.level}
        aria-selected=${one.prefix === prefix}
        aria-expanded=${hasBelow ? isOpen(one) : undefined}
        style=${{ paddingLeft: `${one.level * 14 - 6}px` }}
      >
        <span
          class="caret"
          onClick=${(event: Event) => {
            if (!hasBelow) return;
            event.preventDefault();
            toggle(one);
          }}
        >${hasBelow ? "›" : ""}</span>
        <span class="name">${one.label}</span>
        <span class="soft">${count(one.count)}</span>
      </a>
    `;
  };
  const press = (key: string, index: number) => {
    const one = rows[index];
    if (one === undefined || (key !== "ArrowRight" && key !== "ArrowLeft")) return undefined;
    const [hasBelow, isRight] = [one.children.length > 0, key === "ArrowRight"];
    if (hasBelow && isOpen(one) !== isRight) toggle(one);
    else if (hasBelow && isRight) return index + 1;
    else if (!isRight) return rows.findLastIndex(({ level }, i) => i < index && level < one.level);
    return index;
  };
  return html`
    <${VirtualList} label="Prefixes" role="tree" class="tree" count=${rows.length} rowHeight=${32} row=${row}
      onKey=${press} />
  `;
}
