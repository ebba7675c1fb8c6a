/** Test files that are about Deno's own programs and not about the library, and why. */
export const FILES_LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ["cluster/permissions_test.ts", "is about permissions, which Deno has"],
  ["codec/differential_test.ts", "compares with node:zlib, which not every runtime has"],
  ["codec/no_memory_test.ts", "starts a process of Deno"],
  ["embedded/stores/disk/lease_processes_test.ts", "starts processes and threads of Deno"],
  ["explorer_page/bundle_test.ts", "bundles the explorer, which is not in the package"],
  ["gateway/s3_tools_test.ts", "is served by Deno.serve, to programs of Debian"],
  ["runtime/threads_process_test.ts", "starts processes of Deno"],
  ["memory/memory_test.ts", "measures processes of Deno; a Worker's memory is measured by `deno task test:workerd`"],
]);

/** Folders of tests that are about Deno's own programs, or need what is started beside them. */
export const FOLDERS_LEFT_OUT: ReadonlySet<string> = new Set([
  "scripts",
  "bucket",
  "cli",
  "docs",
  "examples",
  "explorer",
  "faults",
  "master",
  "proxies",
  "runtimes",
]);

/** Tests, by name, that cannot run outside Deno, and why. */
export const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  [
    "keeps out all but one of many processes that find the lock of one that ended",
    "starts processes of Deno",
  ],
  ["of pipes are read once", "starts programs by Deno"],
  ["loads nothing of what few need", "asks Deno what imports what"],
  ...["memory", "disk"].flatMap((store): [string, string][] => [
    [`stores a blob and gives it back at the addresses it hands out (${store} store)`, "is served by Deno.serve"],
    [`is told the length of what the client streams (${store} store)`, "is served by Deno.serve"],
    [`stores nothing of a body that breaks off (${store} store)`, "is served by Deno.serve"],
  ]),
]);
