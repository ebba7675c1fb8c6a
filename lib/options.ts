import type { Clock } from "./base/clock.ts";
import type { Tag } from "./names.ts";
import type { Settings } from "./settings.ts";

/** The access that a token is needed for. */
export type Access = "read" | "write";

/** A token, or a function that finds the one for a tag each time it is needed. */
export type TokenSource = string | ((access: Access, tag: string) => string | undefined | Promise<string | undefined>);

/** The URLs of one blob, one a replica. */
export type Replicas = string[];

/** Something that happened on the way: a second try, another replica, another node. Never holds a token. */
export interface DDFSEvent {
  /**
   * The kind of event: `retry` the same request again, `failover` to another replica, `hedge` by asking a second replica while the
   * first one is slow, `replace` a replica that could not be written on another node, `fallback` to a slower way of working. `doubled`: a set is
   * in a tag twice, as a request for it came late. `left-behind`: blobs were stored that no tag holds.
   * `hint`: an option may be what is wanted; the cause names it.
   */
  readonly type: "retry" | "failover" | "hedge" | "replace" | "fallback" | "doubled" | "left-behind" | "hint";
  /** The URL that failed or was slow; for a fallback, the thing that could not be used. */
  readonly url: string;
  /** Which try it was, from 1. */
  readonly attempt: number;
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Milliseconds until the next try. */
  readonly delay: number;
  /** The cause. */
  readonly cause: unknown;
  /** The replicas of each blob that was left behind. */
  readonly replicas?: readonly Replicas[];
}

/** For how long a request that failed is sent again. */
export interface RetryOptions {
  /**
   * Milliseconds since its first failure in which a request is sent again; 0 for never. By default 30,000; for a master that has not answered this
   * client yet 3,000.
   */
  within?: number | undefined;
  /** The most times that a request is sent, the first time included; unlimited by default. */
  tries?: number | undefined;
}

/** A request to the master, as {@linkcode DDFSOptions.headers} is asked about it. */
export interface MasterRequest {
  /** Its URL, without a token. */
  readonly url: string;
  /** Its HTTP method. */
  readonly method: string;
}

/** Headers by their names, or a function that finds those of a request each time they are needed. */
export type MasterHeaders =
  | Readonly<Record<string, string>>
  | ((request: MasterRequest) => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>);

/** An operation of a client, as {@linkcode DDFSOptions.onOperation} is told of it. */
export interface Operation {
  /** The method that was called. */
  readonly name: string;
  /** The tag that it is about, as a `tag://` URL without its token; `undefined` if it is about none, or several. */
  readonly tag: string | undefined;
  /** The signal that ends it: by its caller's signal, by its deadline, or when no more of its items are wanted. */
  readonly signal: AbortSignal;
}

/** The function that is told of the end of an operation. */
export interface OperationEnd {
  /**
   * Called once when it has ended.
   *
   * @param error The error with which it failed; `undefined` if it did not fail, or if its iteration was left early.
   */
  end(error?: unknown): void;
}

/** Options of the client, {@linkcode DDFSReader} and {@linkcode DDFS}. */
export interface DDFSOptions {
  /** A Disco proxy that every request goes through; `DISCO_PROXY` by default. */
  proxy?: string | undefined;
  /** Settings by their `DISCO_…` and `DDFS_…` names, in place of the environment's. */
  settings?: Settings | undefined;
  /** The function that sends requests, for instance the `fetch` of an embedded DDFS; by default the runtime's own. */
  fetch?: ((request: Request) => Promise<Response>) | undefined;
  /**
   * The token, or one to read and one to write; `DDFS_READ_TOKEN` and `DDFS_WRITE_TOKEN` by default. It goes to the master only, never to
   * another host that a tag names.
   */
  token?: TokenSource | { read?: TokenSource | undefined; write?: TokenSource | undefined } | undefined;
  /**
   * Headers for a gateway before the master. They go with every request to the master's own scheme, host and port (or the proxy's), never to another
   * host; a token goes before an `authorization` among them.
   */
  headers?: MasterHeaders | undefined;
  /**
   * For how long a request is sent again that failed in a way that may pass: no answer, a busy server, a master that restarts. What cannot pass fails at
   * once: a name that is not found, a certificate, a policy of the page, a refusal.
   */
  retry?: RetryOptions | undefined;
  /**
   * The number of times that a failed request is sent again: `retries: 3` stands for `retry: { tries: 4 }`.
   *
   * @deprecated Write `retry`, which bounds the time.
   */
  retries?: number | undefined;
  /**
   * Milliseconds that an attempt may wait for an answer to begin, and for each next byte of it.
   *
   * @default {30000}
   */
  timeout?: number | undefined;
  /** Milliseconds that any whole operation may take, with all its tries; unlimited by default. */
  deadline?: number | undefined;
  /**
   * For gateways, which read tags that strangers wrote: only these hosts are asked, by `host` or `host:port`, beside the master and the nodes that it
   * lists. Without it, every http and https URL in a tag is followed.
   */
  allowedHosts?: readonly string[] | undefined;
  /**
   * Milliseconds after which a second replica is asked when the first byte of a blob has not come; 0 for never.
   *
   * @default {500}
   */
  hedgeAfter?: number | undefined;
  /** Called for every retry, failover, hedge and replacement. */
  onEvent?: ((event: DDFSEvent) => void) | undefined;
  /**
   * Called when an operation begins; what it returns is told of the end. For tracing and counting; an iteration begins with its first item.
   *
   * @example Spans of OpenTelemetry's API
   * ```ts
   * import { DDFS } from "@ddfs/client";
   *
   * // import { trace } from "@opentelemetry/api"; const tracer = trace.getTracer("ddfs");
   * const span = { setStatus: (_: { code: number }) => {}, recordException: (_: Error) => {}, end: () => {} };
   * const tracer = { startSpan: (_name: string, _options: { attributes: Record<string, string> }) => span };
   *
   * const ddfs = new DDFS("disco://localhost", {
   *   onOperation({ name, tag = "" }) {
   *     const span = tracer.startSpan(`ddfs.${name}`, { attributes: { "ddfs.tag": tag } });
   *     return {
   *       end(error) {
   *         if (error instanceof Error) span.recordException(error);
   *         if (error !== undefined) span.setStatus({ code: 2 }); // SpanStatusCode.ERROR
   *         span.end();
   *       },
   *     };
   *   },
   * });
   * ```
   */
  onOperation?: ((operation: Operation) => OperationEnd | void) | undefined;
  /** The clock of time-outs and pauses, for tests. */
  clock?: Clock | undefined;
  /** The source of randomness of pauses, a number from 0 up to 1, for tests. */
  random?: (() => number) | undefined;
}

/** Options that every operation takes. */
export interface ReadOptions {
  /** The token for this call, in place of the client's. */
  token?: string | undefined;
  /** Ends the operation at once when it is aborted; the operation throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** For how long its requests are sent again when they fail, in place of the client's `retry`. */
  retry?: RetryOptions | undefined;
  /** Milliseconds that the whole operation may take, with all its tries; the client's by default. Past them it fails with code `timeout`. */
  deadline?: number | undefined;
}

/** Options of the operations that follow links: walk, blobs, findtags. */
export interface WalkOptions extends ReadOptions {
  /**
   * Passes over a linked tag that does not exist; `false` makes it an error.
   *
   * @default {true}
   */
  ignoreMissing?: boolean | undefined;
  /** Called for each tag that does not exist, with the tags from the first one down to it; what it throws ends the operation. */
  onMissing?: ((path: string[], error: Error) => void) | undefined;
}

/** Options of {@linkcode DDFSReader.walk}. */
export interface WalkTagOptions extends WalkOptions {
  /**
   * The tags that led to this one, for a walk that goes on where another one was: each path begins with them, and none of them is visited.
   *
   * @default {[]}
   */
  tagPath?: readonly Tag[] | undefined;
}

/** A part of a blob, in bytes. */
export interface Range {
  /**
   * The first byte, counted from 0.
   *
   * @default {0}
   */
  start?: number | undefined;
  /** One past the last byte; by default the blob's end. */
  end?: number | undefined;
}

/** Options for reading a part of a blob. */
export interface RangeOptions {
  /** The part that is read; by default all of it. */
  range?: Range | undefined;
}

/** Options of {@linkcode DDFSReader.pull}. */
export interface PullOptions extends WalkOptions, RangeOptions {}

/** Options for sources that may be compressed. */
export interface DecompressOptions {
  /**
   * Decompresses sources that begin as gzip does. Without it they are read as they are, and an event of type `hint` tells of it.
   *
   * @default {false}
   */
  decompress?: boolean | undefined;
}

/** Options of {@linkcode DDFS.tag}. */
export interface TagOptions extends ReadOptions {
  /**
   * Leaves out what the tag already has by name.
   *
   * @default {false}
   */
  update?: boolean | undefined;
  /**
   * Lets the master bundle this with other changes of the tag, for up to a second.
   *
   * @default {false}
   */
  delayed?: boolean | undefined;
}

/** The progress of a long operation. */
export interface Progress {
  /** Bytes read from the source so far. */
  readonly bytesIn: number;
  /** Bytes that arrived where they go so far; for a replicated blob counted once. */
  readonly bytesOut: number;
  /** Records so far. */
  readonly records: number;
  /** Blobs finished so far. */
  readonly blobs: number;
  /** The name of what is worked on: a file, a blob, a URL. */
  readonly name: string;
  /** The replicas of the blob that was finished last. */
  readonly replicas: Replicas;
  /** Bytes that will be read in all, where that is known. */
  readonly total: number | undefined;
  /** When a blob of a push or a chunk was finished: the number of the source that it is from, counted from 0. */
  readonly source?: number | undefined;
  /** When a chunk of lines was finished: the bytes of its source up to the end of its last line. There chunk() can go on another time. */
  readonly offset?: number | undefined;
}

/** The blobs of a source that an earlier push or chunk had stored before it was ended. */
export interface Resume {
  /** Which of the sources, counted from 0. */
  readonly source: number;
  /** The replicas of each blob, in their order, as `onProgress` told them. */
  readonly stored: readonly Replicas[];
  /** For a chunk: the `offset` that came with the last of them. */
  readonly offset?: number | undefined;
}

/** Options of long operations. */
export interface ProgressOptions {
  /** Called as the operation advances. */
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** Options of the operations that write blobs. */
export interface WriteOptions extends TagOptions, ProgressOptions {
  /** The number of nodes that each blob goes to; by default the cluster's own. */
  replicas?: number | undefined;
  /**
   * Nodes that must be among them, by host name. One that fails is tried again, under a new name; a blob that cannot be written to each of them
   * fails.
   */
  forceOn?: readonly string[] | undefined;
  /**
   * The number of times that the replicas of a blob are placed anew after one failed.
   *
   * @default {10}
   */
  retries?: number | undefined;
  /** The number of replicas that are enough when no more can be written; by default all of them. */
  minReplicas?: number | undefined;
  /**
   * The blobs that an earlier call had stored before it was ended: this is tagged with the rest and not stored again. A chunk goes on at the offset. The cluster keeps
   * blobs that no tag holds for some days only, five by default.
   */
  resume?: readonly Resume[] | undefined;
}
