import { useEffect, useState } from "preact/hooks";
import { reader } from "../parts/client.ts";

/** The sizes of blobs, as they come in. */
export interface Sizes {
  /** The bytes of each blob that a node said, by its first URL. */
  readonly of: ReadonlyMap<string, number>;
  /** The number of blobs that were asked for. */
  readonly done: number;
  /** The bytes of all that are known. */
  readonly bytes: number;
}

/** Milliseconds between two drawings of what came in. */
const PAUSE = 150;

/** Asks for the sizes of blobs, for as long as a view is shown. */
export function useSizes(blobs: readonly string[][]): Sizes {
  const [sizes, setSizes] = useState<Sizes>({ of: new Map(), done: 0, bytes: 0 });
  useEffect(() => {
    const abort = new AbortController();
    const of = new Map<string, number>();
    let [done, bytes, shownAt] = [0, 0, 0];
    const show = () => {
      shownAt = performance.now();
      if (!abort.signal.aborted) setSizes({ of, done, bytes });
    };
    const ask = async () => {
      for await (const { replicas: [url = ""], size } of reader.sizes(blobs, { signal: abort.signal })) {
        done++;
        bytes += size ?? 0;
        if (size !== undefined) of.set(url, size);
        if (performance.now() - shownAt > PAUSE) show();
      }
      show();
    };
    // What is not known is not shown; that a node is down is seen where it is verified.
    ask().catch(show);
    return () => abort.abort();
  }, [blobs]);
  return sizes;
}
