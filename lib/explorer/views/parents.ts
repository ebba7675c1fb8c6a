import { reader } from "../parts/client.ts";
import { forEachOf } from "../parts/pool.ts";
import { factsOf } from "../parts/tag_facts.ts";

/** The tags that link to each tag, as far as tags were read. */
export interface Parents {
  readonly of: (tag: string) => readonly string[];
  /** The number of tags that were read, of `total`. */
  readonly read: number;
  readonly total: number;
}

/** Milliseconds between two reports of what was read. */
const PAUSE = 150;

/**
 * Reads all tags, to find those that link to others: a DDFS does not keep that.
 *
 * @param show Told of what was found so far.
 */
export async function findParents(show: (parents: Parents) => void, signal: AbortSignal): Promise<Parents> {
  const names = await reader.list("", { signal });
  const found = new Map<string, string[]>();
  let [read, shownAt] = [0, performance.now()];
  const soFar = () => ({ of: (tag: string) => found.get(tag) ?? [], read, total: names.length });
  await forEachOf(
    names,
    async (name) => {
      const { links } = await factsOf(name).catch(() => ({ links: [] }));
      for (const link of links) {
        const before = found.get(link);
        if (before === undefined) found.set(link, [name]);
        else before.push(name);
      }
      read++;
      if (performance.now() - shownAt < PAUSE) return;
      shownAt = performance.now();
      show(soFar());
    },
    signal,
    8,
  );
  signal.throwIfAborted();
  return soFar();
}
