/** What goes with a request that sends something. */
export interface Sent extends RequestInit {
  /** What browsers and Node ask for when the body is a stream. */
  readonly duplex?: "half";
}

/**
 * Makes the `init` of a call that sends a body: made anew for each attempt, and not sent to where an answer "See Other" points to.
 *
 * @param type The Content-Type.
 * @param body Makes the body.
 */
export function sending(
  type: string,
  body: () => BodyInit | Promise<BodyInit>,
): (isElsewhere: boolean) => Promise<Sent> {
  const headers = { "content-type": type };
  return async (isElsewhere) =>
    isElsewhere ? { method: "GET", headers } : { body: await body(), headers, duplex: "half" };
}
