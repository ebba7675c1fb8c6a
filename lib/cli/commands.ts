import type { CommandSpec, OptionSpec } from "./command.ts";

const IGNORE: OptionSpec = { flags: "-i, --ignore-missing", help: "a tag that does not exist is no error" };
const PREFIX: OptionSpec = { flags: "-p, --prefix-mode", help: "each tag stands for all tags that start so" };
const JOB: OptionSpec = {
  flags: "-j, --job-mode",
  help: "",
  refused: "jobs need Disco's own command: write the tags of their results, disco:results:JOB",
};
const STREAM: OptionSpec = {
  flags: "-T, --stream <name>",
  help: "",
  refused: "input streams are Python's: a reader, -R, does what they did",
};
const READER: OptionSpec = {
  flags: "-R, --reader <name>",
  help: "how inputs are read: None for lines, disco.worker.task_io.chain_reader for chunks, " +
    "disco.worker.task_io.gzip_line_reader, or the path of a JavaScript module that exports `reader`",
};
const REPLICAS: OptionSpec = {
  flags: "-n, --replicas <number>",
  help: "replicas of each blob; the cluster's own number by default",
};
const FORCEON: OptionSpec = { flags: "-F, --forceon <host>", help: "a node that gets a replica", many: true };
const DRY: OptionSpec = { flags: "--dry-run", help: "only say what would be done" };
const INCLUDE: OptionSpec = {
  flags: "-I, --include <pattern>",
  help: "only paths that have this text, or fit this glob",
  many: true,
};
const EXCLUDE: OptionSpec = {
  flags: "-E, --exclude <pattern>",
  help: "no paths that have this text, or fit this glob",
  many: true,
};
const RECURSIVE: OptionSpec = { flags: "-r, --recursive", help: "a folder stands for all files below it" };
const RESUME: readonly OptionSpec[] = [
  { flags: "--resume", help: "fail where an earlier run could not be gone on with" },
  { flags: "--no-resume", help: "begin anew, whatever an earlier run has stored" },
];
const UPDATE: OptionSpec = { flags: "-u, --update", help: "leave out blobs whose name the tag has" };

const RESUMES =
  `A run that was ended, even by kill -9, goes on where it was when it is started again with the same files and
options: what is stored is noted in $XDG_STATE_HOME/ddfs (~/.local/state/ddfs). That is good for as long as the
cluster keeps blobs without a tag, 5 days by default.`;

/** All commands, in the order of the help. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: "attrs",
    takes: "<tag>",
    summary: "print the attributes of a tag",
    options: [],
    completes: "tags",
    load: async () => (await import("./attributes.ts")).attrs,
  },
  {
    name: "blobs",
    takes: "[tag...]",
    summary: "list the replicas of each blob behind tags",
    options: [IGNORE, PREFIX],
    completes: "tags",
    load: async () => (await import("./urls.ts")).blobs,
  },
  {
    name: "cat",
    takes: "[url...]",
    summary: "print the contents of blobs: URLs first, then what is behind tags",
    options: [IGNORE, PREFIX, JOB],
    completes: "tags",
    load: async () => (await import("./cat.ts")).cat,
  },
  {
    name: "chtok",
    takes: "<tag> <token>",
    summary: "change the tokens of a tag",
    options: [
      { flags: "-r, --read", help: "the token to read" },
      { flags: "-w, --write", help: "the token to write" },
      DRY,
    ],
    completes: "tags",
    load: async () => (await import("./attributes.ts")).chtok,
  },
  {
    name: "chunk",
    takes: "<tag> [url...]",
    summary: "split inputs into records and store them in chunks",
    details:
      `Inputs are URLs, files ("./access.log", in the current folder with "./"), globs, tags, or - for stdin (-=NAME
gives it a name); without any, the lines of stdin name them. A gzip is read as what is in it.
${RESUMES}`,
    options: [
      REPLICAS,
      FORCEON,
      UPDATE,
      { flags: "-S, --size <MiB>", help: "size of a chunk", otherwise: "64" },
      { flags: "-Z, --max-record-size <MiB>", help: "the largest record", otherwise: "1" },
      READER,
      STREAM,
      IGNORE,
      PREFIX,
      RECURSIVE,
      INCLUDE,
      EXCLUDE,
      { flags: "--raw", help: "read a gzip as it is" },
      ...RESUME,
      DRY,
    ],
    completes: "files",
    load: async () => (await import("./chunk.ts")).chunk,
  },
  {
    name: "cp",
    takes: "<source> <target>",
    summary: "replace what a tag holds with what another one does",
    options: [DRY],
    completes: "tags",
    load: async () => (await import("./tags.ts")).cp,
  },
  {
    name: "delattr",
    takes: "<tag> <attribute>",
    summary: "delete an attribute of a tag",
    options: [DRY],
    completes: "tags",
    load: async () => (await import("./attributes.ts")).delattr,
  },
  {
    name: "exists",
    takes: "<tag>",
    summary: "tell whether a tag exists: True, or False and exit status 1",
    options: [],
    completes: "tags",
    load: async () => (await import("./tags.ts")).exists,
  },
  {
    name: "find",
    takes: "[tag...]",
    summary: "print the path of each tag that can be reached",
    options: [IGNORE, PREFIX, { flags: "-w, --warn-missing", help: "say which tags are missing, and go on" }],
    completes: "tags",
    load: async () => (await import("./tags.ts")).find,
  },
  {
    name: "get",
    takes: "<tag>",
    summary: "print a tag as the master has it, as JSON",
    options: [],
    completes: "tags",
    load: async () => (await import("./tags.ts")).get,
  },
  {
    name: "getattr",
    takes: "<tag> <attribute>",
    summary: "print an attribute of a tag",
    options: [],
    completes: "tags",
    load: async () => (await import("./attributes.ts")).getattr,
  },
  {
    name: "ls",
    takes: "[prefix...]",
    summary: "list the names of tags",
    options: [IGNORE, PREFIX, { flags: "-r, --recursive", help: "with the blobs behind each tag" }],
    completes: "tags",
    load: async () => (await import("./tags.ts")).ls,
  },
  {
    name: "push",
    takes: "<tag> [file...]",
    summary: "store files as blobs",
    details:
      `Files are paths and globs; -=NAME stores stdin under that name. A blob is called as its file, each byte that no name
can have as "_".
${RESUMES}`,
    options: [
      REPLICAS,
      FORCEON,
      RECURSIVE,
      INCLUDE,
      EXCLUDE,
      { flags: "-x, --tarballs", help: "each file is a tar archive, plain or gzipped, and each file in it a blob" },
      { flags: "-z, --compress", help: "with -x: gzip each blob" },
      ...RESUME,
      DRY,
    ],
    completes: "files",
    load: async () => (await import("./push.ts")).push,
  },
  {
    name: "put",
    takes: "<tag> [url...]",
    summary: "replace what a tag holds; without URLs, the lines of stdin have them",
    options: [DRY],
    completes: "tags",
    load: async () => (await import("./urls.ts")).put,
  },
  {
    name: "rm",
    takes: "[tag...]",
    summary: "delete tags",
    options: [PREFIX, DRY],
    completes: "tags",
    load: async () => (await import("./tags.ts")).rm,
  },
  {
    name: "setattr",
    takes: "<tag> <attribute> <value>",
    summary: "set an attribute of a tag",
    options: [DRY],
    completes: "tags",
    load: async () => (await import("./attributes.ts")).setattr,
  },
  {
    name: "stat",
    takes: "[tag...]",
    summary: "print when tags were changed, their versions, ids and attributes",
    options: [PREFIX],
    completes: "tags",
    load: async () => (await import("./tags.ts")).stat,
  },
  {
    name: "tag",
    takes: "<tag> [url...]",
    summary: "add URLs to a tag; without URLs, the lines of stdin have them",
    options: [DRY],
    completes: "tags",
    load: async () => (await import("./urls.ts")).tag,
  },
  {
    name: "touch",
    takes: "[tag...]",
    summary: "make tags that are missing",
    options: [DRY],
    completes: "tags",
    load: async () => (await import("./tags.ts")).touch,
  },
  {
    name: "urls",
    takes: "[tag...]",
    summary: "print what tags themselves hold, links not followed",
    options: [PREFIX],
    completes: "tags",
    load: async () => (await import("./urls.ts")).urls,
  },
  {
    name: "xcat",
    takes: "[url...]",
    summary: "print records, a line each: of URLs first, then of what is behind tags",
    options: [READER, STREAM, IGNORE, PREFIX, JOB],
    completes: "tags",
    load: async () => (await import("./cat.ts")).xcat,
  },
];
