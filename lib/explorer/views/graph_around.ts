import { known } from "../parts/known_error.ts";
import { forEachOf } from "../parts/pool.ts";
import type { TagFacts } from "../parts/tag_facts.ts";

/** A tag in the graph, or a number of tags that are folded into one. */
export interface GraphNode {
  readonly id: string;
  /** The links between it and the tag that is looked at; less than 0 where they lead there. */
  readonly level: number;
  /** The tag that it is; nothing for those that are folded. */
  readonly tag?: string;
  /** The number of tags that are folded, and whose they are: `down NAME` what it links to, `up NAME` what links to it. */
  readonly folded?: { readonly count: number; readonly whose: string };
  /** Says that it cannot be read: `missing`, `protected` or `failed`. */
  problem?: string;
  /** The number of blobs that it has itself. */
  blobs?: number;
}

/** Tags and the links between them. */
export interface Graph {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  readonly edges: readonly (readonly [from: string, to: string])[];
}

/** The choices of what is drawn. */
export interface Around {
  /** Reads a tag. */
  readonly factsOf: (tag: string) => Promise<Pick<TagFacts, "blobs" | "links">>;
  /** The tags that link to a tag, as far as they are known. */
  readonly parents: (tag: string) => readonly string[];
  /** The number of tags that are drawn of those that are linked, by the key in {@linkcode GraphNode.folded}. */
  readonly shown: Readonly<Record<string, number>>;
  readonly signal: AbortSignal;
}

/** The most tags that are drawn: more cannot be read, nor be laid out in a moment. */
export const MOST = 200;
/** The most tags that are drawn of those that are linked by one, until somebody wants more. */
export const SIBLINGS = 12;
/** The most steps away from the tag that is looked at. */
const DEPTH = { down: 4, up: 3 } as const;

/** Collects the tags around one: what it links to, and what links to it, nearest first. */
export async function graphAround(tag: string, { factsOf, parents, shown, signal }: Around): Promise<Graph> {
  const nodes = new Map<string, GraphNode>([[tag, { id: tag, tag, level: 0 }]]);
  const edges = new Map<string, readonly [string, string]>();
  const connect = (from: string, to: string) => edges.set(`${from}\n${to}`, [from, to]);

  const spread = (of: string, all: readonly string[], way: keyof typeof DEPTH): string[] => {
    const whose = `${way} ${of}`;
    const others = all.filter((other) => other !== of);
    const known = others.filter((other) => nodes.has(other));
    const added = others.filter((other) => !nodes.has(other))
      .slice(0, Math.max(0, Math.min(shown[whose] ?? SIBLINGS, MOST - nodes.size)));
    const level = (nodes.get(of)?.level ?? 0) + (way === "down" ? 1 : -1);
    for (const other of added) nodes.set(other, { id: other, tag: other, level });
    for (const other of [...known, ...added]) way === "down" ? connect(of, other) : connect(other, of);
    const count = others.length - known.length - added.length;
    if (count > 0) {
      const id = `more ${whose}`;
      nodes.set(id, { id, level, folded: { count, whose } });
      way === "down" ? connect(of, id) : connect(id, of);
    }
    return added;
  };

  const read = async (name: string): Promise<readonly string[]> => {
    const node = nodes.get(name);
    try {
      const { blobs, links } = await factsOf(name);
      if (node !== undefined) node.blobs = blobs.length;
      return links;
    } catch (error) {
      const { code } = known(error);
      if (node !== undefined) node.problem = PROBLEMS[code ?? ""] ?? "failed";
      return [];
    }
  };

  let level = [tag];
  for (let depth = 0; level.length > 0 && !signal.aborted; depth++) {
    const links = new Map<string, readonly string[]>();
    await forEachOf(level, async (name) => void links.set(name, await read(name)), signal);
    // The last ones are read for what they are, and lead no further.
    level = depth < DEPTH.down ? level.flatMap((name) => spread(name, links.get(name) ?? [], "down")) : [];
  }
  level = [tag];
  for (let depth = 0; depth < DEPTH.up && level.length > 0 && !signal.aborted; depth++) {
    level = level.flatMap((name) => spread(name, parents(name), "up"));
    await forEachOf(level, async (name) => void await read(name), signal);
  }
  signal.throwIfAborted();
  return { nodes, edges: [...edges.values()] };
}

const PROBLEMS: Readonly<Record<string, string>> = { "not-found": "missing", unauthorized: "protected" };
