import type { Pickles } from "../records/pickles.ts";

/** Loads the general pickler and unpickler when they are needed first; the runtime keeps them. */
export const latePickles: Pickles = {
  pickler: () => import("../records/pickler.ts"),
  unpickler: () => import("../records/unpickler.ts"),
};
