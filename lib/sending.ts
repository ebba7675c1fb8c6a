/** What goes with a request that sends something. */
export interface Sent extends RequestInit {
  /** What browsers and Node ask for when the body is a stream. */
  readonly duplex?: "half";
}

/**
 * Makes the `init` of a call that sends a body: made anew for each attempt, and not sent to where an answer "See Other" points to.
 *
 * A stream's length is announced where the runtime lets it (Node and Bun, not Deno): a real node refuses an HTTP chunk of 64 MiB, which a large record may be.
 *
 * @param type The Content-Type.
 * @param body Makes the body.
 * @param size Its size in bytes, for a stream.
 * @see PROTOCOL "Blob PUT"
 */
export function sending(
  type: string,
  body: () => BodyInit | Promise<BodyInit>,
  size?: number,
): (isElsewhere: boolean) => Promise<Sent> {
  const headers = { "content-type": type };
  return async (isElsewhere) => {
    if (isElsewhere) return { method: "GET", headers };
    const sent = await body();
    const length = sent instanceof ReadableStream && size !== undefined ? { "content-length": String(size) } : {};
    return { body: sent, headers: { ...headers, ...length }, duplex: "half" };
  };
}
