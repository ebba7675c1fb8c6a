import type { Clock } from "./base/clock.ts";
import type { OptionNames } from "./check.ts";
import type { Settings } from "./settings.ts";

/** What a token is needed for. */
export type Access = "read" | "write";

/** A token, or a function that finds the one for a tag each time it is needed. */
export type TokenSource = string | ((access: Access, tag: string) => string | undefined | Promise<string | undefined>);

/** The URLs of one blob, one a replica. */
export type Replicas = string[];

/** Something that happened on the way: a second try, another replica, another node. Never holds a token. */
export interface DDFSEvent {
  /**
   * What was done about it: `retry` the same request again, `failover` to another replica, `hedge` by asking a second replica while the
   * first one is slow, `replace` a replica that could not be written on another node, `fallback` to a slower way of working.
   */
  readonly type: "retry" | "failover" | "hedge" | "replace" | "fallback";
  /** What failed or was slow; for a fallback, what could not be used. */
  readonly url: string;
  /** Which try it was, from 1. */
  readonly attempt: number;
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  /** Milliseconds until the next try. */
  readonly delay: number;
  /** Why. */
  readonly cause: unknown;
}

/** Options of the client, {@linkcode DDFSReader} and {@linkcode DDFS}. */
export interface DDFSOptions {
  /** A Disco proxy that every request goes through; `DISCO_PROXY` by default. */
  proxy?: string | undefined;
  /** Settings by their `DISCO_…` and `DDFS_…` names, in place of the environment's. */
  settings?: Settings | undefined;
  /** What requests are made with, for instance an embedded DDFS's `fetch`; the runtime's own by default. */
  fetch?: ((request: Request) => Promise<Response>) | undefined;
  /**
   * The token, or one to read and one to write; `DDFS_READ_TOKEN` and `DDFS_WRITE_TOKEN` by default. It goes to the master only, never to
   * another host that a tag names.
   */
  token?: TokenSource | { read?: TokenSource | undefined; write?: TokenSource | undefined } | undefined;
  /**
   * How often a failed request is tried again.
   *
   * @default {3}
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
  /** Milliseconds that the whole operation may take, with all its tries; the client's by default. Past them it fails with code `timeout`. */
  deadline?: number | undefined;
}

/** Options of the operations that follow links: walk, blobs, findtags. */
export interface WalkOptions extends ReadOptions {
  /**
   * Whether a linked tag that does not exist is passed over.
   *
   * @default {true}
   */
  ignoreMissing?: boolean | undefined;
  /** Called for each tag that does not exist, with the tags from the first one down to it; what it throws ends the operation. */
  onMissing?: ((path: string[], error: Error) => void) | undefined;
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

/** How far a long operation is. */
export interface Progress {
  /** Bytes read from the source so far. */
  readonly bytesIn: number;
  /** Bytes that arrived where they go so far; for a replicated blob counted once. */
  readonly bytesOut: number;
  /** Records so far. */
  readonly records: number;
  /** Blobs finished so far. */
  readonly blobs: number;
  /** What is worked on: a file, a blob, a URL. */
  readonly name: string;
  /** The replicas of the blob that was finished last. */
  readonly replicas: Replicas;
  /** Bytes that will be read in all, where that is known. */
  readonly total: number | undefined;
}

/** Options of long operations. */
export interface ProgressOptions {
  /** Called as the operation advances. */
  onProgress?: ((progress: Progress) => void) | undefined;
}

/** Options of the operations that write blobs. */
export interface WriteOptions extends TagOptions, ProgressOptions {
  /** How many nodes each blob goes to; the cluster's own default where it is not given. */
  replicas?: number | undefined;
  /** Nodes that must be among them, by host name. */
  forceOn?: readonly string[] | undefined;
  /**
   * How often the replicas of a blob that failed are placed anew.
   *
   * @default {3}
   */
  retries?: number | undefined;
  /** How many replicas are enough when no more can be written; all of them by default. */
  minReplicas?: number | undefined;
}

/** The names of the options of the client. */
export const CLIENT_OPTIONS: OptionNames<DDFSOptions> = {
  proxy: true,
  settings: true,
  fetch: true,
  token: true,
  retries: true,
  timeout: true,
  deadline: true,
  allowedHosts: true,
  hedgeAfter: true,
  onEvent: true,
  clock: true,
  random: true,
};

/** The names of the options that end an operation. */
export const LIMIT_OPTIONS: OptionNames<Pick<ReadOptions, "signal" | "deadline">> = { signal: true, deadline: true };

/** The names of the options that every operation on a tag takes. */
export const READ_OPTIONS: OptionNames<ReadOptions> = { ...LIMIT_OPTIONS, token: true };

/** The names of the options of the operations that follow links. */
export const WALK_OPTIONS: OptionNames<WalkOptions> = { ...READ_OPTIONS, ignoreMissing: true, onMissing: true };

/** The names of the options of {@linkcode DDFS.tag}. */
export const TAG_OPTIONS: OptionNames<TagOptions> = { ...READ_OPTIONS, update: true, delayed: true };

/** The names of the options of the operations that write blobs. */
export const WRITE_OPTIONS: OptionNames<WriteOptions> = {
  ...TAG_OPTIONS,
  onProgress: true,
  replicas: true,
  forceOn: true,
  retries: true,
  minReplicas: true,
};
