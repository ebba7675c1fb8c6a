import type { Pickler } from "./pickler.ts";
import type { Unpickler } from "./unpickler.ts";

/** Where the general pickler and unpickler come from, which records need that are no byte strings. */
export interface Pickles {
  /** Gives the pickler. */
  pickler(): Promise<{ readonly Pickler: typeof Pickler }>;
  /** Gives the unpickler. */
  unpickler(): Promise<{ readonly Unpickler: typeof Unpickler }>;
}
