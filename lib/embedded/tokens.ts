import { refusal } from "./stores/refusal.ts";
import type { TagContent } from "./stores/tag_store.ts";

/** The token a request carries; `null` when it has none. */
export type Token = string | null;

/** The right that a token gives; `undefined` if it gives none. */
export type Right = "read" | "write" | undefined;

/** The user whose password is the token. */
const USER = "token:";

/**
 * Reads the token of a request: `Basic` and `token:TOKEN` in base64; anything else is no token.
 *
 * @throws {CommError} If it is not base64 (as Disco, without a word), or the token is not UTF-8: were it none, a tag that is made with it would be open to all.
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#tokens PROTOCOL: Tokens}
 */
export function tokenOf(request: Request): Token {
  const header = request.headers.get("Authorization") ?? "";
  if (!header.startsWith("Basic ")) return null;
  const sent = binary(header.slice("Basic ".length), request);
  if (!sent.startsWith(USER)) return null;
  const bytes = Uint8Array.from(sent.slice(USER.length), (character) => character.charCodeAt(0));
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refusal(403, "Invalid token: it is not UTF-8.", request.url);
  }
}

function binary(base64: string, { url }: Request): string {
  try {
    return atob(base64);
  } catch {
    throw refusal(500, "Internal server error", url);
  }
}

/** Finds the right that a token gives to read a tag. With the right to write, the write token may be read, too. The cases are Disco's. */
export function rightToRead(token: Token, { readToken, writeToken }: TagContent): Right {
  if (isRight(token, readToken)) return writeToken === null || writeToken === readToken ? "write" : "read";
  return writeToken !== null && isRight(token, writeToken) ? "write" : undefined;
}

/** Tells whether a token gives the right to write a tag. */
export function rightToWrite(token: Token, { writeToken }: TagContent): Right {
  return isRight(token, writeToken) ? "write" : undefined;
}

/** Tells whether a token is the one that is set; without one, every token is. */
export function isRight(given: Token, set: Token): boolean {
  return set === null || (given !== null && equal(given, set));
}

/** Compares in a time that does not depend on how much of the secret was guessed. */
function equal(given: string, secret: string): boolean {
  const [a, b] = [new TextEncoder().encode(given), new TextEncoder().encode(secret)];
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}
