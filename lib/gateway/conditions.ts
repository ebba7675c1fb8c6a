/** An ETag, as it stands in a header. */
const ETAG = /(?:W\/)?"[^"]*"/g;

/** The status that the conditions of a request to read lead to, other than an answer with the content. */
export type Unmet = 304 | 412;

/**
 * Checks the conditions of a request to read against a strong ETag and a time. A date in them has to be just that time: of several blobs of a name, an older one
 * may have taken the place of a newer one.
 *
 * @param modified The time in milliseconds since 1970; without one, dates are passed over.
 * @returns 304 if the client has this version, 412 if it wants others only; `undefined` if the content is wanted.
 * @see https://www.rfc-editor.org/rfc/rfc9110.html#name-preconditions
 */
export function unmetCondition({ headers }: Request, etag: string, modified = NaN): Unmet | undefined {
  const [match, noneMatch] = [headers.get("if-match"), headers.get("if-none-match")];
  const second = Math.floor(modified / 1000) * 1000;
  const date = (name: string) => Date.parse(headers.get(name) ?? "");
  if (match === null ? second > date("if-unmodified-since") : !isListed(match, [etag])) return 412;
  const isKnown = noneMatch === null ? second === date("if-modified-since") : isListed(noneMatch, [etag, `W/${etag}`]);
  return isKnown ? 304 : undefined;
}

/** Gives the Range header of a request, unless it is meant for another version than the one that is here. */
export function rangeHeader({ headers }: Request, etag: string): string | null {
  const version = headers.get("if-range");
  return version === null || version === etag ? headers.get("range") : null;
}

function isListed(list: string, etags: readonly string[]): boolean {
  return list.trim() === "*" || (list.match(ETAG) ?? []).some((listed) => etags.includes(listed));
}
