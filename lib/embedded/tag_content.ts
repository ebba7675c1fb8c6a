import { toJson } from "./json.ts";

/** A replica set: the URLs of one blob's replicas, or of one link. */
export type ReplicaSet = readonly string[];

/**
 * What a tag holds, as nodes store it.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tags PROTOCOL: Tags}
 */
export interface TagContent {
  /** Its object name, `NAME$STAMP`, another one for each version. */
  readonly id: string;
  /** When this version was made. */
  readonly lastModified: string;
  /** `null` when everybody may read. */
  readonly readToken: string | null;
  /** `null` when everybody may write. */
  readonly writeToken: string | null;
  readonly urls: readonly ReplicaSet[];
  /** The attributes, in the order in which they were set. */
  readonly user: ReadonlyMap<string, string>;
}

/** What a request may change of a tag. */
export type TagChange = Partial<Omit<TagContent, "id" | "lastModified">>;

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
