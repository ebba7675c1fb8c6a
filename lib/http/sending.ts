import { sizedBody } from "../runtime/host.ts";

/** The parts of a request that sends something. */
export interface Sent extends RequestInit {
  /** The option that browsers and Node require when the body is a stream. */
  readonly duplex?: "half";
}

/**
 * Makes the `init` of a call that sends a body: made anew for each attempt, and not sent to where an answer "See Other" points to.
 *
 * @param type The Content-Type.
 * @param body Makes the body.
 * @param size Its size in bytes, for a stream.
 * @param more Further headers.
 */
export function sending(
  type: string,
  body: () => BodyInit | Promise<BodyInit>,
  size?: number,
  more: Readonly<Record<string, string>> = {},
): (isElsewhere: boolean) => Promise<Sent> {
  const headers = { "content-type": type, ...more };
  return async (isElsewhere) => {
    if (isElsewhere) return { method: "GET", headers };
    const sent = await body();
    const sized = sent instanceof ReadableStream && size !== undefined
      ? sizedBody(sent, size)
      : { body: sent, headers: {} };
    return { ...sized, headers: { ...sized.headers, ...headers }, duplex: "half" };
  };
}
