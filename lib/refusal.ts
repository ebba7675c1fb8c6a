import { firstText } from "./bodies.ts";
import { CommError, type CommErrorOptions, type ErrorCode } from "./errors.ts";

const MAX_TEXT = 2000;

const ADVICE: Record<number, string> = {
  401: "give a token that may do this: the `token` option, or DDFS_READ_TOKEN and DDFS_WRITE_TOKEN",
};

/** An answer that says no, and perhaps when to come back. */
export class Refusal extends CommError {
  /** Milliseconds until the next try, if the server says. */
  readonly retryAfter: number | undefined;

  /** Makes one. */
  constructor(message: string, options: CommErrorOptions, retryAfter: number | undefined) {
    super(message, options);
    this.retryAfter = retryAfter;
  }
}

/** Reads an answer that says no; of its text the beginning. */
export async function refusalOf(
  { method, url }: { readonly method: string; readonly url: string },
  response: Response,
): Promise<Refusal> {
  const text = (await firstText(response, MAX_TEXT).catch(() => "")).trim();
  const { status } = response;
  const advice = ADVICE[status] === undefined ? "" : ` (${ADVICE[status]})`;
  const message = `${method} ${url}: ${status} ${text || response.statusText}${advice}`;
  return new Refusal(message, { code: codeOf(status), url, status }, retryAfter(response.headers));
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
