import { toJson } from "./json.ts";
import type { ReplicaSet, TagContent } from "./stores/tag_store.ts";

/** Writes a tag as a client gets it: without its tokens. */
export function publicTag(tag: TagContent): string {
  return write(tag, "");
}

/** Writes a tag as nodes store it, in the order that Disco has. */
export function storedTag(tag: TagContent): string {
  return write(tag, `"read-token":${toJson(tag.readToken)},"write-token":${toJson(tag.writeToken)},`);
}

// An object's own order would put attributes named like numbers first.
function write({ id, lastModified, urls, user }: TagContent, tokens: string): string {
  const attributes = Array.from(user, ([name, value]) => `${toJson(name)}:${toJson(value)}`).join(",");
  return `{"version":1,"id":${toJson(id)},"last-modified":${toJson(lastModified)},${tokens}` +
    `"urls":${toJson(urls)},"user-data":{${attributes}}}`;
}

/** Reads a stored tag; `undefined` if it is none. */
export function parseTagContent(text: string): TagContent | undefined {
  try {
    const tag: unknown = JSON.parse(text);
    if (typeof tag !== "object" || tag === null) return undefined;
    const { id, urls, ...rest } = tag as Record<string, unknown>;
    const user = rest["user-data"] ?? {};
    if (typeof id !== "string" || !isReplicaSets(urls) || typeof user !== "object") return undefined;
    const attributes = Object.entries(user).filter((entry): entry is [string, string] => typeof entry[1] === "string");
    return {
      id,
      urls,
      lastModified: String(rest["last-modified"] ?? ""),
      readToken: token(rest["read-token"]),
      writeToken: token(rest["write-token"]),
      user: new Map(attributes),
    };
  } catch {
    return undefined;
  }
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

/** Tells whether a value is a list of lists of texts; what the texts say is not looked at. */
export function isReplicaSets(value: unknown): value is ReplicaSet[] {
  return Array.isArray(value) &&
    value.every((set) => Array.isArray(set) && set.every((url) => typeof url === "string"));
}

/**
 * Adds sets whose names are not there yet, as `update=1` does.
 *
 * @param sets What is added; not one of them is empty.
 * @param existing What is there.
 * @returns All sets, those added first and in reverse; `existing` itself when nothing is new.
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tags PROTOCOL: Tags}
 */
export function withoutDuplicates(sets: readonly ReplicaSet[], existing: readonly ReplicaSet[]): readonly ReplicaSet[] {
  const names = new Set(existing.map(nameOf));
  const added: ReplicaSet[] = [];
  for (const set of sets) {
    const name = nameOf(set);
    if (name !== undefined && names.has(name)) continue;
    names.add(name);
    added.push(set);
  }
  return added.length === 0 ? existing : [...added.reverse(), ...existing];
}

/** The name of a set: its blob's, or that of the tag it links to. The pattern is Disco's, flaws included. */
function nameOf([url]: ReplicaSet): string | undefined {
  if (url === undefined) return undefined;
  return url.startsWith("tag://") ? url.slice("tag://".length) : /\/..\/(.*)[$]/.exec(url)?.[1];
}
