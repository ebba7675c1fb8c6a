import { toJson } from "./json.ts";
import { isSetsJson, setsOf } from "./sets.ts";
import type { SetsJson, TagContent } from "./tag_store.ts";

const URLS = `,"urls":`;
const AFTER_URLS = `,"user-data":{`;

/** Writes a tag as a client gets it: without its tokens. All of it is ASCII. */
export function publicTag(tag: TagContent): string {
  return write(tag, "");
}

/** Writes a tag as nodes store it, in the order that Disco has. All of it is ASCII. */
export function storedTag(tag: TagContent): string {
  return write(tag, `,"read-token":${toJson(tag.readToken)},"write-token":${toJson(tag.writeToken)}`);
}

// An object's own order would put attributes named like numbers first.
function write({ id, lastModified, urls, user }: TagContent, tokens: string): string {
  const attributes = Array.from(user, ([name, value]) => `${toJson(name)}:${toJson(value)}`).join(",");
  return `{"version":1,"id":${toJson(id)},"last-modified":${toJson(lastModified)}${tokens}` +
    `${URLS}${urls}${AFTER_URLS}${attributes}}}`;
}

/**
 * Reads a stored tag; `undefined` if it is none.
 *
 * @param isSound True if the text is known to be as this DDFS wrote it: its sets are not looked at then.
 */
export async function parseTagContent(text: string, isSound = false): Promise<TagContent | undefined> {
  try {
    return await parseWritten(text, isSound) ?? parseAny(text);
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
