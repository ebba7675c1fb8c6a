import { CommError, DiscoError, type ErrorCode } from "../../errors.ts";

const CODES: Readonly<Record<number, ErrorCode>> = {
  401: "unauthorized",
  403: "forbidden",
  404: "not-found",
  423: "locked",
};

/** Options of {@linkcode refusal}. */
export interface RefusalOptions extends ErrorOptions {
  /** The answer's text where the error's has what is not for everybody. */
  readonly told?: string;
}

/** The error that a request is refused with. Its message is for who runs the store. */
export class Refusal extends CommError {
  /** The text of the answer. */
  declare readonly told: string;

  constructor(status: number, text: string, url: string, { told = text, ...options }: RefusalOptions = {}) {
    super(text, { ...options, code: CODES[status] ?? "server-error", url, status });
    this.told = told;
  }
}

/**
 * Makes the error that a request is refused with, which becomes its answer.
 *
 * @param status The HTTP status.
 * @param text The answer's text.
 * @param url The URL of the thing that the request was about.
 */
export function refusal(status: number, text: string, url: string, options: RefusalOptions = {}): Refusal {
  return new Refusal(status, text, url, options);
}

/** Gives the reason of a failure for who runs the store: the message of one of this library's errors, or the system's code. */
export function reasonOf(error: unknown): string {
  if (error instanceof DiscoError) return error.message;
  const { code } = Object(error) as { code?: unknown };
  return typeof code === "string" ? code : "the store failed";
}

/** Gives the reason of a failure for a client, whoever that is: errors of an object store name its address, so that no more than their code is told. */
export function toldReason(error: unknown): string {
  if (error instanceof Refusal) return error.told;
  return error instanceof CommError ? error.code : reasonOf(error);
}
