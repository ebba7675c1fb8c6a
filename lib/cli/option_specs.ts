import type { OptionSpec } from "./common/command.ts";

// The options that several commands have.

/** The options that stand before or after any command. */
export const COMMON: readonly OptionSpec[] = [
  { flags: "-M, --master <host>", help: "the master: host, host:port, disco://host or http://host:port" },
  { flags: "-t, --token <token>", help: "the token to read and write with" },
  { flags: "--token-file <path>", help: "a file with the token in its first line" },
  { flags: "--json", help: "print one JSON value a line; errors too" },
  { flags: "-q, --quiet", help: "no progress, and no word on stderr but errors" },
  { flags: "-v, --verbose", help: "say on stderr what is tried again, and where errors come from" },
  {
    flags: "-s, --settings <file>",
    help: "",
    refused: "Disco's settings are Python and not read: set DISCO_MASTER and its like in the environment",
  },
];

export const IGNORE: OptionSpec = { flags: "-i, --ignore-missing", help: "a tag that does not exist is no error" };
export const PREFIX: OptionSpec = { flags: "-p, --prefix-mode", help: "each tag stands for all tags that start so" };
export const JOB: OptionSpec = {
  flags: "-j, --job-mode",
  help: "",
  refused: "jobs need Disco's own command: write the tags of their results, disco:results:JOB",
};
export const STREAM: OptionSpec = {
  flags: "-T, --stream <name>",
  help: "",
  refused: "input streams are Python's: a reader, -R, does what they did",
};
export const READER: OptionSpec = {
  flags: "-R, --reader <name>",
  help: "how inputs are read: None for lines, disco.worker.task_io.chain_reader for chunks, " +
    "disco.worker.task_io.gzip_line_reader, or the path of a JavaScript module that exports `reader`",
};
export const REPLICAS: OptionSpec = {
  flags: "-n, --replicas <number>",
  help: "replicas of each blob; the cluster's own number by default",
};
export const FORCEON: OptionSpec = { flags: "-F, --forceon <host>", help: "a node that gets a replica", many: true };
export const DRY: OptionSpec = { flags: "--dry-run", help: "only say what would be done" };
export const INCLUDE: OptionSpec = {
  flags: "-I, --include <pattern>",
  help: "only paths that have this text, or fit this glob",
  many: true,
};
export const EXCLUDE: OptionSpec = {
  flags: "-E, --exclude <pattern>",
  help: "no paths that have this text, or fit this glob",
  many: true,
};
export const RECURSIVE: OptionSpec = { flags: "-r, --recursive", help: "a folder stands for all files below it" };
export const RESUME: readonly OptionSpec[] = [
  { flags: "--resume", help: "fail where an earlier run could not be gone on with" },
  { flags: "--no-resume", help: "begin anew, whatever an earlier run has stored" },
];
export const UPDATE: OptionSpec = { flags: "-u, --update", help: "leave out blobs whose name the tag has" };

export const RESUMES =
  `A run that was ended, even by kill -9, goes on where it was when it is started again with the same files and
options: what is stored is noted in $XDG_STATE_HOME/ddfs (~/.local/state/ddfs). That is good for as long as the
cluster keeps blobs without a tag, 5 days by default.`;

export const BYTES: OptionSpec = { flags: "-b, --bytes", help: "exact numbers of bytes" };
export const JOBS: OptionSpec = { flags: "-J, --jobs <number>", help: "how many at a time", otherwise: "4" };
