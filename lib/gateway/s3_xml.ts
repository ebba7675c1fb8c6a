/** The errors of the S3 face: their status and their text. */
const ERRORS = {
  AccessDenied: [403, "Access Denied: the request is not signed as it must be, or a token locks the tag."],
  AuthorizationHeaderMalformed: [400, "The authorization header is malformed."],
  AuthorizationQueryParametersError: [400, "The query has no valid signature."],
  ExpiredToken: [403, "The presigned URL has expired."],
  InternalError: [500, "The server failed."],
  InvalidAccessKeyId: [403, "There is no such access key."],
  InvalidArgument: [400, "A parameter is not valid."],
  InvalidRange: [416, "The object has no such part."],
  MethodNotAllowed: [405, "This bucket can only be read."],
  NoSuchBucket: [404, "There is no such bucket."],
  NoSuchKey: [404, "There is no such key."],
  NotImplemented: [501, "This is not implemented."],
  PreconditionFailed: [412, "The object does not meet a condition."],
  RequestTimeTooSkewed: [403, "The clocks of the client and of the server differ too much."],
  ServiceUnavailable: [503, "The cluster cannot be read."],
  SignatureDoesNotMatch: [403, "The signature does not match the request."],
  XAmzContentSHA256Mismatch: [400, "x-amz-content-sha256 must be that of no content, or UNSIGNED-PAYLOAD."],
} as const satisfies Record<string, readonly [status: number, text: string]>;

/** The code of an error, as S3 has it. */
export type S3Code = keyof typeof ERRORS;

/** An error that is answered as S3 does. */
export class S3Error extends Error {
  /** The code. */
  readonly code: S3Code;

  /** Makes an error, with the text of its code or one that says more. */
  constructor(code: S3Code, message: string = ERRORS[code][1]) {
    super(message);
    this.code = code;
  }

  /** Gives the answer; one to HEAD has no content. */
  response(isHead: boolean, headers: Record<string, string> = {}): Response {
    const answer = xml(element("Error", { Code: this.code, Message: this.message }), ERRORS[this.code][0]);
    for (const [name, value] of Object.entries(headers)) answer.headers.set(name, value);
    return isHead ? new Response(null, answer) : answer;
  }
}

/** The content of an element: a text, elements by their names, or several of one name; `undefined` leaves an element out. */
export type Content = string | number | boolean | undefined | { readonly [name: string]: Content | readonly Content[] };

/** Writes an element. */
export function element(name: string, content: Content, attributes = ""): string {
  if (content === undefined) return "";
  const inner = typeof content === "object"
    ? Object.entries(content).map(([name, inner]) => [inner].flat().map((one) => element(name, one)).join("")).join("")
    : escaped(String(content));
  return `<${name}${attributes}>${inner}</${name}>`;
}

/** Makes an answer of XML. */
export function xml(content: string, status = 200): Response {
  const bytes = new TextEncoder().encode(`<?xml version="1.0" encoding="UTF-8"?>\n${content}`);
  return new Response(bytes, {
    status,
    headers: {
      "content-type": "application/xml",
      "content-length": `${bytes.length}`,
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "content-security-policy": "sandbox",
    },
  });
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
};

/** Writes a text for XML, which has no way at all to say some characters. */
function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "")
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "\uFFFD");
}
