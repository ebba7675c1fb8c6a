/** The most tokens that are remembered: a gateway may have those of many visitors. */
const MOST = 1000;
/** The fewest characters of a token that is taken out of texts: shorter ones would be found in every text, and are no secrets. */
const LEAST = 4;
/** A token that may be the beginning of a word: `secret` is that of `secretAccessKey`, and stays there. */
const WORD = /^[A-Za-z]{4,7}$/;
/** Stands in place of a token. */
const MASK = "***";
/** The user part of a URL. Only the end of a scheme is looked at: from each letter of a megabyte on to its end would take minutes. */
const USER = /(\w[\w+.-]{0,20}:\/\/)[^/?#\s]*@/g;
/** A run of characters that may be a URL, or have one in it. */
const WORDS = /[^\s"'<>]+/g;
/** The user part of a blob's URL where it holds what ends a host otherwise, from the first scheme of a word on: a look from each scheme on would take minutes. */
const ODD_USER = /^(?=(.*?\w[+.-]*:\/\/))\1.*@(?=[^/@]+\/(?:ddfs|disco)\/)/;

/** A token in use, and how it is found. */
interface Secret {
  /** The longest part of letters and digits: where it is not, the token is not. */
  readonly core: string;
  /** The token as the Authorization header has it. */
  readonly basic: string;
  /** The token as it is, and as it is encoded; made when it is needed. */
  pattern?: RegExp;
}

/** All tokens in use, the newest last. */
const secrets = new Map<string, Secret>();

/** Remembers a token, so that it is taken out of every text that leaves the library; gives it back. */
export function remembered<Token extends string | undefined>(token: Token): Token {
  if (token === undefined || token.length < LEAST) return token;
  const cores = token.match(/[A-Za-z0-9]+/g) ?? [""];
  const core = cores.reduce((longest, core) => core.length > longest.length ? core : longest);
  const secret = secrets.get(token) ?? { core, basic: basic(token).replace(/=+$/, "") };
  secrets.delete(token);
  secrets.set(token, secret);
  const [oldest = ""] = secrets.size > MOST ? secrets.keys() : [];
  secrets.delete(oldest);
  return token;
}

/** Makes the pattern of a token as it is, and encoded in any part as in a URL or in JSON. */
function patternOf(token: string): RegExp {
  const written = [...token].map((character) => {
    const literal = escaped(character);
    if (/[A-Za-z0-9]/.test(character)) return literal;
    const bytes = [...new TextEncoder().encode(character)].map((byte) => byte.toString(16).padStart(2, "0"));
    const percent = bytes.map((hex) => `%${anyCase(hex)}`);
    const units = character.split("").map((unit) => unit.charCodeAt(0).toString(16).padStart(4, "0"));
    const unicode = [
      units.map((hex) => `\\\\u${anyCase(hex)}`).join(""),
      escaped(JSON.stringify(character).slice(1, -1)),
    ];
    return `(?:${[`\\\\?${literal}`, percent.join(""), ...unicode, ...(character === " " ? ["\\+"] : [])].join("|")})`;
  });
  return new RegExp(written.join("") + (WORD.test(token) ? "(?![A-Za-z])" : ""), "g");
}

/** Makes a pattern for hexadecimal digits. */
function anyCase(hex: string): string {
  return hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}

/**
 * Encodes a token for the Authorization header of a request.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tokens PROTOCOL: Tokens}
 */
export function basic(token: string): string {
  let text = "";
  for (const byte of new TextEncoder().encode(`token:${token}`)) text += String.fromCharCode(byte);
  return btoa(text);
}

/**
 * Takes tokens out of a text: the user part, where DDFS keeps its tokens, of every URL, and all tokens of at least four characters that this program has used. One
 * that is a word of less than eight letters stays where it is the beginning of a longer word.
 *
 * @param text A URL, or a text with URLs in it.
 * @returns The text without tokens.
 *
 * @example A tag with its token
 * ```ts
 * import { withoutTokens } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * expect(withoutTokens("tag://secret@host/data")).toEqual("tag://host/data");
 * ```
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#names-and-addresses PROTOCOL: Names and addresses}
 */
export function withoutTokens(text: string): string {
  let clean = String(text).replace(USER, "$1");
  if (clean.includes("@")) clean = clean.replace(WORDS, (word) => word.replace(ODD_USER, "$1"));
  const found = [...secrets].filter(([, { core, basic }]) => clean.includes(core) || clean.includes(basic));
  // The longest first: a token may be the beginning of another one.
  for (const [token, secret] of found.sort(([one], [other]) => other.length - one.length)) {
    secret.pattern ??= patternOf(token);
    clean = clean.replaceAll(secret.basic, MASK).replace(secret.pattern, MASK);
  }
  return clean;
}

/** Takes a token out of an address that cannot be parsed: where it ends is not known. */
export function withoutUser(address: string): string {
  return address.replace(/^(\w[\w+.-]*:\/\/).*@/s, `$1${MASK}@`);
}

/** The most causes, and things in things, that are looked into. */
const DEEPEST = 9;

/**
 * Takes tokens out of the cause of an error: out of the texts of errors, of their causes, and of all that lists and plain objects in them have. What has no
 * tokens stays as it is; of others a copy is made, in which objects of other kinds, such as requests, are left out: they may hold anything.
 *
 * @param cause Any value: some throw other things than errors.
 */
export function cleanCause(cause: unknown): unknown {
  return cleaned(cause, 0, new Map());
}

function cleaned(value: unknown, depth: number, known: Map<object, unknown>): unknown {
  if (typeof value === "string") return withoutTokens(value);
  if (typeof value === "function") return undefined;
  if (typeof value !== "object" || value === null) return value;
  if (known.has(value)) return known.get(value);
  const copy = depth > DEEPEST ? undefined : emptyLike(value);
  // What leads back to itself ends here.
  known.set(value, undefined);
  if (copy === undefined) return undefined;
  let isClean = true;
  for (const name of namesIn(value)) {
    const was = valueOf(value, name);
    const is = cleaned(was, depth + 1, known);
    const cleanName = withoutTokens(name);
    isClean &&= is === was && cleanName === name;
    const enumerable = Object.prototype.propertyIsEnumerable.call(value, name);
    Object.defineProperty(copy, cleanName, { value: is, enumerable, configurable: true, writable: true });
  }
  const result = isClean ? value : copy;
  known.set(value, result);
  return result;
}

/** Makes an object for what is copied from another one; nothing for kinds that may hold what cannot be seen. */
function emptyLike(value: object): object | undefined {
  if (value instanceof AggregateError) return new AggregateError([]);
  if (value instanceof Error) return new Error();
  if (Array.isArray(value)) return [];
  return isPlain(value) ? {} : undefined;
}

/** The names of what an object has; an error has some that may be its class's. */
function namesIn(value: object): Set<string> {
  const own = Object.getOwnPropertyNames(value).filter((name) => !(Array.isArray(value) && name === "length"));
  return new Set([
    ...own,
    ...value instanceof Error ? ["message", "name", "stack"] : [],
    ..."code" in value ? ["code"] : [],
  ]);
}

function valueOf(value: object, name: string): unknown {
  try {
    return (value as Record<string, unknown>)[name];
  } catch {
    return undefined;
  }
}

/** Tells whether an object has nothing but properties, of any realm. */
function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
