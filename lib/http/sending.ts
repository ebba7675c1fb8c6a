import { freshConnection, sizedBody } from "../runtime/host.ts";

/** The `init` of a request that sends something. */
export interface Sent extends RequestInit {
  /** Browsers and Node ask for it when the body is a stream. */
  readonly duplex?: "half";
}

/** A body, and how it is sent. */
export interface Parcel {
  /** The Content-Type. */
  readonly type: string;
  /** The size in bytes, for a stream. */
  readonly size?: number;
  /** Makes a connection of its own for it: what is sent over a used one is lost if its server has closed that without a word. */
  readonly isFresh?: boolean;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Makes the body, anew for each attempt. */
  body(): BodyInit | Promise<BodyInit>;
}

/** Makes the `init` of a call that sends a body; that is not sent to where an answer "See Other" points to. */
export function sending(
  { type, size, isFresh = false, headers, body }: Parcel,
): (isElsewhere: boolean) => Promise<Sent> {
  const own = { "content-type": type, ...headers };
  return async (isElsewhere) => {
    if (isElsewhere) return { method: "GET", headers: own };
    const sent = await body();
    const sized = sent instanceof ReadableStream && size !== undefined
      ? sizedBody(sent, size)
      : { body: sent, headers: {} };
    const { headers: ofConnection = {}, ...fresh } = isFresh ? freshConnection() : {};
    return { ...fresh, ...sized, headers: { ...ofConnection, ...sized.headers, ...own }, duplex: "half" };
  };
}
