import type { Call } from "../http/call.ts";
import { asksBeforeHeaders } from "../runtime/host.ts";

/** The versions of tags that were read, and where: of masters that name versions. */
const versions = new WeakMap<object, { readonly url: string; readonly etag: string }>();

/** Remembers the version of a tag that was read, where its master names one. */
export function noteVersion(tag: object, url: string, etag: string | undefined): void {
  if (etag !== undefined) versions.set(tag, { url, etag });
}

/**
 * Reads a tag unless it is still as it was read before.
 *
 * @param url Where it is read.
 * @param known The tag as it was read before.
 * @param read Reads it, with headers that its master may know as a condition.
 * @returns What was read, or `known`.
 */
export async function unlessKnown<Tag extends object>(
  url: string,
  known: Tag | undefined,
  read: (headers?: Call["headers"]) => Promise<Tag>,
): Promise<Tag> {
  const version = known && versions.get(known);
  if (version?.url !== url || asksBeforeHeaders(url)) return await read();
  return await read(() => ({ "if-none-match": version.etag })).catch((error) => {
    if (known !== undefined && Object(error).status === 304) return known;
    throw error;
  });
}
