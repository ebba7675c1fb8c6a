import type { Cluster } from "./cluster.ts";
import type { TagParts } from "./names.ts";
import type { ReadOptions, Replicas } from "./options.ts";

/**
 * A tag as the master has it.
 *
 * @see PROTOCOL "Tags"
 */
export interface TagObject {
  /** The version of the form, 1. */
  readonly version: number;
  /** The name and the time stamp of this version of the tag. */
  readonly id: string;
  /** When it was last changed, as the master's clock has it: `YYYY/MM/DD HH:MM:SS`. */
  readonly lastModified: string;
  /** The replica sets and links, newest first. */
  readonly urls: Replicas[];
  /** The attributes. */
  readonly userData: Record<string, string>;
}

/** Reads a tag. */
export async function getTag(cluster: Cluster, tag: TagParts, { token, signal }: ReadOptions): Promise<TagObject> {
  return await cluster.transport.json({
    method: "GET",
    url: cluster.tagUrl(tag),
    toMaster: true,
    token: await cluster.token("read", tag, { token, signal }),
    repeatable: true,
    signal,
  }, tagObject);
}

/** Writes or deletes a tag, or one of its attributes; only what may arrive twice is repeated. */
export async function sendTag(
  cluster: Cluster,
  method: "PUT" | "POST" | "DELETE",
  url: string,
  value: unknown,
  { token, signal }: ReadOptions,
  repeatable: boolean = false,
): Promise<void> {
  const json = JSON.stringify(value) as string | undefined;
  await cluster.transport.done({
    method,
    url,
    toMaster: true,
    token,
    repeatable,
    signal,
    ...(json === undefined ? {} : { body: () => json, headers: { "content-type": "application/json" } }),
  });
}

function tagObject(value: unknown): TagObject | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { version, id, "last-modified": lastModified, urls, "user-data": userData = {} } = value as Record<
    string,
    unknown
  >;
  const sets = urlSets(urls);
  const isTag = typeof version === "number" && typeof id === "string" && typeof lastModified === "string" &&
    isTexts(userData);
  return isTag && sets !== undefined ? { version, id, lastModified, urls: sets, userData } : undefined;
}

/** Checks that a value is a list of lists of URLs. */
export function urlSets(value: unknown): Replicas[] | undefined {
  const isSets = Array.isArray(value) &&
    value.every((set) => Array.isArray(set) && set.every((url) => typeof url === "string"));
  return isSets ? value : undefined;
}

function isTexts(value: unknown): value is Record<string, string> {
  return typeof value === "object" && value !== null && Object.values(value).every((text) => typeof text === "string");
}
