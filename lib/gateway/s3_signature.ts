import { AwsV4Signer } from "aws4fetch";
import { S3Error } from "./s3_xml.ts";

/** Secret access keys by their access key ids. */
export type Keys = Readonly<Record<string, string>>;

/** The signature of a request, as it says it. */
interface Signed {
  /** The access key id, the day, the region, the service, and `aws4_request`. */
  readonly credential: readonly string[];
  /** When it was signed, as `YYYYMMDDTHHMMSSZ`. */
  readonly datetime: string;
  /** The names of the headers that are signed, in lower case. */
  readonly headers: readonly string[];
  readonly signature: string;
  /** True if all of this stands in the URL. */
  readonly isPresigned: boolean;
}

const SHA256_OF_NOTHING = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/** The most milliseconds between the clocks of a client and ours. */
const SKEW = 15 * 60 * 1000;
/** The most seconds that a presigned URL holds. */
const LONGEST = 7 * 24 * 60 * 60;

/**
 * Checks the signature of a request, whose body is not read: Signature Version 4, in its headers or in its URL. The region may be any.
 *
 * @param now The time, in milliseconds since 1970.
 * @throws {S3Error} If it is not signed, or not by one of the keys, or by now too old.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
 */
export async function checkSignature(request: Request, keys: Keys, now: number): Promise<void> {
  const url = new URL(request.url);
  const names = [...url.searchParams.keys()];
  // Signer and reader could each take another one of two.
  if (new Set(names).size < names.length || names.includes("")) throw new S3Error("InvalidArgument");
  const signed = url.searchParams.has("X-Amz-Signature") ? inQuery(url.searchParams) : inHeaders(request);
  const [accessKeyId = "", day, region = "", service, end, ...more] = signed.credential;
  const isScope = service === "s3" && end === "aws4_request" && more.length === 0 && region !== "";
  if (!isScope || day !== signed.datetime.slice(0, 8)) throw new S3Error("AuthorizationHeaderMalformed");
  checkTime(signed, url.searchParams.get("X-Amz-Expires"), now);
  checkHeaders(request.headers, signed);
  const secret = Object.hasOwn(keys, accessKeyId) ? keys[accessKeyId] : undefined;
  if (secret === undefined) throw new S3Error("InvalidAccessKeyId");
  url.searchParams.delete("X-Amz-Signature");
  const signer = new AwsV4Signer({
    ...{
      method: request.method,
      url: hostedUrl(url, request.headers).href,
      service,
      region,
      datetime: signed.datetime,
    },
    ...{ accessKeyId, secretAccessKey: secret, signQuery: signed.isPresigned, allHeaders: true },
    headers: signed.headers.filter((name) => name !== "host")
      .map((name): [string, string] => [name, request.headers.get(name) ?? ""]),
  });
  if (!isSame(await signer.signature(), signed.signature)) throw new S3Error("SignatureDoesNotMatch");
}

/** The parts of an Authorization header. */
const AUTHORIZATION = /^AWS4-HMAC-SHA256 +Credential=([^, ]+) *, *SignedHeaders=([^, ]+) *, *Signature=([\da-f]{64})$/;

function inHeaders({ method, headers }: Request): Signed {
  const authorization = headers.get("authorization");
  if (authorization === null) throw new S3Error("AccessDenied");
  const [, credential = "", names = "", signature = ""] = AUTHORIZATION.exec(authorization) ?? [];
  if (signature === "") throw new S3Error("AuthorizationHeaderMalformed");
  const datetime = headers.get("x-amz-date") ?? "";
  const content = headers.get("x-amz-content-sha256");
  // What changes something is refused later, for what it is: its content does not matter.
  const isRead = method === "GET" || method === "HEAD";
  if (isRead && content !== SHA256_OF_NOTHING && content !== "UNSIGNED-PAYLOAD") {
    throw new S3Error("XAmzContentSHA256Mismatch");
  }
  return { credential: credential.split("/"), datetime, headers: names.split(";"), signature, isPresigned: false };
}

function inQuery(query: URLSearchParams): Signed {
  const get = (name: string) => query.get(`X-Amz-${name}`) ?? "";
  if (get("Algorithm") !== "AWS4-HMAC-SHA256") throw new S3Error("AuthorizationQueryParametersError");
  return {
    credential: get("Credential").split("/"),
    datetime: get("Date"),
    headers: get("SignedHeaders").split(";"),
    signature: get("Signature"),
    isPresigned: true,
  };
}

function checkTime({ datetime, isPresigned }: Signed, expires: string | null, now: number): void {
  const [, ...fields] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(datetime) ?? [];
  const [year = NaN, month = 1, ...rest] = fields.map(Number);
  const at = Date.UTC(year, month - 1, ...rest);
  if (Number.isNaN(at)) throw new S3Error("AccessDenied");
  if (at - now > SKEW) throw new S3Error("RequestTimeTooSkewed");
  if (!isPresigned) {
    if (now - at > SKEW) throw new S3Error("RequestTimeTooSkewed");
    return;
  }
  const seconds = /^\d{1,6}$/.test(expires ?? "") ? Number(expires) : 0;
  if (seconds < 1 || seconds > LONGEST) throw new S3Error("AuthorizationQueryParametersError");
  if (now > at + seconds * 1000) throw new S3Error("ExpiredToken");
}

/** Checks that what must be signed is: the host, and every header that S3 gives a meaning. */
function checkHeaders(headers: Headers, { headers: names, isPresigned }: Signed): void {
  const needed = [...headers.keys()].filter((name) => name.startsWith("x-amz-"));
  const all = isPresigned ? ["host", ...needed] : ["host", "x-amz-date", "x-amz-content-sha256", ...needed];
  if (!all.every((name) => names.includes(name))) throw new S3Error("AccessDenied");
  // The names are signed in their order, each once.
  if ([...new Set(names)].sort().join() !== names.join()) throw new S3Error("AuthorizationHeaderMalformed");
}

/** Gives a URL the host that the client signed: a proxy in front may hand on another one in the URL than in the header. */
function hostedUrl(url: URL, headers: Headers): URL {
  const host = headers.get("host");
  if (host === null) return url;
  const hosted = new URL(url);
  hosted.host = host;
  return hosted;
}

/** Compares two texts in a time that does not tell where they differ. */
function isSame(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let i = 0; i < one.length; i++) difference |= one.charCodeAt(i) ^ other.charCodeAt(i);
  return difference === 0;
}
