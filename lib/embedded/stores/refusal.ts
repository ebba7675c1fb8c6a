import { CommError, DiscoError, type ErrorCode } from "../../errors.ts";

const CODES: Readonly<Record<number, ErrorCode>> = { 401: "unauthorized", 403: "forbidden", 404: "not-found" };

/**
 * Makes the error that a request is refused with, which becomes its answer.
 *
 * @param status The HTTP status.
 * @param text The answer's text.
 * @param url The URL of the thing that the request was about.
 */
export function refusal(status: number, text: string, url: string, options: ErrorOptions = {}): CommError {
  return new CommError(text, { ...options, code: CODES[status] ?? "server-error", url, status });
}

/** Gives the reason of a failure for a client: the message of one of this library's errors, or the system's code. */
export function reasonOf(error: unknown): string {
  if (error instanceof DiscoError) return error.message;
  const { code } = Object(error) as { code?: unknown };
  return typeof code === "string" ? code : "the store failed";
}
