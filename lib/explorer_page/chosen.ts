import type { Explorer } from "./mod.ts";
import { ownExplorer } from "./own.ts";

/** The rule for an option `ui`, and its check. */
export const UI: readonly [rule: string, isValid: (ui: unknown) => boolean] = [
  ownExplorer === undefined
    ? 'a bundle has no explorer unless it is given: import { explorer } from "@ddfs/client/ui", and ui: explorer'
    : 'it must be true, false, or the explorer of "@ddfs/client/ui"',
  (ui) => typeof ui === "function" || ui === false || (ui === true && ownExplorer !== undefined),
];

/** Gives the explorer that an option `ui` asks for. One that is asked for by `true` is loaded with the first request. */
export function chosenExplorer(ui: boolean | Explorer | undefined): Explorer | undefined {
  if (typeof ui === "function") return ui;
  const load = ui === true ? ownExplorer : undefined;
  return load && (async (request, options) => await (await load())(request, options));
}
