import type { Graph } from "./graph_around.ts";

/** A node of the picture: its middle and its width, in pixels. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** A graph in the plane. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly nodes: ReadonlyMap<string, Box>;
  /** The links, as paths of SVG. */
  readonly paths: readonly { readonly from: string; readonly to: string; readonly d: string }[];
}

/** The height of a node, in pixels. */
export const HEIGHT = 30;
/** From the middle of a node to that of the next one below it. */
const STEP = 40;
/** Between two columns, where the links are. */
const GAP = 72;
const MARGIN = 20;
/** The times that the nodes of each column are moved towards those that they are linked with. */
const SWEEPS = 8;

/**
 * Lays a graph out in columns: a tag's is as far from the middle as it is links away. Within a column, tags are near those that they are linked with.
 *
 * @param widthOf Gives the width of a node, in pixels.
 */
export function pictureOf({ nodes, edges }: Graph, widthOf: (id: string) => number): Picture {
  const columns = new Map<number, string[]>();
  for (const { id, level } of nodes.values()) columns.set(level, [...columns.get(level) ?? [], id]);
  const levels = [...columns.keys()].sort((a, b) => a - b);

  const linked = new Map<string, string[]>();
  for (const [from, to] of edges) {
    linked.set(from, [...linked.get(from) ?? [], to]);
    linked.set(to, [...linked.get(to) ?? [], from]);
  }
  const y = new Map<string, number>();
  for (const ids of columns.values()) ids.forEach((id, i) => y.set(id, (i - (ids.length - 1) / 2) * STEP));
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (const level of sweep % 2 === 0 ? levels : levels.toReversed()) {
      const ids = columns.get(level) ?? [];
      const wanted = new Map(ids.map((id) => [id, meanOf(y, linked.get(id)) ?? y.get(id) ?? 0]));
      // What is folded stays below what is shown.
      const place = (id: string) => nodes.get(id)?.folded === undefined ? wanted.get(id) ?? 0 : Infinity;
      ids.sort((a, b) => place(a) === place(b) ? 0 : place(a) - place(b));
      apart(ids.map((id) => wanted.get(id) ?? 0)).forEach((at, i) => y.set(ids[i] ?? "", at));
    }
  }

  const top = Math.min(...y.values());
  const boxes = new Map<string, Box>();
  let left = MARGIN;
  for (const level of levels) {
    const ids = columns.get(level) ?? [];
    const widest = Math.max(...ids.map(widthOf));
    for (const id of ids) {
      const width = widthOf(id);
      const x = level < 0 ? left + widest - width / 2 : left + width / 2;
      boxes.set(id, { x: Math.round(x), y: Math.round((y.get(id) ?? 0) - top + MARGIN + HEIGHT / 2), width });
    }
    left += widest + GAP;
  }
  return {
    width: left - GAP + MARGIN,
    height: Math.max(...y.values()) - top + HEIGHT + 2 * MARGIN,
    nodes: boxes,
    paths: edges.flatMap(([from, to]) => {
      const [start, end] = [boxes.get(from), boxes.get(to)];
      return start === undefined || end === undefined ? [] : [{ from, to, d: pathOf(start, end, boxes) }];
    }),
  };
}

function meanOf(y: ReadonlyMap<string, number>, ids: readonly string[] = []): number | undefined {
  if (ids.length === 0) return undefined;
  return ids.reduce((sum, id) => sum + (y.get(id) ?? 0), 0) / ids.length;
}

/** Moves places apart that are too near each other, all together as little as can be; their order stays. */
function apart(wanted: readonly number[]): number[] {
  // Without the steps between them, places only have to rise: those that fall are joined at their mean.
  const blocks: { mean: number; size: number }[] = [];
  wanted.forEach((place, i) => {
    let block = { mean: place - i * STEP, size: 1 };
    for (let before = blocks.at(-1); before !== undefined && before.mean >= block.mean; before = blocks.at(-1)) {
      const size = before.size + block.size;
      block = { mean: (before.mean * before.size + block.mean * block.size) / size, size };
      blocks.pop();
    }
    blocks.push(block);
  });
  return blocks.flatMap(({ mean, size }) => Array.from({ length: size }, () => mean)).map((mean, i) => mean + i * STEP);
}

/** Makes the path of a link: from the right of a node to the left of another, or round them where that one is not further right. */
function pathOf(from: Box, to: Box, boxes: ReadonlyMap<string, Box>): string {
  const [start, end] = [from.x + from.width / 2, to.x - to.width / 2];
  if (end > start) {
    const half = (end - start) / 2;
    return `M${start} ${from.y}C${start + half} ${from.y} ${end - half} ${to.y} ${end} ${to.y}`;
  }
  if (to.x + to.width / 2 < from.x - from.width / 2) {
    // A link back passes below the one forth.
    const [back, there] = [from.x - from.width / 2, to.x + to.width / 2];
    let sag = Math.max(from.y, to.y) + 22;
    const between = [...boxes.values()].filter(({ x }) => x > to.x && x < from.x);
    if (between.length > 0) {
      // It goes where there is no tag: between the rows of what it passes.
      for (const { y } of between.sort((a, b) => a.y - b.y)) if (Math.abs(y - sag) < STEP / 2) sag = y + STEP / 2;
      const bend = GAP / 2;
      return `M${back} ${from.y + 7}c${-bend} 0 ${-bend} ${sag - from.y - 7} ${-GAP} ${sag - from.y - 7}H${
        there + GAP
      }C${there + bend} ${sag} ${there + bend} ${to.y + 7} ${there} ${to.y + 7}`;
    }
    return `M${back} ${from.y + 7}C${back - 30} ${sag} ${there + 30} ${sag} ${there} ${to.y + 7}`;
  }
  const right = Math.max(start, to.x + to.width / 2) + 36;
  return `M${start} ${from.y}C${right} ${from.y} ${right} ${to.y} ${to.x + to.width / 2} ${to.y}`;
}
