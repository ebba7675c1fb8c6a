import type { CommandSpec } from "./common/command.ts";
import { BYTES, DRY, EXCLUDE, IGNORE, INCLUDE, JOBS, PREFIX, READER } from "./option_specs.ts";

/** The commands that the original does not have. */
export const OURS: readonly CommandSpec[] = [
  {
    name: "completion",
    takes: "<shell>",
    summary: "print the script that makes bash, zsh, fish or powershell complete commands and tags",
    details: "In bash: source <(ddfs completion bash). In fish: ddfs completion fish | source.",
    options: [],
    completes: "none",
    load: async () => (await import("./commands/completion.ts")).completion,
  },
  {
    name: "copy",
    takes: "<from> <to>",
    summary: "copy a whole DDFS, a folder or s3://BUCKET/PREFIX, to another place",
    details:
      `Names, URLs, attributes and tokens stay as they are; each blob is read back and compared, tags come last. What was
ended, even by kill -9, goes on where it was when it is started again. A folder may have one for each node of a cluster,
NAME/vol0: of several replicas one is copied. Nobody else may use the places meanwhile; a bucket is claimed, which takes
20 seconds. Its key, region and address stand in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION
and AWS_ENDPOINT_URL_S3.`,
    options: [
      { flags: "--nodes <names>", help: "the nodes to copy from, with commas; those that a folder has by default" },
      { flags: "--keep-going", help: "leave out what cannot be read; without it, no tag is copied when a blob fails" },
    ],
    completes: "files",
    load: async () => (await import("./commands/copy.ts")).copy,
  },
  {
    name: "df",
    takes: "",
    summary: "print how full the nodes are",
    options: [BYTES],
    completes: "none",
    load: async () => (await import("./commands/measure.ts")).df,
  },
  {
    name: "diff",
    takes: "<one> <other>",
    summary: "compare the blobs behind two tags by name and size; exit status 1 for a difference",
    options: [{ flags: "--checksum", help: "compare the contents, too" }],
    completes: "tags",
    load: async () => (await import("./commands/diff.ts")).diff,
  },
  {
    name: "du",
    takes: "[tag...]",
    summary: "print the bytes behind tags; of all tags without an argument",
    options: [IGNORE, PREFIX, BYTES],
    completes: "tags",
    load: async () => (await import("./commands/measure.ts")).du,
  },
  {
    name: "gc",
    takes: "",
    summary: "collect garbage, and print what was kept and deleted",
    details:
      `Blobs that no tag holds are deleted once they are old enough, 5 days by default. A real master begins some minutes
after its start, and may take hours; when this command is interrupted, the collection goes on.`,
    options: [DRY],
    completes: "none",
    load: async () => (await import("./commands/check.ts")).gc,
  },
  {
    name: "grep",
    takes: "<pattern> <tag...>",
    summary: "print the records that a regular expression fits; exit status 1 where there is none",
    details: "Patterns are JavaScript's. A record is searched without its line end. -i is for case here.",
    options: [
      { flags: "-i, --ignore-case", help: "take small and capital letters for the same" },
      { flags: "-F, --fixed-strings", help: "the pattern is a text" },
      { flags: "-c, --count", help: "print only how many there are" },
      { flags: "--invert", help: "print the records that it does not fit" },
      { flags: "--ignore-missing", help: "a tag that does not exist is no error" },
      PREFIX,
      READER,
    ],
    completes: "tags",
    load: async () => (await import("./commands/grep.ts")).grep,
  },
  {
    name: "nodes",
    takes: "",
    summary: "print the nodes, their state and the room on them",
    options: [],
    completes: "none",
    load: async () => (await import("./commands/measure.ts")).nodes,
  },
  {
    name: "pull",
    takes: "<tag> <folder>",
    summary: "write the blobs behind a tag to files",
    details:
      `A file that has its size already stays; one that was begun (NAME~STAMP.part) is gone on with. Blobs of one name
get their time stamps, too: NAME~STAMP.`,
    options: [IGNORE, INCLUDE, EXCLUDE, JOBS, DRY],
    completes: "tags",
    load: async () => (await import("./commands/pull.ts")).pull,
  },
  {
    name: "serve",
    takes: "[folder]",
    summary: "serve a folder, or s3://BUCKET/PREFIX, as a DDFS of its own; with -M, pass a cluster on",
    details:
      `It listens on 127.0.0.1 only, unless --host says otherwise. Stored URLs name the node as clients do: to be read by
others, it needs a --name that all know it by. Requests for another host are refused. /health says whether it is well,
/metrics counts for Prometheus. Garbage is collected once a day. SIGINT and SIGTERM end it when requests are answered.
In a bucket, any number of these may run side by side; they have one --name. The bucket's key, region and address
stand in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_REGION and AWS_ENDPOINT_URL_S3.
/ui/ is a page that shows what is stored, and changes it. With -M and no folder, all of that cluster is reached through
this address: clients take it as DISCO_PROXY.
With --s3, what the token opens is an S3 bucket, too, to read; its key is that of AWS_ACCESS_KEY_ID and
AWS_SECRET_ACCESS_KEY, or made and printed.`,
    options: [
      { flags: "--port <number>", help: "the port; 0 for any that is free", otherwise: "8989" },
      { flags: "--host <address>", help: "the address to listen on", otherwise: "127.0.0.1" },
      {
        flags: "--name <host>",
        help: "the name by which all clients reach it; more names, with commas, lead here, too",
      },
      {
        flags: "--nodes <number|names>",
        help: "several nodes: a number (127.0.0.1, 127.0.0.2, ...), or names with commas",
      },
      {
        flags: "-n, --replicas <number>",
        help: "replicas of each blob, where a client names no number",
        otherwise: "1",
      },
      { flags: "--cors <origin>", help: "an origin whose pages may use it; * for all", many: true },
      { flags: "--admin-token-file <path>", help: "a file with the token for control calls" },
      { flags: "--orphan-age <time>", help: "how long blobs without a tag are kept", otherwise: "5d" },
      {
        flags: "--redirect",
        help: "of a bucket: send clients there for blobs, by addresses that are good for a while",
      },
      { flags: "--tls-cert <path>", help: "a certificate, as PEM, to serve https" },
      { flags: "--tls-key <path>", help: "its key" },
      { flags: "--log <text|json|off>", help: "a line on stderr for each request", otherwise: "off" },
      { flags: "--allowed-host <host>", help: "with -M: a host that may be asked beside the nodes", many: true },
      { flags: "--no-ui", help: "without the page at /ui/ that shows what is stored, and changes it" },
      { flags: "--s3", help: "serve it as an S3 bucket, too" },
      { flags: "--s3-port <number>", help: "the port of that; 0 for any that is free", otherwise: "9000" },
    ],
    completes: "files",
    load: async () => (await import("./commands/serve.ts")).serve,
  },
  {
    name: "tail",
    takes: "<tag>",
    summary: "print the records of blobs that come, until it is interrupted",
    options: [
      { flags: "--blobs", help: "print the URLs of the blobs in place of their records" },
      { flags: "--from-start", help: "begin with the blobs that are there" },
      { flags: "--every <seconds>", help: "time between two looks", otherwise: "2" },
      IGNORE,
      READER,
    ],
    completes: "tags",
    load: async () => (await import("./commands/tail.ts")).tail,
  },
  {
    name: "verify",
    takes: "<tag...>",
    summary: "read every replica behind tags, and print those that are not good",
    options: [
      { flags: "--repair", help: "write blobs with a bad replica anew from a good one" },
      { flags: "--unconditional", help: "repair on Disco's master, too: what others append meanwhile can be lost" },
      { flags: "-a, --all", help: "print the good ones, too" },
      IGNORE,
      PREFIX,
      DRY,
    ],
    completes: "tags",
    load: async () => (await import("./commands/check.ts")).verify,
  },
];
