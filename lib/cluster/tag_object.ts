import { isObject, OBJECT, type OptionNames } from "../check.ts";
import { READ_OPTIONS } from "../option_names.ts";
import type { Cluster } from "./cluster.ts";
import { noteVersion, unlessKnown } from "./known_tags.ts";
import type { TagParts } from "../names.ts";
import type { ReadOptions, Replicas } from "../options.ts";
import { sleep } from "../base/clock.ts";
import { CommError } from "../errors.ts";
import type { Call } from "../http/call.ts";
import { sending } from "../http/sending.ts";
import { asksBeforeHeaders } from "../runtime/host.ts";
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

/** Options of {@linkcode DDFSReader.get}. */
export interface GetOptions extends ReadOptions {
  /**
   * The tag as it was read before, by the same operation. It is given back as it is where the tag is still the same, and a master that names versions of
   * tags does not send it again then. Disco's names none, and always sends all of it.
   */
  known?: TagObject | undefined;
}

/** Their names. */
export const GET_OPTIONS: OptionNames<GetOptions> = { ...READ_OPTIONS, known: OBJECT };

/** Reads a tag. */
export async function getTag(cluster: Cluster, tag: TagParts, { known, ...options }: GetOptions): Promise<TagObject> {
  const call = await cluster.readingTag(tag, options);
  const { url } = call;
  return await unlessKnown(url, known, (headers) =>
    cluster.transport.json({ ...call, headers }, (value, { etag }) => {
      const found = tagObject(value);
      if (found !== undefined) noteVersion(found, url, etag);
      return found;
    }));
}

/** The contents of a tag at a moment. */
export interface TagVersion {
  /** Its replica sets and links; none when it does not exist. */
  readonly urls: readonly Replicas[];
  /** The name and the time stamp of this version; nothing when the tag does not exist. */
  readonly id: string | undefined;
  /** The version as a condition of a change; a master that gives none, like Disco's, takes none. */
  readonly etag: string | undefined;
}

/** Reads what is in a tag, to change it. */
export async function readVersion(
  cluster: Cluster,
  tag: TagParts,
  { token, signal }: ReadOptions,
  headers?: Call["headers"],
): Promise<TagVersion> {
  const call: Call = { url: cluster.tagUrl(tag), toMaster: true, token, signal, headers };
  try {
    return await cluster.transport.json(call, (value, { etag }) => {
      const found = tagObject(value);
      return found && { urls: found.urls, id: found.id, etag };
    });
  } catch (error) {
    if (error instanceof CommError && error.status === 404) return { urls: [], id: undefined, etag: undefined };
    throw error;
  }
}

/**
 * Reads what is in a tag, unless its master says that it carries out each request once. Such a master knows the condition, and sends nothing of the tag; Disco's
 * does not, and sends all of it.
 *
 * @returns The tag; `undefined` if its master takes each request once, as {@linkcode Transport.takesOnce} tells.
 */
export async function readUnlessOnce(
  cluster: Cluster,
  tag: TagParts,
  access: ReadOptions,
): Promise<TagVersion | undefined> {
  const { transport } = cluster;
  const url = cluster.tagUrl(tag);
  if (transport.takesOnce(url)) return undefined;
  try {
    const version = await readVersion(cluster, tag, access, asksBeforeHeaders(url) ? undefined : () => UNLESS_THERE);
    return transport.takesOnce(url) ? undefined : version;
  } catch (error) {
    if (!(error instanceof CommError && error.status === 304)) throw error;
    // A cache on the way may have said so.
    return transport.takesOnce(url) ? undefined : await readVersion(cluster, tag, access);
  }
}

const UNLESS_THERE = { "if-none-match": "*" };

/** Options for changing a tag. */
export interface ChangeOptions extends Pick<ReadOptions, "token" | "signal"> {
  /** True if it may arrive twice, and so is repeated when no answer comes. */
  readonly repeatable?: boolean | undefined;
  /** The tag as it was read: a master that has conditions leaves another version of it as it is. */
  readonly version?: TagVersion | undefined;
  /** The key that all tries of one change have, by which the embedded DDFS knows a change that it has made already. */
  readonly request?: string | undefined;
  /** True if a request with that key may have arrived before. */
  readonly again?: boolean | undefined;
}

/**
 * Writes or deletes a tag, or one of its attributes.
 *
 * @throws {CommError} If the master does not do it; {@linkcode isLostRace} tells whether somebody else has changed the tag before.
 */
export async function sendTag(
  cluster: Cluster,
  method: "PUT" | "POST" | "DELETE",
  url: string,
  value: unknown,
  { token, signal, repeatable, version, request, again }: ChangeOptions,
): Promise<void> {
  const json = JSON.stringify(value) as string | undefined;
  const conditions = {
    ...(version?.etag === undefined ? {} : { "if-match": version.etag }),
    ...(version?.id === undefined && isCondition(version, url) ? { "if-none-match": "*" } : {}),
  };
  await cluster.transport.done({
    method,
    url,
    request,
    again,
    toMaster: true,
    token,
    repeatable,
    signal,
    init: json === undefined ? undefined : sending({ type: "application/json", headers: conditions, body: () => json }),
  });
}

/** Tells whether a version can be the condition of a change: pages of other origins may send only what the master has named. */
function isCondition(version: TagVersion | undefined, url: string): boolean {
  return version !== undefined && (version.etag !== undefined || (version.id === undefined && !asksBeforeHeaders(url)));
}

/** Tells whether a change was refused because the tag no longer meets its condition. */
export function isLostRace(error: unknown): boolean {
  return error instanceof CommError && error.status === 412;
}

/** Waits a little after a lost race. Whoever waits longer loses the next one rather: the tag has grown by then. */
export async function sleepAfterRace({ transport }: Cluster, races: number, signal?: AbortSignal): Promise<void> {
  const { clock, random } = transport.settings;
  await sleep(clock, random() * Math.min(50, races), signal);
}

/** Takes a tag from its JSON. */
function tagObject(value: unknown): TagObject | undefined {
  const { version, id, "last-modified": lastModified, urls, "user-data": userData = {} } = Object(value);
  const isTag = typeof version === "number" && Array.isArray(urls) && urls.every(isTexts) && isObject(userData) &&
    isTexts([id, lastModified, ...Object.values(userData)]);
  return isTag ? { version, id, lastModified, urls, userData: userData as Record<string, string> } : undefined;
}
