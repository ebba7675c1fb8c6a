import { CLOCK, FLAG, FUNCTION, LIST, OBJECT, type OptionNames, SIGNAL } from "./check.ts";
import type {
  DDFSOptions,
  DecompressOptions,
  PullOptions,
  RangeOptions,
  ReadOptions,
  TagOptions,
  WalkOptions,
  WriteOptions,
} from "./options.ts";

/** The names of the options of the client. */
export const CLIENT_OPTIONS: OptionNames<DDFSOptions> = {
  proxy: true,
  settings: OBJECT,
  fetch: FUNCTION,
  token: true,
  headers: true,
  retry: true,
  retries: true,
  timeout: true,
  deadline: true,
  allowedHosts: true,
  hedgeAfter: true,
  onEvent: FUNCTION,
  onOperation: FUNCTION,
  clock: CLOCK,
  random: FUNCTION,
};

/** The names of the options that end an operation. */
export const LIMIT_OPTIONS: OptionNames<Pick<ReadOptions, "signal" | "deadline" | "retry">> = {
  signal: SIGNAL,
  deadline: true,
  retry: true,
};

/** The names of the options that every operation on a tag takes. */
export const READ_OPTIONS: OptionNames<ReadOptions> = { ...LIMIT_OPTIONS, token: true };

/** The names of the options of the operations that follow links. */
export const WALK_OPTIONS: OptionNames<WalkOptions> = { ...READ_OPTIONS, ignoreMissing: FLAG, onMissing: FUNCTION };

/** The names of the options of {@linkcode DDFSReader.pull}. */
export const PULL_OPTIONS: OptionNames<PullOptions> = { ...WALK_OPTIONS, range: true };

/** The names of the options of {@linkcode DDFSReader.open}. */
export const OPEN_OPTIONS: OptionNames<Pick<ReadOptions, "signal" | "deadline" | "retry"> & RangeOptions> = {
  ...LIMIT_OPTIONS,
  range: true,
};

/** The names of the options for reading sources. */
export const SOURCE_OPTIONS: OptionNames<WalkOptions & DecompressOptions> = { ...WALK_OPTIONS, decompress: FLAG };

/** The names of the options of {@linkcode DDFS.tag}. */
export const TAG_OPTIONS: OptionNames<TagOptions> = { ...READ_OPTIONS, update: FLAG, delayed: FLAG };

/** The names of the options of the operations that write blobs. */
export const WRITE_OPTIONS: OptionNames<WriteOptions> = {
  ...TAG_OPTIONS,
  onProgress: FUNCTION,
  replicas: true,
  forceOn: true,
  retries: true,
  minReplicas: true,
  resume: LIST,
};
