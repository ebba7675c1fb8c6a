import { freshConnection, sizedBody } from "../runtime/host.ts";

/** What goes with a request that sends something. */
export interface Sent extends RequestInit {
  /** What browsers and Node ask for when the body is a stream. */
  readonly duplex?: "half";
}

/** What is to be sent. */
export interface Parcel {
  /** The Content-Type. */
  readonly type: string;
  /** The size in bytes, for a stream. */
  readonly size?: number;
  /** Whether a connection of its own is made for it: a server that closes used ones without a word loses what is sent over them. */
  readonly isFresh?: boolean;
  /** Makes the body, anew for each attempt. */
  body(): BodyInit | Promise<BodyInit>;
}

/** Makes the `init` of a call that sends a body; that is not sent to where an answer "See Other" points to. */
export function sending({ type, size, isFresh = false, body }: Parcel): (isElsewhere: boolean) => Promise<Sent> {
  return async (isElsewhere) => {
    if (isElsewhere) return { method: "GET", headers: { "content-type": type } };
    const sent = await body();
    const sized = sent instanceof ReadableStream && size !== undefined
      ? sizedBody(sent, size)
      : { body: sent, headers: {} };
    const { headers = {}, ...fresh } = isFresh ? freshConnection() : {};
    return { ...fresh, ...sized, headers: { ...headers, ...sized.headers, "content-type": type }, duplex: "half" };
  };
}
