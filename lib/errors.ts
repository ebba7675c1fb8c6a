import { cleanCause, withoutTokens } from "./secrets.ts";

export { withoutTokens };

/** A stable reason for programs, the same in every runtime. */
export type ErrorCode =
  | "invalid-tag"
  | "invalid-name"
  | "invalid-url"
  | "invalid-argument"
  | "invalid-pickle"
  | "corrupt-hunk"
  | "record-too-large"
  | "source-failed"
  | "not-found"
  | "unauthorized"
  | "forbidden"
  | "unreachable"
  | "timeout"
  | "bad-answer"
  | "server-error"
  | "too-few-replicas"
  | "locked"
  | "unsupported";

/** Options of every error of this library. */
export interface DiscoErrorOptions extends ErrorOptions {
  /** The reason. */
  code: ErrorCode;
}

/** Options of a {@linkcode DataError}. */
export interface DataErrorOptions extends DiscoErrorOptions {
  /** The resource; a token in it is removed. */
  url: string;
  /** The bytes of the resource that are affected: the first one, and the one after the last. */
  range?: readonly [start: number, end: number] | undefined;
}

/** Options of a {@linkcode CommError}. */
export interface CommErrorOptions extends DataErrorOptions {
  /** The HTTP status, 0 when no answer came. */
  status?: number;
  /** The milliseconds after which the server wants to be asked again, if it says so. */
  retryAfter?: number | undefined;
}

/**
 * The base of every error that this library throws by itself. An abort is the one exception: it throws the signal's reason.
 *
 * @example Telling errors apart
 * ```ts
 * import { DiscoError } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * const error = new DiscoError("replicas must be a whole number: 1.5", { code: "invalid-argument" });
 * expect([error.name, error.code]).toEqual(["DiscoError", "invalid-argument"]);
 * ```
 */
export class DiscoError extends Error {
  /** The name of the class, kept when a bundler shortens it. */
  override name: string = "DiscoError";
  // The other fields are only declared: each constructor sets its own.
  /** The reason, for programs. */
  declare readonly code: ErrorCode;
  /** Of push() and chunk(): the replicas of each blob that was stored and that no tag holds; the cluster collects them after some days. */
  declare leftBehind?: readonly string[][];
  /**
   * Of operations that append to a tag: the sets that were sent to the master and that it neither confirmed nor refused. They may be in the tag, or come
   * to be there: read it before they are sent again.
   */
  declare unconfirmed?: readonly string[][];

  /**
   * Makes an error; tokens are taken out of its message and its causes.
   *
   * @param message What failed, on what, with which value, and what to do.
   * @param options The code, and the cause.
   */
  constructor(message: string, options: DiscoErrorOptions) {
    super(withoutTokens(message), "cause" in options ? { cause: cleanCause(options.cause) } : {});
    this.code = options.code;
  }

  /** Gives what `JSON.stringify()` writes: its name, message, code and what else it knows, for logs. The cause is left out. */
  toJSON(): Record<string, unknown> {
    const { name, message } = this;
    return { ...Object(this), name, message };
  }
}

/**
 * The error of a resource that could not be read, or whose content is wrong.
 *
 * @example The resource and the bytes concerned
 * ```ts
 * import { DataError } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * const error = new DataError("wrong CRC", { code: "corrupt-hunk", url: "http://token@node/blob", range: [0, 14] });
 * expect([error.url, error.range]).toEqual(["http://node/blob", [0, 14]]);
 * ```
 */
export class DataError extends DiscoError {
  /** The name of the class. */
  override name: string = "DataError";

  /** The resource, without any token in it. */
  declare readonly url: string;
  /** The bytes concerned, if they are known: the first one, and the one after the last. */
  declare readonly range: readonly [start: number, end: number] | undefined;

  /**
   * Makes an error about a resource.
   *
   * @param message What failed, with which value, and what to do.
   * @param options The code, the resource, the cause.
   */
  constructor(message: string, options: DataErrorOptions) {
    super(message, options);
    this.url = withoutTokens(options.url);
    this.range = options.range;
  }
}

/**
 * The error of a server that could not be reached, or answered with an error.
 *
 * @example The status
 * ```ts
 * import { CommError } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * const error = new CommError("Tag not found.", { code: "not-found", url: "http://master:8989/ddfs/tag/x", status: 404 });
 * expect(error.status).toEqual(404);
 * ```
 */
export class CommError extends DataError {
  /** The name of the class. */
  override name: string = "CommError";

  /** The HTTP status; 0 when no answer came. */
  declare readonly status: number;
  /** The milliseconds after which the server wants to be asked again, if it says so. */
  declare readonly retryAfter: number | undefined;

  /**
   * Makes an error about a request.
   *
   * @param message What was asked, what came back, and what to do.
   * @param options The code, the URL, the status, the cause.
   */
  constructor(message: string, options: CommErrorOptions) {
    super(message, options);
    this.status = options.status ?? 0;
    this.retryAfter = options.retryAfter;
  }
}

/**
 * The error of a text that is no tag, given where a tag is needed.
 *
 * @example A file name in place of a tag
 * ```ts
 * import { DDFS, InvalidTagError } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * const error = await new DDFS("disco://localhost").get("bigfile.txt").catch((error) => error);
 * expect(error).toBeInstanceOf(InvalidTagError);
 * ```
 */
export class InvalidTagError extends DiscoError {
  /** The name of the class. */
  override name: string = "InvalidTagError";

  /**
   * Makes an error about a tag.
   *
   * @param message What is wrong with which tag, and what to write instead.
   * @param options The cause, where there is one.
   */
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { ...options, code: "invalid-tag" });
  }
}

/**
 * The error of a text that DDFS does not accept as the name of a blob.
 *
 * @example A name with a dot
 * ```ts
 * import { DDFS, InvalidNameError } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * const ddfs = new DDFS("disco://localhost");
 * const error = await ddfs.push("data", [[new Uint8Array(1), "a.b"]]).catch((error) => error);
 * expect(error).toBeInstanceOf(InvalidNameError);
 * ```
 */
export class InvalidNameError extends DiscoError {
  /** The name of the class. */
  override name: string = "InvalidNameError";

  /**
   * Makes an error about a blob's name.
   *
   * @param message What is wrong with which name, and what to write instead.
   * @param options The cause, where there is one.
   */
  constructor(message: string, options: ErrorOptions = {}) {
    super(message, { ...options, code: "invalid-name" });
  }
}
