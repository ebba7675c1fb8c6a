import { CommError, type ErrorCode } from "../../../errors.ts";
import { parseXml, textIn } from "./xml.ts";

/** A request, as its errors name it. */
export interface S3Asked {
  /** The store: its bucket and its address. */
  readonly store: string;
  /** The address of the bucket or of the object in it, without a query. */
  readonly url: string;
  /** The request in words. */
  readonly what: string;
}

/** The words of an answer that is no success. */
export interface S3Refusal {
  /** The HTTP status. */
  readonly status: number;
  /** S3's name of the reason; empty where the answer gives none. */
  readonly code: string;
  /** S3's words about it; empty where the answer has none. */
  readonly message: string;
  /** True for a page, or anything else that is no answer of S3. */
  readonly isForeign: boolean;
}

const KEY = "check the access key (AWS_ACCESS_KEY_ID) and that it is one of this address";
const REGION = "give the region that the bucket is in (AWS_REGION)";
const TOKEN = "get new credentials (AWS_SESSION_TOKEN)";

/** The reasons that S3 gives: what each is for programs, and what to do about it. */
const ADVICE: Readonly<Record<string, readonly [code: ErrorCode, advice: string]>> = {
  NoSuchBucket: ["not-found", "make the bucket, or name another one"],
  InvalidBucketName: ["invalid-argument", "give the name of a bucket"],
  InvalidAccessKeyId: ["unauthorized", KEY],
  SignatureDoesNotMatch: ["unauthorized", "check the secret key (AWS_SECRET_ACCESS_KEY) and the region (AWS_REGION)"],
  ExpiredToken: ["unauthorized", TOKEN],
  InvalidToken: ["unauthorized", TOKEN],
  TokenRefreshRequired: ["unauthorized", TOKEN],
  AccessDenied: ["forbidden", "the key may not do this: allow it to get, put, list and delete objects in the bucket"],
  AllAccessDisabled: ["forbidden", "the bucket is closed: ask who owns it"],
  AuthorizationHeaderMalformed: ["invalid-argument", REGION],
  PermanentRedirect: ["invalid-argument", REGION],
  TemporaryRedirect: ["invalid-argument", REGION],
  NotImplemented: ["unsupported", "the store cannot do this, and a DDFS needs it: use another one"],
  MethodNotAllowed: ["unsupported", "the store cannot do this, and a DDFS needs it: use another one"],
};

/** Reads what an answer says that is no success. */
export function refusalOf(response: Response, text: string): S3Refusal {
  const element = parseXml(text.trimStart());
  const isError = element?.name === "Error";
  // HEAD is answered without a body.
  const isSilent = text === "" && response.headers.has("x-amz-request-id");
  return {
    status: response.status,
    code: isError ? textIn(element, "Code") : "",
    message: isError ? textIn(element, "Message") : "",
    isForeign: !isError && !isSilent && response.status < 500,
  };
}

/** Makes the error of a request that was answered, and not with success. */
export function refused(asked: S3Asked, response: Response, text: string): CommError {
  const { status, code, message, isForeign } = refusalOf(response, text);
  const retryAfter = Number(response.headers.get("retry-after") ?? NaN) * 1000;
  const region = response.headers.get("x-amz-bucket-region");
  const [known, advice] = adviceFor(code, status, isForeign, response);
  const reason = [status, code].filter(Boolean).join(" ");
  const said = message === "" ? "" : ` (${message})`;
  const elsewhere = region === null || !advice.startsWith(REGION) ? "" : `: it is in ${region}`;
  return new CommError(`${asked.store}: ${asked.what}: ${reason}${said}: ${advice}${elsewhere}`, {
    code: known,
    url: asked.url,
    status,
    retryAfter: retryAfter >= 0 ? retryAfter : undefined,
  });
}

/** Makes the error of an answer of success that is none of S3. */
export function foreign(asked: S3Asked, status: number, what: string): CommError {
  return new CommError(`${asked.store}: ${asked.what}: ${status}, and ${what}: ${NOT_S3}`, {
    code: "bad-answer",
    url: asked.url,
    status,
  });
}

/** Makes the error of a request without an answer. */
export function unanswered(asked: S3Asked, cause: unknown): CommError {
  const isLate = (cause as { code?: unknown } | undefined)?.code === "timeout";
  const reason = cause instanceof Error ? reasons(cause) : String(cause);
  return new CommError(`${asked.store}: ${asked.what}: no answer, ${reason}: check the address, and that it is up`, {
    code: isLate ? "timeout" : "unreachable",
    url: asked.url,
    cause,
  });
}

const NOT_S3 = "is this the address of the store itself, and not of a page, a proxy or a login?";

function adviceFor(code: string, status: number, isForeign: boolean, response: Response): readonly [ErrorCode, string] {
  const known = ADVICE[code];
  if (known !== undefined) return known;
  if (code === "RequestTimeTooSkewed") {
    const theirs = response.headers.get("date") ?? "unknown";
    return ["forbidden", `set the clock: here it is ${new Date().toUTCString()}, there ${theirs}`];
  }
  if (isForeign) return ["bad-answer", `that is no answer of S3: ${NOT_S3}`];
  if (status === 401) return ["unauthorized", KEY];
  if (status === 403) return ["forbidden", "check the keys, and what they are allowed to do in the bucket"];
  if (status >= 300 && status < 400) return ["invalid-argument", REGION];
  if (status === 501 || status === 405) return ["unsupported", "the store cannot do this: use another one"];
  if (status === 429 || status >= 500) return ["server-error", "try again later"];
  return ["bad-answer", "the store does not do what S3 does: use another one"];
}

/** The words of an error and of its causes: `fetch failed` alone tells nothing. */
function reasons(error: Error): string {
  const { cause } = error;
  return cause instanceof Error && cause !== error ? `${error.message}: ${cause.message}` : error.message;
}
