import { HARMLESS } from "./blob_answer.ts";

/** The status of an answer to an error, by its code; 502 for all others. */
const STATUS: Readonly<Record<string, number>> = {
  ...{ "not-found": 404, "unauthorized": 401, "timeout": 504 },
  "invalid-argument": 500,
  ...{ "corrupt-hunk": 422, "invalid-pickle": 422, "record-too-large": 422 },
};
const TEXTS: Readonly<Record<number, string>> = {
  401: "This needs a token that opens the tag.",
  404: "There is no such tag or blob here.",
  405: "Only GET, HEAD and OPTIONS are answered here.",
  412: "It has another version.",
  416: "The blob has no such part.",
  422: "A blob of this tag holds no records, or damaged ones. Ask for it as /blob/TAG/NAME.",
  500: "The gateway failed.",
  502: "The cluster cannot be read.",
  504: "The cluster did not answer in time.",
};

/** The status of the answer to an error. */
export function statusOf(error: unknown): number {
  const { code } = Object(error) as { code?: unknown };
  return typeof code === "string" ? STATUS[code] ?? 502 : 500;
}

/** Makes an answer that is a text for people. It repeats nothing of the request. */
export function plain(status: number, headers: Record<string, string> = {}): Response {
  const challenge = status === 401 && { "www-authenticate": 'Bearer realm="DDFS"' };
  return new Response(`${TEXTS[status]}\n`, {
    status,
    headers: {
      ...HARMLESS,
      "content-type": "text/plain; charset=utf-8",
      "cache-control": "no-store",
      ...challenge,
      ...headers,
    },
  });
}
