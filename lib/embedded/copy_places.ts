import { check, checkOptions, invalid, isTexts, OBJECT, type OptionNames } from "../check.ts";
import { DiscoError } from "../errors.ts";
import { type EmbeddedOptions, PLACES } from "./options.ts";

/** A place of {@linkcode copyStore}: a folder, a bucket or a store, as {@linkcode EmbeddedOptions} have them, and the nodes in it. */
export interface CopyPlace extends Pick<EmbeddedOptions, "root" | "store" | "objects"> {
  /**
   * The names of the nodes. A folder with several has one for each, `NAME/vol0`. Without names there is one node; a bucket that has one is the same
   * whatever the node is called.
   */
  nodes?: readonly string[] | undefined;
}

const NAMES: OptionNames<CopyPlace> = { ...PLACES, nodes: true };

/**
 * Checks that a value says where a DDFS is, and nothing else.
 *
 * @param name The name of the place: `from` or `to`.
 * @throws {DiscoError} If it does not (code `invalid-argument`).
 */
export function checkCopyPlace(name: string, place: CopyPlace): void {
  check(name, place ?? null, OBJECT[1], "it must have root, store or objects, and may have nodes");
  checkOptions(`${name} of copyStore()`, place, NAMES);
  const { nodes, ...places } = place;
  const given = Object.entries(places).flatMap(([name, value]) => value === undefined ? [] : [name]);
  if (given.length !== 1) {
    const found = given.length === 0 ? "nothing" : given.join(" and ");
    throw new DiscoError(
      `${name} of copyStore() has ${found} that says where the data is: give one of root, store and objects`,
      {
        code: "invalid-argument",
      },
    );
  }
  if (nodes !== undefined && !(isTexts(nodes) && nodes.length > 0)) {
    throw invalid(`nodes of ${name}`, nodes, 'it must be the names of nodes, like ["node1", "node2"]');
  }
}
