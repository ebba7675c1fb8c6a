import { readText } from "./bodies.ts";
import { CommError, type CommErrorOptions, type ErrorCode } from "./errors.ts";

/** What an error says of its request. */
interface Asked {
  readonly method: string;
  readonly url: string;
}

const MAX_TEXT = 2000;

const ADVICE: Record<number, string> = {
  401: " (give a `token` that may do this, or set DDFS_READ_TOKEN and DDFS_WRITE_TOKEN)",
};

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
export async function refusalOf(asked: Asked, response: Response): Promise<CommError> {
  const reader = response.body?.getReader();
  const text = await readText(async () => (await reader?.read())?.value, MAX_TEXT).catch(() => "");
  reader?.cancel().catch(() => {});
  const { status } = response;
  return requestError(asked, `${status} ${text.trim() || response.statusText}${ADVICE[status] ?? ""}`, codeOf(status), {
    status,
    retryAfter: retryAfter(response.headers),
  });
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return "unauthorized";
  if (status === 404) return "not-found";
  if (status >= 500) return "server-error";
  return status >= 400 ? "forbidden" : "bad-answer";
}

/** Milliseconds that a Retry-After header asks for (RFC 9110, section 10.2.3). */
function retryAfter(headers: Headers): number | undefined {
  const value = headers.get("retry-after");
  if (value === null) return undefined;
  const milliseconds = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}
