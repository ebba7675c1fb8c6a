/** The most tokens that are remembered: a gateway may have those of many visitors. */
const MOST = 1000;
/** The fewest characters of a token that is taken out of texts: shorter ones would be found in every text, and are no secrets. */
const LEAST = 4;
/** Stands in place of a token. */
const MASK = "***";
/** The user part of a URL. */
const USER = /(\w[\w+.-]*:\/\/)[^/?#\s]*@/g;
/** The user part of a blob's URL where it holds what ends a host otherwise. */
const ODD_USER = /(\w[\w+.-]*:\/\/)[^\s"'<>]*@(?=[^/@\s]+\/(?:ddfs|disco)\/)/g;

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
    const percent = bytes.map((hex) => `%${hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)}`);
    const unicode = [...character].length === character.length
      ? [`\\\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`]
      : [];
    return `(?:${[`\\\\?${literal}`, percent.join(""), ...unicode, ...(character === " " ? ["\\+"] : [])].join("|")})`;
  });
  return new RegExp(written.join(""), "g");
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
 * Takes tokens out of a text: the user part, where DDFS keeps its tokens, of every URL, and all tokens of at least four characters that this program has used.
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
  let clean = text.replace(USER, "$1").replace(ODD_USER, "$1");
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

/** Takes tokens out of an error's texts, and out of those of its causes. One without tokens stays as it is; of others a copy is made. */
export function cleanCause(cause: unknown, depth: number = 0): unknown {
  if (typeof cause === "string") return withoutTokens(cause);
  if (!(cause instanceof Error) || depth > 9) return cause;
  const inner = cleanCause(cause.cause, depth + 1);
  const { message, name, stack = "" } = cause;
  if (inner === cause.cause && withoutTokens(message) === message && withoutTokens(stack) === stack) return cause;
  const copy = new Error(withoutTokens(message), { cause: inner });
  return Object.assign(copy, { name, stack: withoutTokens(stack) }, "code" in cause ? { code: cause.code } : {});
}
