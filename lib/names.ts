import { checkText, invalid, show } from "./check.ts";
import { InvalidNameError, InvalidTagError } from "./errors.ts";
import { remembered, withoutUser } from "./secrets.ts";

export { show };

/**
 * A tag: a name, a `tag://` URL, or a list whose first item is one.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#names-and-addresses PROTOCOL: Names and addresses}
 */
export type Tag = string | readonly [string, ...unknown[]];

/** A tag taken apart. */
export interface TagParts {
  /** The name, valid. */
  readonly name: string;
  /** `host` or `host:port` of its master; empty if the tag names none. */
  readonly host: string;
  /** The token in the URL's user part, if there is one. */
  readonly token: string | undefined;
}

const UNSAFE = /[^\w@:-]/g;
/** The user, the host and the name of a tag. */
const TAG =
  /^(?!-$)(?:tag:\/\/(?:(?:([^/]*)@)?((?:\[[\dA-Fa-f:.]+\]|[^\s:@/?#\\[\]]+)(?::\d{1,5})?)\/)?)?([\w@:-]{1,511})$/;
/** Matches names that no attribute may have: the empty one, a step in a path, half of a character, which UTF-8 has no bytes for, and names that belong to DDFS. */
const NO_ATTRIBUTE = /^\.{0,2}$|\p{Surrogate}|^ddfs:(?!(read|write)-token$)/u;
const MAX_WRITTEN_TAG = 234;
const MAX_ATTRIBUTE_VALUE = 4096;
const WAYS = 'write "name" or "tag://host:port/name"';
const RULE = "a name has 1 to 511 of A-Z a-z 0-9 _ - @ :";

function isName(name: unknown): name is string {
  return typeof name === "string" && /^[\w@:-]{1,511}$/.test(name);
}

/**
 * Takes a tag apart, and checks it.
 *
 * @param tag A name, a `tag://` URL, or a list that starts with one.
 * @returns Its name, its master's host and its token, as far as it has them.
 * @throws {InvalidTagError} If it is no tag.
 *
 * @example All parts
 * ```ts
 * import { parseTag } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * expect(parseTag("tag://secret@master:8989/data:logs")).toEqual({ name: "data:logs", host: "master:8989", token: "secret" });
 * ```
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#names-and-addresses PROTOCOL: Names and addresses}
 */
export function parseTag(tag: Tag): TagParts {
  const text: unknown = Array.isArray(tag) ? tag[0] : tag;
  const isText = typeof text === "string";
  const [, user, host = "", name] = (isText && TAG.exec(text)) || [];
  if (name) {
    // However it is written, and with a user before it: none of that is to be seen.
    for (const secret of user ? [user, decoded(user)] : []) remembered(secret);
    return { name, host, token: user && remembered(decoded(user.slice(user.indexOf(":") + 1))) };
  }
  const shown = show(isText ? withoutUser(text) : text);
  throw new InvalidTagError(`Invalid tag ${shown}: ${RULE} (${isText ? hintFor(text) : WAYS})`);
}

/** Says how to write what is no tag. */
function hintFor(text: string): string {
  if (text === "-") return 'alone, write "tag://-"';
  return /^(?!tag:).*[./\\]/s.test(text) ? `for a file, write "./${text.replace(/^\.?\//, "")}"` : WAYS;
}

/** Decodes a part of a URL. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Tells whether a text reads as a tag: `tag://…`, or a bare name without `/` and `://` that is not `-`. It may still be invalid.
 *
 * @param text Any text.
 * @returns True if it is meant as a tag.
 *
 * @example A tag and a path
 * ```ts
 * import { isTag } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * expect([isTag("data:logs"), isTag("./data")]).toEqual([true, false]);
 * ```
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#names-and-addresses PROTOCOL: Names and addresses}
 */
export function isTag(text: string): boolean {
  return typeof text === "string" && /^(tag:\/\/|(?!-?$)[^/]+$)/.test(text);
}

/**
 * Gives a tag's bare name.
 *
 * @param tag A name, a `tag://` URL, or a list that starts with one.
 * @returns The name without scheme, host and token.
 * @throws {InvalidTagError} If it is no tag.
 *
 * @example Of a URL
 * ```ts
 * import { tagName } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * expect(tagName("tag://host/data:logs")).toBe("data:logs");
 * ```
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#names-and-addresses PROTOCOL: Names and addresses}
 */
export function tagName(tag: Tag): string {
  return parseTag(tag).name;
}

/**
 * Writes a tag as a `tag://` URL, without its token.
 *
 * @param tag A name, a `tag://` URL, or a list that starts with one.
 * @returns The URL; it has a host if the tag had one.
 * @throws {InvalidTagError} If it is no tag.
 *
 * @example A bare name
 * ```ts
 * import { canonizeTag } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * expect(canonizeTag("data:logs")).toBe("tag://data:logs");
 * ```
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#names-and-addresses PROTOCOL: Names and addresses}
 */
export function canonizeTag(tag: Tag): string {
  return tagUrl(parseTag(tag));
}

/** Writes a tag as a `tag://` URL, without its token. */
export function tagUrl({ host, name }: TagParts): string {
  return `tag://${host && `${host}/`}${name}`;
}

/**
 * Resolves a link against the tag that it was found in: a link without a host is on the host of that tag.
 *
 * @param link A tag found inside another.
 * @param parent The tag that holds the link.
 * @returns The link as a `tag://` URL; a token of its own stays in it, the parent's is not passed on.
 * @throws {InvalidTagError} If either is no tag.
 *
 * @example A host is inherited
 * ```ts
 * import { relativizeTag } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * expect(relativizeTag("tag://logs", "tag://other:8989/all")).toBe("tag://other:8989/logs");
 * ```
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#names-and-addresses PROTOCOL: Names and addresses}
 */
export function relativizeTag(link: Tag, parent: Tag): string {
  const parts = parseTag(link);
  if (parts.host === "") return tagUrl({ ...parts, host: parseTag(parent).host });
  return typeof link === "string" ? link : link[0];
}

/**
 * Turns a text into a blob name that DDFS accepts: each character outside `[A-Za-z0-9_\-@:]` becomes `_`.
 *
 * @param name Any text, for instance a file's base name.
 * @returns A valid name of the same length; `""` stays empty and is not valid.
 * @throws {DiscoError} If it is no text (code `invalid-argument`).
 *
 * @example A file name
 * ```ts
 * import { safeName } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * expect(safeName("chekhov.txt")).toBe("chekhov_txt");
 * ```
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#names-and-addresses PROTOCOL: Names and addresses}
 */
export function safeName(name: string): string {
  return checkText("name", name).replace(UNSAFE, "_");
}

/**
 * Gives a blob's name, the last part of its URL up to the `$` before its time stamp.
 *
 * @param url The URL of a replica.
 * @returns The name; for a URL that DDFS did not make, its last part.
 * @throws {DiscoError} If it is no text (code `invalid-argument`).
 *
 * @example A stored URL
 * ```ts
 * import { blobName } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * expect(blobName("disco://node1/ddfs/vol0/blob/67/log-0$703-51719-576dd")).toBe("log-0");
 * ```
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#names-and-addresses PROTOCOL: Names and addresses}
 */
export function blobName(url: string): string {
  return baseName(checkText("URL", url).replace(/[?#].*/s, "")).replace(/\$.*/s, "");
}

/** Gives the last part of a path or a URL, trailing slashes aside. */
export function baseName(path: string): string {
  return path.split(/[/\\]/).findLast((part) => part) ?? "";
}

/** Checks the name of a blob that is about to be written. */
export function checkBlobName(name: string): string {
  if (isName(name)) return name;
  throw new InvalidNameError(`Invalid blob name ${show(name)}: ${RULE}; safeName() makes one of any text`);
}

/** Checks a tag that is about to be written: the file that holds it limits its length. */
export function checkWrittenTag(tag: Tag): TagParts {
  const parts = parseTag(tag);
  const { length } = parts.name;
  if (length <= MAX_WRITTEN_TAG) return parts;
  throw new InvalidTagError(
    `Invalid tag ${show(parts.name)}: a tag of ${length} characters cannot be stored, ${MAX_WRITTEN_TAG} is the most`,
  );
}

/** Checks what names of tags are to start with. */
export function checkPrefix(prefix: string): string {
  if (isName(prefix)) return prefix;
  throw new InvalidTagError(`Invalid prefix ${show(prefix)}: ${RULE}`);
}

/** Checks the name of an attribute. */
export function checkAttributeName(name: string): string {
  const mostBytes = 1024;
  const isText = typeof name === "string" && !NO_ATTRIBUTE.test(name);
  if (isText && new TextEncoder().encode(name).length <= mostBytes) return name;
  throw invalid(
    "attribute name",
    name,
    `it must be 1 to ${mostBytes} bytes of UTF-8, not "." or ".."; of ddfs: only read-token and write-token, or use urls() and put()`,
  );
}

/** Checks the value of an attribute. */
export function checkAttributeValue(name: string, value: string): string {
  if (typeof value !== "string") throw invalid(`value of attribute ${show(name)}`, value, "it must be a string");
  const size = new TextEncoder().encode(JSON.stringify(value)).length;
  if (size <= MAX_ATTRIBUTE_VALUE) return value;
  const rule = `it has ${size} bytes as JSON, ${MAX_ATTRIBUTE_VALUE} is the most`;
  throw invalid(`value of attribute ${show(name)}`, value, rule);
}
