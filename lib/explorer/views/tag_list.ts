import type { ComponentChild, VNode } from "preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { reader } from "../parts/client.ts";
import { known } from "../parts/known_error.ts";
import { counted, date, size } from "../parts/format.ts";
import { html } from "../parts/html.ts";
import { forEachOf } from "../parts/pool.ts";
import { href } from "../parts/router.ts";
import { factsOf, type TagFacts } from "../parts/tag_facts.ts";
import { onToken } from "../parts/tokens.ts";
import { type RowProps, VirtualList } from "../parts/virtual_list.ts";

/** The facts that came in for a tag of the list. */
interface Seen {
  readonly facts?: TagFacts;
  /** The bytes of its blobs, where all nodes said them. */
  readonly bytes?: number | undefined;
  /** The code of the error that reading it ended with. */
  readonly problem?: string;
}

/** Milliseconds that rows are seen before more is asked about them. */
const PAUSE = 120;
/** The most blobs of a tag whose sizes are asked for in a list; the tag's own view asks for all. */
const MOST_SIZES = 64;

/** Tags, by their names; what is in them comes in for those that are seen. */
export function TagList({ names, empty }: { names: readonly string[]; empty: ComponentChild }): VNode {
  const [range, setRange] = useState<readonly [number, number]>([0, 0]);
  const seen = useRef(new Map<string, Seen>());
  const [, draw] = useState(0);
  const show = useCallback((first: number, end: number) => setRange([first, end]), []);

  useEffect(() => {
    const abort = new AbortController();
    const keep = (name: string, facts: Seen) => {
      seen.current.set(name, { ...seen.current.get(name), ...facts });
      if (!abort.signal.aborted) draw((round) => round + 1);
    };
    const timer = setTimeout(() => {
      const wanted = names.slice(...range).filter((name) => !isComplete(seen.current.get(name)));
      forEachOf(wanted, (name) => look(name, keep, abort.signal), abort.signal);
    }, PAUSE);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [names, range]);

  // What was protected may be open now.
  useEffect(() =>
    onToken(() => {
      seen.current.clear();
      setRange((range) => [...range]);
    }), []);

  const row = (index: number, props: RowProps) => {
    const name = names[index] ?? "";
    return html`
      <a ...${props} class="tag" title=${name} href=${href.tag(name)}>
        <span class="name">${name}</span>
        <${Facts} ...${seen.current.get(name)} />
      </a>
    `;
  };
  return html`
    <${VirtualList} label="Tags" count=${names.length} rowHeight=${40} row=${row} onShow=${show}
      empty=${empty} />
  `;
}

function Facts({ facts, bytes, problem }: Seen): VNode {
  if (problem === "unauthorized") return html`<span class="soft facts">protected</span>`;
  if (problem !== undefined) return html`<span class="bad facts">cannot be read</span>`;
  const { blobs = [], links = [], changed = "" } = facts ?? {};
  return html`
    <span class="soft facts">
      <span>${blobs.length > 0 && counted(blobs.length, "blob")}</span>
      <span>${links.length > 0 && counted(links.length, "link")}</span>
      <span>${bytes !== undefined && blobs.length > 0 && size(bytes)}</span>
      <span>${date(changed)}</span>
    </span>
  `;
}

function isComplete(seen: Seen | undefined): boolean {
  return seen?.problem !== undefined || seen !== undefined && "bytes" in seen;
}

/** Reads a tag, then the sizes of its blobs. */
async function look(name: string, keep: (name: string, seen: Seen) => void, signal: AbortSignal): Promise<void> {
  try {
    const facts = await factsOf(name);
    keep(name, { facts });
    if (facts.blobs.length > MOST_SIZES) return keep(name, { bytes: undefined });
    let bytes: number | undefined = 0;
    for await (const { size } of reader.sizes(facts.blobs, { signal, deadline: 10_000 })) {
      bytes = size === undefined || bytes === undefined ? undefined : bytes + size;
    }
    keep(name, { bytes });
  } catch (error) {
    if (!signal.aborted) keep(name, { problem: known(error).code ?? "failed" });
  }
}
