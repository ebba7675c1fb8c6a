import { DDFSReader } from "../../client/reader.ts";
import type { DDFS } from "../../../mod.ts";
import { type Access, tokenFor } from "./tokens.ts";

const { dataset } = document.documentElement;

/** True if the page may change something: not behind a gateway, which only reads. */
export const mayWrite: boolean = dataset.readonly === undefined;

/** The address that everything goes through; a node's blobs, too, as a page may read its own origin only. */
export const home: string = location.origin + (dataset.api ?? "");

const OPTIONS = {
  proxy: home,
  settings: {},
  token: (access: Access, tag: string) => tokenFor(access, nameOf(tag)),
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

/** Tells links to tags from the URLs of blobs. */
export function isLink(url: string): boolean {
  return url.startsWith("tag:");
}

/** Gives the name of a tag from its `tag://` URL, or from itself. */
export function nameOf(tag: string): string {
  return tag.replace(/^tag:\/\/(?:[^/]*\/)?/, "");
}

/** Gives the name of a stored blob from its URL, without the time stamp. */
export function blobOf(url: string): string {
  return url.replace(/[?#].*$/s, "").replace(/^.*\//s, "").replace(/\$.*$/s, "");
}

/** Gives the node that a stored blob is on, as its URL names it. */
export function nodeOf(url: string): string {
  return /^[a-z]+:\/\/([^/]*)/i.exec(url)?.[1] ?? url;
}

/** Gives the tag that an error is about, which may be one that is linked to; the other one where it does not say. */
export function tagOf(error: unknown, otherwise: string): string {
  const { url = "" } = Object(error) as { url?: string };
  return /\/ddfs\/tag\/([\w@:-]+)/.exec(url)?.[1] ?? otherwise;
}
