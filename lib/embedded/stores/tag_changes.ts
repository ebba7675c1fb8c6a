import { checkLength, joinedSets, NO_SETS } from "./sets.ts";
import type { TagChange, TagContent, TagVersion } from "./tag_store.ts";

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

/** Says from a tag as it is what is changed. */
export type Change = (tag: TagContent | undefined) => TagChange | undefined;

/** A change that waits, and who waits for it. */
export interface ChangeItem {
  /** Says what is changed. */
  readonly change: Change;
  /** False if it does not look at the sets. */
  readonly sets: boolean;
  /** Tells that it is made. */
  resolve(version: TagVersion): void;
  /** Tells that it is not. */
  reject(error: unknown): void;
}

/** The place of sets that stay in a file. */
export interface PlacedSets {
  /** Their first byte. */
  readonly from: number;
  /** The end of the last one. */
  readonly to: number;
}

/** A tag after changes that are made together. */
export interface EditedTag<Kept> {
  /** The tag as it is then; the same as before where nothing was changed. */
  readonly content: TagContent | undefined;
  /** The sets that come after those of `content`. */
  readonly kept: Kept | undefined;
  /** The changes that were not refused. */
  readonly made: readonly ChangeItem[];
}

/** Makes changes of a tag, in their order; those that are refused are told. */
export function editedTag<Kept extends PlacedSets>(
  name: string,
  stored: { readonly content: TagContent; readonly kept?: Kept | undefined } | undefined,
  items: readonly ChangeItem[],
  version: Pick<TagContent, "id" | "lastModified">,
): EditedTag<Kept> {
  const made: ChangeItem[] = [];
  let { content, kept }: Partial<EditedTag<Kept>> = stored ?? {};
  for (const item of items) {
    try {
      const change = item.change(content);
      if (change !== undefined || content === undefined) {
        const changed = changedTag(name, content, change ?? {}, version);
        const left = change?.urls === undefined ? kept : undefined;
        checkLength(changed.urls.length + (left === undefined ? 0 : left.to - left.from), `tag://${name}`);
        [content, kept] = [changed, left];
      }
      made.push(item);
    } catch (error) {
      item.reject(error);
    }
  }
  return { content, kept, made };
}
