import { checkLength, joinedSets } from "../../stores/sets.ts";
import type { SetsJson, TagChange, TagContent, TagVersion } from "../../stores/tag_store.ts";
import { changedTag } from "../../stores/tag_changes.ts";
import { type Head, lengthOf, type Segment } from "./heads.ts";

/** A change of a tag. */
export interface Edit {
  /** Says what is changed, or throws to refuse. */
  readonly decide: (tag: TagContent | undefined, mayBeMade: boolean) => TagChange | "delete" | undefined;
  /** True if it looks at all sets of the tag. */
  readonly sets: boolean;
  /** True if it deletes the tag, or refuses to. */
  readonly isDeletion?: boolean | undefined;
  /** Stands for the change, which is made once. */
  readonly key?: string | undefined;
  /** The stamp of a version that was there when the change was asked for: whoever else makes it does so in a later one. */
  readonly seen?: number | undefined;
}

/** The end of an edit: the version that has it, or an error. */
export type Outcome = { readonly version: TagVersion } | { readonly error: unknown };

/** The tag that edits are made on. */
export interface EditContext {
  /** The tag's name. */
  readonly name: string;
  /** The tag as it is; `undefined` where it never was. */
  readonly head: Head | undefined;
  /** The changes that were made before, by their keys: the version that each made. */
  readonly known: ReadonlyMap<string, string>;
  /** The stamp since which all keys are known. */
  readonly knownSince: number;
  /** The sets that are in segments, if they were read. */
  readonly older: SetsJson;
  /** The version to be made. */
  readonly version: Pick<TagContent, "id" | "lastModified">;
  /** Gives the nodes that are said to have the new version, or throws where there are none. */
  readonly nodes: () => readonly string[];
}

/** The result of edits. */
export interface Edited {
  /** The tag as it is to be; `undefined` if it stays as it is. */
  readonly next: Pick<Head, "content" | "segments"> | undefined;
  /** The end of each edit, once the tag is like that. */
  readonly outcomes: readonly Outcome[];
  /** The keys of those that were made. */
  readonly keys: readonly string[];
}

/** Makes edits, one after the other. */
export function edited(edits: readonly Edit[], context: EditContext): Edited {
  const { name, head, known, knownSince, older, version, nodes } = context;
  const keys = new Set<string>();
  let content = head?.content;
  let segments: readonly Segment[] = head?.segments ?? [];
  let isChanged = false;

  /** Makes an edit; gives the version that has it, if that is an older one. */
  const make = ({ decide, sets, key = "", seen = 0 }: Edit): string | undefined => {
    if (known.has(key)) return known.get(key);
    if (keys.has(key)) return undefined;
    const isWhole = segments.length === 0 || !sets;
    const change = decide(
      content && (isWhole ? content : { ...content, urls: joinedSets(name, [content.urls, older]) }),
      key !== "" && seen < knownSince,
    );
    if (key !== "") keys.add(key);
    if (change === "delete") {
      isChanged ||= content !== undefined;
      content = undefined;
      segments = [];
    } else if (change !== undefined || content === undefined) {
      const changed = changedTag(name, content, change ?? {}, version);
      const rest = change?.urls === undefined ? segments : [];
      checkLength(lengthOf(changed.urls, rest), `tag://${name}`);
      nodes();
      content = changed;
      segments = rest;
      isChanged = true;
    }
    return undefined;
  };

  const ends = edits.map((edit): { readonly object: string | undefined } | { readonly error: unknown } => {
    try {
      return { object: make(edit) };
    } catch (error) {
      return { error };
    }
  });
  // A tag that was made and deleted in one go never was.
  if (content === undefined && head?.content === undefined) isChanged = false;
  const present = isChanged ? version.id : head?.id ?? version.id;
  const holders = isChanged && content !== undefined ? nodes() : head?.nodes ?? [];
  return {
    next: isChanged ? { content, segments } : undefined,
    outcomes: ends.map((end) => "error" in end ? end : { version: { object: end.object ?? present, nodes: holders } }),
    keys: [...keys],
  };
}
