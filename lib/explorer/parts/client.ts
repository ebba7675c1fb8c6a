import { DDFSReader } from "../../client/reader.ts";
import type { DDFS } from "../../../mod.ts";
import { onToken, tokenFor } from "./tokens.ts";

const { dataset } = document.documentElement;

/** True if the page may change something: not behind a gateway, which only reads. */
export const mayWrite: boolean = dataset.readonly === undefined;

/** The address that everything goes through; a node's blobs, too, as a page may read its own origin only. */
const home = location.origin + (dataset.api ?? "");

const OPTIONS = {
  proxy: home,
  settings: {},
  token: (_: string, tag: string) => tokenFor(nameOf(tag)),
  retry: { within: 8000 },
} as const;

/** The client for all that only reads. */
export const reader: DDFSReader = new DDFSReader(location.origin, OPTIONS);

let whole: Promise<DDFS> | undefined;

/** Gives the whole client, which writes, reads records and verifies. It is loaded when it is wanted first. */
export async function client(): Promise<DDFS> {
  whole ??= import("../../../mod.ts").then(({ DDFS }) => new DDFS(location.origin, OPTIONS));
  try {
    return await whole;
  } catch (error) {
    whole = undefined;
    throw error;
  }
}

/** Tags as they were read last. A change of a tag, or of a token, forgets what it may have changed. */
const tags = new Map<string, Promise<TagSummary>>();

/** The facts about a tag that lists show. */
export interface TagSummary {
  /** The names of the tags that it links to. */
  readonly links: readonly string[];
  /** The number of blobs that it has itself. */
  readonly blobs: number;
  /** Its last change, by the master's clock. */
  readonly changed: string;
}
/** The most tags that are remembered. */
const REMEMBERED = 20_000;

/** Gives the facts about a tag that lists show; asked for once. */
export function summaryOf(tag: string, signal?: AbortSignal): Promise<TagSummary> {
  const known = tags.get(tag);
  if (known !== undefined) return known;
  if (tags.size >= REMEMBERED) tags.clear();
  const asked = reader.get(tag, { signal }).then(({ urls, lastModified }) => {
    const links = urls.flatMap(([url = ""]) => isLink(url) ? [nameOf(url)] : []);
    return { links, blobs: urls.filter(([url = ""]) => !isLink(url)).length, changed: lastModified };
  });
  tags.set(tag, asked);
  asked.catch(() => tags.delete(tag));
  return asked;
}

/** Forgets what is known of a tag, after it was changed; of all tags without one. */
export function forget(tag?: string): void {
  if (tag === undefined) tags.clear();
  else tags.delete(tag);
}

/** Tells links to tags from the URLs of blobs. */
export function isLink(url: string): boolean {
  return url.startsWith("tag:");
}

/** Gives the name of a tag from its `tag://` URL, or from itself. */
export function nameOf(tag: string): string {
  return tag.replace(/^tag:\/\/(?:[^/]*\/)?/, "");
}

onToken(() => forget());
