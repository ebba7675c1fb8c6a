import { DiscoError, InvalidNameError, InvalidTagError } from "./errors.ts";

/**
 * A tag: a name, a `tag://` URL, or a list whose first item is one.
 *
 * @see PROTOCOL "Names and addresses"
 */
export type Tag = string | readonly [string, ...unknown[]];

/** A tag taken apart. */
export interface TagParts {
  /** The name, valid. */
  readonly name: string;
  /** `host` or `host:port` of its master; empty when the tag does not say. */
  readonly host: string;
  /** The token in the URL's user part, if there is one. */
  readonly token: string | undefined;
}

const NAME = /^[A-Za-z0-9_\-@:]+$/;
const UNSAFE = /[^A-Za-z0-9_\-@:]/g;
/** Half of a character, which UTF-8 has no bytes for. */
const LONE_SURROGATE = /[\ud800-\udfff]/gu;
const MAX_NAME = 511;
const MAX_WRITTEN_TAG = 234;
const MAX_ATTRIBUTE_NAME = 1024;
const MAX_ATTRIBUTE_VALUE = 4096;
const RULE = "a name has 1 to 511 of A-Z a-z 0-9 _ - @ :";

function isName(name: string): boolean {
  return name.length <= MAX_NAME && NAME.test(name);
}

/**
 * Takes a tag apart, and checks it.
 *
 * @param tag The tag.
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
 * @see PROTOCOL "Names and addresses"
 */
export function parseTag(tag: Tag): TagParts {
  const text: unknown = typeof tag === "string" ? tag : Array.isArray(tag) ? tag[0] : tag;
  if (typeof text !== "string") {
    throw new InvalidTagError(
      `Invalid tag ${show(text)}: a tag is a name, a "tag://" URL, or a list that starts with one`,
    );
  }
  const url = /^tag:\/\/(?:(.*)\/)?(.*)$/s.exec(text);
  const name = url?.[2] ?? text;
  const place = url?.[1];
  if (!isName(name) || name === "-" || place?.includes("/")) {
    const hint = /[./\\]/.test(text) && url === null ? ` (for a file, write "./${text.replace(/^\.?\//, "")}")` : "";
    throw new InvalidTagError(`Invalid tag ${show(text)}: ${RULE}${hint}`);
  }
  const at = place?.lastIndexOf("@") ?? -1;
  const host = place?.slice(at + 1) ?? "";
  if (place !== undefined && !/^(?:\[[0-9A-Fa-f:.]+\]|[^\s:@/?#\\[\]]+)(?::\d{1,5})?$/.test(host)) {
    throw new InvalidTagError(
      `Invalid tag ${show(text)}: ${show(host)} is no host; write "tag://host:port/name" or "tag://name"`,
    );
  }
  return { name, host, token: place !== undefined && at >= 0 ? userToken(place.slice(0, at)) : undefined };
}

/** The token in a URL's user part, which is `token` or `user:token`. */
export function userToken(user: string): string {
  const token = user.slice(user.indexOf(":") + 1);
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}

/**
 * Tells whether a text reads as a tag: `tag://…`, or a bare name without `/` and `://` that is not `-`. It may still be invalid.
 *
 * @param text Any text.
 * @returns Whether it is meant as a tag.
 *
 * @example A tag and a path
 * ```ts
 * import { isTag } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * expect([isTag("data:logs"), isTag("./data")]).toEqual([true, false]);
 * ```
 *
 * @see PROTOCOL "Names and addresses"
 */
export function isTag(text: string): boolean {
  return text.startsWith("tag://") || (text !== "-" && text !== "" && !text.includes("/"));
}

/**
 * Gives a tag's bare name.
 *
 * @param tag The tag.
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
 * @see PROTOCOL "Names and addresses"
 */
export function tagName(tag: Tag): string {
  return parseTag(tag).name;
}

/**
 * Writes a tag as a `tag://` URL, without its token.
 *
 * @param tag The tag.
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
 * @see PROTOCOL "Names and addresses"
 */
export function canonizeTag(tag: Tag): string {
  const { name, host } = parseTag(tag);
  return `tag://${host === "" ? "" : `${host}/`}${name}`;
}

/**
 * Reads a link as the tag it was found in means it: a link without a host is on its parent's.
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
 * @see PROTOCOL "Names and addresses"
 */
export function relativizeTag(link: Tag, parent: Tag): string {
  const { name, host, token } = parseTag(link);
  const place = host === "" ? parseTag(parent).host : host;
  const user = token === undefined || host === ""
    ? ""
    : `${encodeURIComponent(token.replace(LONE_SURROGATE, "\ufffd"))}@`;
  return `tag://${place === "" ? "" : `${user}${place}/`}${name}`;
}

/**
 * Turns a text into a blob name that DDFS accepts: each character outside `[A-Za-z0-9_\-@:]` becomes `_`.
 *
 * @param name Any text, for instance a file's base name.
 * @returns A valid name of the same length; `""` stays empty and is not valid.
 *
 * @example A file name
 * ```ts
 * import { safeName } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * expect(safeName("chekhov.txt")).toBe("chekhov_txt");
 * ```
 *
 * @see PROTOCOL "Names and addresses"
 */
export function safeName(name: string): string {
  return name.replace(UNSAFE, "_");
}

/**
 * Gives a blob's name, the last part of its URL up to the `$` before its time stamp.
 *
 * @param url The URL of a replica.
 * @returns The name; for a URL that DDFS did not make, its last part.
 *
 * @example A stored URL
 * ```ts
 * import { blobName } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * expect(blobName("disco://node1/ddfs/vol0/blob/67/log-0$703-51719-576dd")).toBe("log-0");
 * ```
 *
 * @see PROTOCOL "Names and addresses"
 */
export function blobName(url: string): string {
  const last = baseName(url.replace(/[?#].*$/s, ""));
  const dollar = last.indexOf("$");
  return dollar < 0 ? last : last.slice(0, dollar);
}

/** The last part of a path or a URL, trailing slashes aside. */
export function baseName(path: string): string {
  return /([^/\\]*)[/\\]*$/.exec(path)?.[1] ?? "";
}

/** Checks the name of a blob that is about to be written. */
export function checkBlobName(name: string): string {
  if (typeof name !== "string" || !isName(name)) {
    throw new InvalidNameError(`Invalid blob name ${show(name)}: ${RULE}; safeName() makes one of any text`);
  }
  return name;
}

/** Checks a tag that is about to be written: the file that holds it limits its length. */
export function checkWrittenTag(tag: Tag): TagParts {
  const parts = parseTag(tag);
  if (parts.name.length > MAX_WRITTEN_TAG) {
    throw new InvalidTagError(
      `Invalid tag ${
        show(parts.name)
      }: a tag of ${parts.name.length} characters cannot be stored, ${MAX_WRITTEN_TAG} is the most`,
    );
  }
  return parts;
}

/** Checks what names of tags are to start with. */
export function checkPrefix(prefix: string): string {
  if (prefix === "" || (typeof prefix === "string" && isName(prefix))) return prefix;
  throw new InvalidTagError(`Invalid prefix ${show(prefix)} of tags: ${RULE}`);
}

/** Checks the name of an attribute. */
export function checkAttributeName(name: string): string {
  const size = typeof name === "string" ? new TextEncoder().encode(name).length : 0;
  if (size === 0 || size > MAX_ATTRIBUTE_NAME || name === "." || name === "..") {
    throw invalid(
      `Invalid attribute name ${
        show(name)
      }: it has ${size} bytes, 1 to ${MAX_ATTRIBUTE_NAME} are allowed, "." and ".." are not`,
    );
  }
  if (name.search(LONE_SURROGATE) >= 0) {
    throw invalid(`Invalid attribute name ${show(name)}: it has half of a character, which UTF-8 has no bytes for`);
  }
  if (name.startsWith("ddfs:") && !/^ddfs:(read|write)-token$/.test(name)) {
    const hint = name === "ddfs:urls" ? "urls() and put()" : "ddfs:read-token and ddfs:write-token";
    throw invalid(`Invalid attribute name ${show(name)}: names that start with "ddfs:" belong to DDFS; use ${hint}`);
  }
  return name;
}

/** Checks the value of an attribute. */
export function checkAttributeValue(name: string, value: string): string {
  if (typeof value !== "string") {
    throw invalid(`Invalid value ${show(value)} of attribute ${show(name)}: it must be a string`);
  }
  const size = new TextEncoder().encode(JSON.stringify(value)).length;
  if (size > MAX_ATTRIBUTE_VALUE) {
    throw invalid(
      `Invalid value of attribute ${show(name)}: it has ${size} bytes as JSON, ${MAX_ATTRIBUTE_VALUE} is the most`,
    );
  }
  return value;
}

/** Writes a value for an error message: quoted, and cut to a readable length. */
export function show(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : textOf(value);
  return text.length > 100 ? `${text.slice(0, 80)}… (${text.length} characters)` : text;
}

/** Some objects cannot be turned into text. */
function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return typeof value;
  }
}

function invalid(message: string): DiscoError {
  return new DiscoError(message, { code: "invalid-argument" });
}
