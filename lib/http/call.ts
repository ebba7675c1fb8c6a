/** A request that may be sent several times. */
export interface Call {
  /** The HTTP method; GET by default. */
  readonly method?: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** The HTTP URL, before any proxy. */
  readonly url: string;
  /** The key that all tries of one change have: a parameter of its URL, which errors and events leave out. */
  readonly request?: string | undefined;
  /** True if it goes to a master, and so may carry a token; by default it goes to a node. */
  readonly toMaster?: boolean;
  /** The token, for a master. */
  readonly token?: string | undefined;
  /** Makes the parts of a request that sends something. It is told whether an answer "See Other" has led elsewhere. */
  readonly init?: ((isElsewhere: boolean) => Promise<RequestInit>) | undefined;
  /** The first byte that is wanted, counted from 0. */
  readonly start?: number;
  /** One past the last byte that is wanted; by default the whole rest is. A server that knows no ranges gives more. */
  readonly end?: number | undefined;
  /** The version of the resource that the bytes are to be of, as If-Range has it; from another version the server gives the whole. */
  readonly version?: string | undefined;
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
  /** Its version, as the server names it; Disco's master and nodes name none. */
  readonly etag: string | undefined;
  /**
   * Gives the next bytes from the wanted one on, perhaps an empty part; `undefined` at the end.
   *
   * @throws {CommError} If they do not come in time, break off, or are all too few.
   */
  read(): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Ends the request; the rest of its answer is not read. */
  end(reason?: unknown): void;
}
