import type { Explorer } from "./mod.ts";

/** None: who bundles says whether the explorer is in it. */
export const ownExplorer: (() => Promise<Explorer>) | undefined = undefined;
