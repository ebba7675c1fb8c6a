import type { Explorer } from "./mod.ts";

/**
 * Loads the explorer that comes with the library. In bundles for Workers and pages the npm package has `own_bundled.ts` in its place: what is imported
 * dynamically would be in their one file, wanted or not.
 */
export const ownExplorer: (() => Promise<Explorer>) | undefined = async (): Promise<Explorer> =>
  (await import("./mod.ts")).explorer;
