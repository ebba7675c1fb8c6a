import { readText } from "./read_text.ts";
import { isUnsent, originHint, reasonOf } from "./causes.ts";
import type { Call } from "./call.ts";
import { CommError, type CommErrorOptions, DiscoError, type ErrorCode } from "../errors.ts";
import { withoutTokens } from "../secrets.ts";

/** The most characters of an error's text that are passed on. */
const MOST_SAID = 2000;

/** Makes the error of a request. It says what was asked, and what came of it. */
export function requestError(
  { method = "GET", url }: Pick<Call, "method" | "url">,
  what: string,
  code: ErrorCode,
  more?: Omit<CommErrorOptions, "code" | "url">,
): CommError {
  return new CommError(`${method} ${url}: ${what}`, { code, url, ...more });
}

/** Makes the error of a request that failed; once the caller's signal is aborted, that is the signal's reason. */
export function failure(
  call: Call,
  what: string,
  cause: unknown,
  { status = 0, proxy }: { readonly status?: number; readonly proxy?: string | undefined } = {},
): unknown {
  if (call.signal?.aborted) return call.signal.reason;
  // What the caller gave is no failure of the network.
  if (cause instanceof CommError || (cause instanceof DiscoError && cause.code === "invalid-argument")) return cause;
  const there = proxy === undefined ? "a Disco master" : `the proxy ${proxy}`;
  const advice = call.toMaster || proxy !== undefined ? `; is ${there} there?` : "; the node may be down";
  const code = cause instanceof DiscoError ? cause.code : "unreachable";
  const hint = status === 0 ? originHint(cause, proxy ?? call.url) : "";
  return requestError(
    call,
    `${what}: ${reasonOf(cause)}${proxy === undefined && isUnsent(cause) ? "" : advice + hint}`,
    code,
    { cause, status },
  );
}

/**
 * Throws the error for an answer whose status is no success. The error has the first 2000 bytes of the answer's text.
 *
 * @param read Gives the next bytes of its body; `undefined` at the end.
 * @throws {CommError} Always.
 */
export async function throwErrorAnswer(
  call: Call,
  { status, statusText, headers }: Response,
  read: () => Promise<Uint8Array | undefined>,
): Promise<never> {
  const text = saidBy(await readText(read, 2 * MOST_SAID).catch(() => ""));
  const advice = status === 401 && call.toMaster ? ". Give a token, or set DDFS_READ_TOKEN and DDFS_WRITE_TOKEN" : "";
  // Retry-After is in seconds, or a date (RFC 9110, section 10.2.3); a time that is over counts as none.
  const after = headers.get("retry-after") ?? "";
  const wait = Number(after) * 1000 || Date.parse(after) - Date.now();
  const said = text || statusText;
  throw requestError(call, `${status} ${advice ? said.replace(/\.$/, "") + advice : said}`, codeOf(status), {
    status,
    retryAfter: Math.max(0, wait) || undefined,
  });
}

/** Gives what an error's text says: of a page of HTML its title. Tokens are taken out before it is cut: a part of one is not found any longer. */
function saidBy(text: string): string {
  if (!/^\s*<(?:!doctype|html|head|title)\b/i.test(text)) return withoutTokens(text.trim()).slice(0, MOST_SAID);
  const [, title = ""] = /<(?:title|h1)\b[^>]*>([^<]*)/i.exec(text) ?? [];
  return `${withoutTokens(title.trim()).slice(0, 200)} (a page of HTML)`.trim();
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return "unauthorized";
  if (status === 404) return "not-found";
  if (status >= 500) return "server-error";
  return status >= 400 ? "forbidden" : "bad-answer";
}
