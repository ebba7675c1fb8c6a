import { readText } from "./bodies.ts";
import { CommError, type CommErrorOptions, type ErrorCode } from "./errors.ts";

/** What an error says of its request. */
interface Asked {
  readonly method: string;
  readonly url: string;
}

const MAX_TEXT = 2000;

/** The error of a request: what was asked, and what came of it. */
export function requestError(
  { method, url }: Asked,
  what: string,
  code: ErrorCode,
  more?: Omit<CommErrorOptions, "code" | "url">,
): CommError {
  return new CommError(`${method} ${url}: ${what}`, { code, url, ...more });
}

/** Reads an answer that says no; of its text the beginning. */
export async function refusalOf(asked: Asked, { status, statusText, headers, body }: Response): Promise<CommError> {
  const reader = body?.getReader();
  const text = await readText(async () => (await reader?.read())?.value, MAX_TEXT).catch(() => "");
  reader?.cancel().catch(() => {});
  const advice = status === 401
    ? " (give a `token` that may do this, or set DDFS_READ_TOKEN and DDFS_WRITE_TOKEN)"
    : "";
  // Retry-After is in seconds, or a date (RFC 9110, section 10.2.3).
  const after = headers.get("retry-after") ?? "";
  const wait = Number(after) * 1000 || Date.parse(after) - Date.now();
  return requestError(asked, `${status} ${text.trim() || statusText}${advice}`, codeOf(status), {
    status,
    retryAfter: Number.isNaN(wait) ? undefined : Math.max(0, wait),
  });
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return "unauthorized";
  if (status === 404) return "not-found";
  if (status >= 500) return "server-error";
  return status >= 400 ? "forbidden" : "bad-answer";
}
