import { CommError, type ErrorCode } from "../../errors.ts";

/**
 * The HTTP statuses of R2's own codes, which stand at the end of an error's message, and what they are for programs.
 *
 * @see {@link https://developers.cloudflare.com/r2/api/error-codes/}
 */
const CODES: Readonly<Record<string, readonly [status: number, code: ErrorCode]>> = {
  10001: [500, "server-error"],
  10002: [401, "unauthorized"],
  10003: [403, "forbidden"],
  10006: [404, "not-found"],
  10011: [400, "bad-answer"],
  10012: [400, "bad-answer"],
  10013: [400, "source-failed"],
  10020: [400, "invalid-name"],
  10024: [404, "not-found"],
  10025: [400, "bad-answer"],
  10031: [412, "bad-answer"],
  10039: [416, "bad-answer"],
  10042: [403, "forbidden"],
  10043: [503, "server-error"],
  10048: [400, "bad-answer"],
  10054: [500, "unreachable"],
  10058: [429, "server-error"],
  10069: [403, "forbidden"],
  100100: [400, "unsupported"],
};

/** Makes the error of a request that failed. */
export function failed(store: string, method: string, key: string, cause: unknown): CommError {
  if (cause instanceof CommError) return cause;
  const [status, code] = codeOf(cause) ?? [0, "unreachable" as const];
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new CommError(`${store}: ${method} ${key}: ${reason}`, { code, url: `r2://${key}`, status, cause });
}

function codeOf(error: unknown): readonly [status: number, code: ErrorCode] | undefined {
  const [, code = ""] = /\((\d{5,6})\)\s*$/.exec(error instanceof Error ? error.message : "") ?? [];
  return CODES[code];
}
