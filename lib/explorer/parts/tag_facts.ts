import { isLink, nameOf, reader } from "./client.ts";
import { onToken } from "./tokens.ts";

/** The facts about a tag that lists and graphs show. */
export interface TagFacts {
  /** The names of the tags that it links to. */
  readonly links: readonly string[];
  /** The blobs that it has itself, by the URLs of their replicas. */
  readonly blobs: readonly string[][];
  /** Its last change, by the master's clock. */
  readonly changed: string;
}

/** Tags as they were read last, and when. */
const known = new Map<string, { readonly at: number; readonly facts: Promise<TagFacts> }>();
/** Milliseconds after which a tag is read anew: others change it, too. */
const FRESH = 60_000;
/** The most tags that are remembered. */
const REMEMBERED = 20_000;

/** Reads the facts about a tag, once a minute at most. */
export function factsOf(tag: string): Promise<TagFacts> {
  const before = known.get(tag);
  if (before !== undefined && performance.now() - before.at < FRESH) return before.facts;
  if (known.size >= REMEMBERED) known.clear();
  const facts = reader.get(tag).then(({ urls, lastModified }) => ({
    links: [...new Set(urls.flatMap(([url = ""]) => isLink(url) ? [nameOf(url)] : []))],
    blobs: urls.filter(([url = ""]) => !isLink(url)),
    changed: lastModified,
  }));
  known.set(tag, { at: performance.now(), facts });
  facts.catch(() => known.delete(tag));
  return facts;
}

/** Forgets what is known of a tag after it was changed; of all tags without a name. */
export function forget(tag?: string): void {
  if (tag === undefined) known.clear();
  else known.delete(tag);
}

onToken(() => forget());
