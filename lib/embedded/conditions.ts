import { refusal } from "./stores/refusal.ts";

/** Tells whether a request may go on with a tag: its version's object, or `undefined` when there is no tag. */
export type Condition = (object: string | undefined) => boolean;

/** An ETag, as it stands in a header. */
const ETAG = /(?:W\/)?"[^"]*"/g;

/** Makes the ETag of an object. Each version of a tag, and each blob, is an object of its own that never changes. */
export function etagOf(object: string): string {
  return `"${object}"`;
}

/**
 * Reads the condition of a request that changes a tag: `If-Match` names the versions that may be changed, `*` any that is there;
 * `If-None-Match` those that may not, `*` none at all.
 *
 * @returns The condition; `undefined` if there is none.
 * @see https://www.rfc-editor.org/rfc/rfc9110.html#name-preconditions
 */
export function conditionOf({ headers }: Request): Condition | undefined {
  const [match, noneMatch] = [headers.get("If-Match"), headers.get("If-None-Match")];
  if (match === null && noneMatch === null) return undefined;
  return (object) => (match === null || isListed(match, object, false)) && !isListed(noneMatch, object, true);
}

/** Tells whether the client of a request has this version already. */
export function hasAlready({ headers }: Request, object: string): boolean {
  return isListed(headers.get("If-None-Match"), object, true);
}

/**
 * Tells whether the ranges that a request asks for are to be given: not where its `If-Range` names another version than the one that is there.
 *
 * @param headers The headers of the answer: its `ETag` and `Last-Modified`, if it has them.
 * @see https://www.rfc-editor.org/rfc/rfc9110.html#name-if-range
 */
export function wantsRanges(request: Request, headers: Readonly<Record<string, string>>): boolean {
  const condition = request.headers.get("If-Range")?.trim();
  if (condition === undefined) return true;
  if (/^(?:W\/)?"/.test(condition)) return condition === headers.ETag;
  const date = Date.parse(condition);
  return date === Date.parse(headers["Last-Modified"] ?? "");
}

/**
 * Checks a tag against a condition.
 *
 * @throws {CommError} If the tag does not meet it (status 412).
 */
export function meets(name: string, condition: Condition | undefined, object: string | undefined): void {
  if (condition !== undefined && !condition(object)) throw refusal(412, "The tag has changed.", `tag://${name}`);
}

/** Tells whether a list of ETags has an object's. A weak one stands for the same bytes here, but `If-Match` takes no weak one (RFC 9110). */
function isListed(list: string | null, object: string | undefined, weak: boolean): boolean {
  if (list === null || object === undefined) return false;
  if (list.trim() === "*") return true;
  const etag = etagOf(object);
  return (list.match(ETAG) ?? []).some((listed) => listed === etag || (weak && listed === `W/${etag}`));
}
