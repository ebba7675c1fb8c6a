import { joinedSets, NO_SETS } from "./sets.ts";
import type { TagChange, TagContent } from "./tag_store.ts";

/** The contents of a new tag, but for its version. */
export const EMPTY_TAG: Omit<TagContent, "id" | "lastModified"> = {
  readToken: null,
  writeToken: null,
  urls: NO_SETS,
  user: new Map<string, string>(),
};

/**
 * Makes a change of a tag's contents.
 *
 * @param name The tag's name.
 * @param content The tag as it is; `undefined` for a missing one.
 * @param version The new version.
 * @throws {CommError} If the tag has more sets than it can have.
 */
export function changedTag(
  name: string,
  content: TagContent | undefined,
  { added = NO_SETS, ...change }: TagChange,
  version: Pick<TagContent, "id" | "lastModified">,
): TagContent {
  const changed = { ...EMPTY_TAG, ...content, ...change, ...version };
  return added === NO_SETS ? changed : { ...changed, urls: joinedSets(name, [added, changed.urls]) };
}
