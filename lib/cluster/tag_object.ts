import { isObject } from "../check.ts";
import type { Cluster } from "./cluster.ts";
import type { TagParts } from "../names.ts";
import type { ReadOptions, Replicas } from "../options.ts";
import { sending } from "../http/sending.ts";
import { isTexts } from "../check.ts";

/**
 * A tag as the master has it.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tags PROTOCOL: Tags}
 */
export interface TagObject {
  /** The version of the form, 1. */
  readonly version: number;
  /** The name and the time stamp of this version of the tag. */
  readonly id: string;
  /** The time of its last change by the master's clock: `YYYY/MM/DD HH:MM:SS`. */
  readonly lastModified: string;
  /** The replica sets and links, newest first. */
  readonly urls: Replicas[];
  /** The attributes. */
  readonly userData: Record<string, string>;
}

/** Reads a tag. */
export async function getTag(cluster: Cluster, tag: TagParts, options: ReadOptions): Promise<TagObject> {
  return await cluster.transport.json(await cluster.readingTag(tag, options), tagObject);
}

/** Writes or deletes a tag, or one of its attributes; only what may arrive twice is repeated. */
export async function sendTag(
  cluster: Cluster,
  method: "PUT" | "POST" | "DELETE",
  url: string,
  value: unknown,
  { token, signal }: ReadOptions,
  repeatable?: boolean,
): Promise<void> {
  const json = JSON.stringify(value) as string | undefined;
  await cluster.transport.done({
    method,
    url,
    toMaster: true,
    token,
    repeatable,
    signal,
    init: json === undefined ? undefined : sending("application/json", () => json),
  });
}

/** Takes a tag from its JSON. */
function tagObject(value: unknown): TagObject | undefined {
  const { version, id, "last-modified": lastModified, urls, "user-data": userData = {} } = Object(value);
  const isTag = typeof version === "number" && Array.isArray(urls) && urls.every(isTexts) && isObject(userData) &&
    isTexts([id, lastModified, ...Object.values(userData)]);
  return isTag ? { version, id, lastModified, urls, userData: userData as Record<string, string> } : undefined;
}
