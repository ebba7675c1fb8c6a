import type { VNode } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { reader } from "../parts/client.ts";
import { ErrorPanel } from "../parts/error_panel.ts";
import { count, counted } from "../parts/format.ts";
import { html } from "../parts/html.ts";
import { Progress } from "../parts/progress.ts";
import { href } from "../parts/router.ts";
import { factsOf } from "../parts/tag_facts.ts";
import { useAction, useTask } from "../parts/task.ts";
import type { TagViewProps } from "../parts/view.ts";
import { type Graph as Tags, graphAround, type GraphNode, SIBLINGS } from "./graph_around.ts";
import { HEIGHT, pictureOf } from "./graph_layout.ts";
import { findParents, type Parents } from "./parents.ts";

/** With so many tags, those that link here are looked for at once. */
const FEW = 500;
/** The number of folded tags that are drawn when they are wanted. */
const STEP = 24;
/** The most characters of a name in the picture. */
const LONGEST = 30;
/** The width of a character, in pixels. */
const CHARACTER = 7.3;

/** The tags around one: those it links to, and those that link to it. */
export function Graph({ tag, found }: TagViewProps): VNode {
  const [shown, setShown] = useState<Readonly<Record<string, number>>>({});
  const [parents, setParents] = useState<Parents>();
  const [isComplete, setComplete] = useState(false);
  const all = useTask((signal) => reader.list("", { signal }), []);
  const search = useAction(async (signal) => {
    setParents(await findParents(setParents, signal));
    setComplete(true);
  });
  useEffect(() => {
    if (all.value !== undefined && all.value.length <= FEW) search.run();
  }, [all.value]);
  const above = parents?.of(tag).join("\n");
  const { value: graph, error, again } = useTask(
    (signal) => graphAround(tag, { factsOf, parents: (name) => parents?.of(name) ?? [], shown, signal }),
    [tag, found, shown, above, isComplete],
  );
  const drawn = useRef<Tags | undefined>(undefined);
  if (graph !== undefined) drawn.current = graph;
  const more = (whose: string) => setShown({ ...shown, [whose]: (shown[whose] ?? SIBLINGS) + STEP });
  const total = all.value?.length ?? 0;
  return html`
    <div class="bar">
      <p class="soft" role="status">${wordsOf(drawn.current, parents, isComplete)}</p>
      <span class="space"></span>
      ${search.isRunning
        ? html`
          <${Progress}
            label=${`Reading tags: ${count(parents?.read ?? 0)} of ${count(total)}`}
            done=${parents?.read ?? 0}
            total=${total}
            stop=${search.stop}
          />
        `
        : !isComplete && total > FEW && html`
          <button onClick=${() => search.run()}>Find what links here (reads ${counted(total, "tag")})</button>
        `}
    </div>
    ${search.error !== undefined && html`
      <${ErrorPanel} doing="Cannot look for tags that link here" error=${search.error} again=${search.run} />
    `}
    ${error !== undefined && html`<${ErrorPanel} doing="Cannot read the links" error=${error} again=${again} />`}
    ${drawn.current
      ? html`<${Drawing} graph=${drawn.current} tag=${tag} more=${more} />`
      : error === undefined && html`<${Progress} label="Reading the links" />`}
  `;
}

function wordsOf(graph: Tags | undefined, parents: Parents | undefined, isComplete: boolean): string {
  if (graph === undefined) return "";
  const tags = [...graph.nodes.values()].filter(({ tag }) => tag !== undefined).length;
  if (tags === 1) return isComplete ? "No links lead from this tag or to it." : "The tag links to no other.";
  const hint = parents === undefined ? ", without those that link here" : "";
  return `${counted(tags, "tag")} and ${counted(graph.edges.length, "link")}${hint}`;
}

/** The picture: every tag is a link to its own. */
function Drawing({ graph, tag, more }: { graph: Tags; tag: string; more: (whose: string) => void }): VNode {
  const box = useRef<HTMLDivElement>(null);
  const { width, height, nodes, paths } = useMemo(
    () => pictureOf(graph, (id) => Math.round(shortened(labelOf(graph.nodes.get(id))).length * CHARACTER) + 24),
    [graph],
  );
  const middle = nodes.get(tag);
  useEffect(() => {
    const element = box.current;
    if (element === null || middle === undefined) return;
    element.scrollLeft = middle.x - element.clientWidth / 2;
    element.scrollTop = middle.y - element.clientHeight / 2;
  }, [graph]);
  return html`
    <div class="graph" ref=${box} tabindex="0" role="group" aria-label="The picture of the links; it can be scrolled">
      <svg width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="group" aria-label=${`Tags around ${tag}`}>
        <defs>
          <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
            <path d="M0 0 8 4 0 8z" />
          </marker>
        </defs>
        ${paths.map(({ from, to, d }) =>
          html`
            <path key=${`${from} ${to}`} class=${from === tag || to === tag
              ? "edge near"
              : "edge"} d=${d} marker-end="url(#arrow)" />
          `
        )}
        ${Array.from(nodes, ([id, { x, y, width }]) =>
          html`
            <${Node} key=${id} node=${graph.nodes.get(id)} x=${x} y=${y} width=${width} isCurrent=${id === tag}
              more=${more} />
          `)}
      </svg>
    </div>
  `;
}

/** The properties of a node of the picture. */
interface NodeProps {
  readonly node: GraphNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly isCurrent: boolean;
  readonly more: (whose: string) => void;
}

function Node({ node, x, y, width, isCurrent, more }: NodeProps): VNode {
  const { tag, folded, problem, blobs } = node;
  const label = labelOf(node);
  const facts = [problem, blobs === undefined ? undefined : counted(blobs, "blob")].filter((fact) =>
    fact !== undefined
  );
  const box = html`
    <title>${[label, ...facts].join(", ")}</title>
    <rect x=${x - width / 2} y=${y - HEIGHT / 2} width=${width} height=${HEIGHT} rx="7" />
    <text x=${x} y=${y}>${shortened(label)}</text>
  `;
  if (folded !== undefined) {
    const unfold = () => more(folded.whose);
    return html`
      <g class="node more" role="button" tabindex="0" aria-label=${`Show more of ${label}`} onClick=${unfold}
        onKeyDown=${(event: KeyboardEvent) => (event.key === "Enter" || event.key === " ") && unfold()}>${box}</g>
    `;
  }
  return html`
    <a
      class=${`node ${problem ?? ""}`}
      href=${href.tag(tag ?? "", "graph")}
      aria-label=${[label, ...facts].join(", ")}
      aria-current=${isCurrent ? "page" : undefined}
    >${box}</a>
  `;
}

function labelOf(node: GraphNode | undefined): string {
  return node?.folded === undefined ? node?.tag ?? "" : `+${count(node.folded.count)} more`;
}

/** Takes the middle out of a long name: it differs most at its ends. */
function shortened(name: string): string {
  if (name.length <= LONGEST) return name;
  return `${name.slice(0, LONGEST / 2 - 1)}…${name.slice(1 - LONGEST / 2)}`;
}
