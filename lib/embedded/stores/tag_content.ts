import { toJson } from "./json.ts";
import { isSetsJson, NO_SETS, setsOf } from "./sets.ts";
import type { SetsJson, TagContent } from "./tag_store.ts";

const URLS = `,"urls":`;
const AFTER_URLS = `,"user-data":{`;

/** A tag's text but for its sets, which are between the two. */
export type AroundSets = readonly [before: string, after: string];

/** Writes a tag as a client gets it: without its tokens. All of it is ASCII. */
export function publicTag(tag: TagContent): string {
  return within(publicAround(tag), tag.urls);
}

/** Writes a tag as a client gets it, but for its sets. */
export function publicAround(tag: TagContent): AroundSets {
  return around(tag, "");
}

/** Writes a tag as nodes store it, in the order that Disco has. All of it is ASCII. */
export function storedTag(tag: TagContent): string {
  return within(storedAround(tag), tag.urls);
}

/** Writes a tag as nodes store it, but for its sets. */
export function storedAround(tag: TagContent): AroundSets {
  return around(tag, `,"read-token":${toJson(tag.readToken)},"write-token":${toJson(tag.writeToken)}`);
}

// An object's own order would put attributes named like numbers first.
function around({ id, lastModified, user }: TagContent, tokens: string): AroundSets {
  const attributes = Array.from(user, ([name, value]) => `${toJson(name)}:${toJson(value)}`).join(",");
  const before = `{"version":1,"id":${toJson(id)},"last-modified":${toJson(lastModified)}${tokens}${URLS}`;
  return [before, `${AFTER_URLS}${attributes}}}`];
}

function within([before, after]: AroundSets, urls: SetsJson): string {
  return `${before}${urls}${after}`;
}

/** Reads a stored tag; `undefined` if it is none. */
export async function parseTagContent(text: string): Promise<TagContent | undefined> {
  return (await parseStored(text))?.content;
}

/**
 * Reads a stored tag, and tells whether it is as this DDFS writes it; `undefined` if it is none.
 *
 * @param isSound True if that is known: its sets are not looked at then.
 */
export async function parseStored(text: string, isSound = false): Promise<
  { readonly content: TagContent; readonly isSound: boolean } | undefined
> {
  try {
    const written = await parseWritten(text, isSound);
    const content = written ?? parseAny(text);
    return content && { content, isSound: written !== undefined };
  } catch {
    return undefined;
  }
}

/** The beginning and the end of a stored tag: what it has but for its sets, and where these are. */
export interface TagOutline {
  /** The tag without sets. */
  readonly content: TagContent;
  /** The bytes before the first set. */
  readonly before: number;
  /** The bytes after the last one. */
  readonly after: number;
}

/** Reads the beginning and the end of a tag that is stored as it is written here; `undefined` if they are not, or too short. */
export function parseOutline(start: Uint8Array, end: Uint8Array): TagOutline | undefined {
  // In this encoding, each byte is a character.
  const bytes = new TextDecoder("latin1");
  const text = new TextDecoder("utf-8", { ignoreBOM: true });
  const from = bytes.decode(start).indexOf(`${URLS}[`);
  const to = bytes.decode(end).lastIndexOf(`]${AFTER_URLS}`);
  if (from < 0 || to < 0) return undefined;
  try {
    const rest = text.decode(end.subarray(to + 1));
    const tag = JSON.parse(text.decode(start.subarray(0, from)) + rest);
    const content = contentOf(tag, NO_SETS, rest.slice(AFTER_URLS.length - 1, -1));
    return content &&
      { content, before: from + URLS.length + 1, after: end.length - to };
  } catch {
    return undefined;
  }
}

/** Reads a tag that is stored as it is written here: its sets stay together. In a text the quotes of the keys would be escaped. */
async function parseWritten(text: string, isSound: boolean): Promise<TagContent | undefined> {
  const from = text.indexOf(`${URLS}[`);
  const to = text.lastIndexOf(`]${AFTER_URLS}`) + 1;
  if (from < 0 || to <= from) return undefined;
  const urls = text.slice(from + URLS.length, to);
  if (!isSound && !await isSetsJson(urls)) return undefined;
  return contentOf(JSON.parse(text.slice(0, from) + text.slice(to)), urls, text.slice(to + AFTER_URLS.length - 1, -1));
}

function parseAny(text: string): TagContent | undefined {
  const tag: unknown = JSON.parse(text);
  if (typeof tag !== "object" || tag === null) return undefined;
  const sets = setsOf((tag as Record<string, unknown>).urls);
  return sets === undefined ? undefined : contentOf(tag as Record<string, unknown>, sets.json);
}

function contentOf({ id, ...rest }: Record<string, unknown>, urls: SetsJson, written = ""): TagContent | undefined {
  const user = rest["user-data"] ?? {};
  if (typeof id !== "string" || typeof user !== "object") return undefined;
  return {
    id,
    urls,
    lastModified: String(rest["last-modified"] ?? ""),
    readToken: token(rest["read-token"]),
    writeToken: token(rest["write-token"]),
    user: new Map(attributesOf(user, written)),
  };
}

/** Lists the attributes in the order in which they are written, if that is known: an object has those that are named like numbers first. */
function attributesOf(user: object, written: string): [string, string][] {
  const entries = Object.entries(user).filter((entry): entry is [string, string] => typeof entry[1] === "string");
  if (!entries.some(([name]) => /^\d+$/.test(name))) return entries;
  const texts: string[] = (written.match(/"(?:[^"\\]|\\.)*"/g) ?? []).map((text) => JSON.parse(text));
  if (texts.length !== 2 * entries.length) return entries;
  return entries.map((_, i) => [texts[2 * i] ?? "", texts[2 * i + 1] ?? ""]);
}

/** Finds the tokens in a stored tag that is damaged: nodes write them before the URLs. `undefined` if they are not there. */
export function tokensIn(text: string): Pick<TagContent, "readToken" | "writeToken"> | undefined {
  const [, read, write] = /"read-token":(null|"(?:[^"\\]|\\.)*"),"write-token":(null|"(?:[^"\\]|\\.)*")/.exec(text) ??
    [];
  if (read === undefined || write === undefined) return undefined;
  try {
    return { readToken: JSON.parse(read), writeToken: JSON.parse(write) };
  } catch {
    return undefined;
  }
}

function token(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
