/** A request that may be sent several times. */
export interface Call {
  /** The HTTP method; GET by default. */
  readonly method?: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** The HTTP URL, before any proxy. */
  readonly url: string;
  /** The key that all tries of one change have: a parameter of its URL, which errors and events leave out. */
  readonly request?: string | undefined;
  /** True if a request with this key may have arrived before: another parameter says so. */
  readonly again?: boolean | undefined;
  /** True if it goes to a master, and so may carry a token; by default it goes to a node. */
  readonly toMaster?: boolean;
  /** The token, for a master. */
  readonly token?: string | undefined;
  /** Makes the parts of a request that sends something. It is told whether an answer "See Other" has led elsewhere. */
  readonly init?: ((isElsewhere: boolean) => Promise<RequestInit>) | undefined;
  /** Gives further headers, by the URL that it is sent to. */
  readonly headers?: ((url: URL) => Readonly<Record<string, string>>) | undefined;
  /** Ends an attempt that gets no answer, in place of the time-out; gives a function that calls this off. */
  readonly limit?: ((attempt: AbortController) => () => void) | undefined;
  /** True if it may be repeated when its answer was lost; by default, only requests that read may. */
  readonly repeatable?: boolean | undefined;
  /** Ends the request when it is aborted. */
  readonly signal?: AbortSignal | undefined;
}

/** An answer, its status 200 to 299. */
export interface Answer {
  /** The HTTP status. */
  readonly status: number;
  /** Its headers. */
  readonly headers: Headers;
  /** The size of the whole resource, where it is known. */
  readonly size: number | undefined;
  /** The place in the resource at which its bytes begin, counted from 0; NaN where it has a part of it, and does not say which. */
  readonly start: number;
  /** Its version, as the server names it; Disco's master and nodes name none. */
  readonly etag: string | undefined;
  /**
   * Gives the next bytes, perhaps an empty part; `undefined` at the end.
   *
   * @throws {CommError} If they do not come in time, break off, or are all too few.
   */
  read(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Ends the request; the rest of its answer is not read. */
  end(reason?: unknown): void;
}
