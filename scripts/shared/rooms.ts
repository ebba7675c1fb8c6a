/** Which files import which, by their paths from the root. */
export type Imports = ReadonlyMap<string, readonly string[]>;

/**
 * The rooms of lib/, and of which other rooms or files each may import. A room is a folder; the files directly in lib/ are two: `ground`, the
 * errors and checks on which all stands, and `words`, the vocabulary of the client.
 */
export const ROOMS: Readonly<Record<string, readonly string[]>> = {
  ground: [],
  base: ["ground"],
  runtime: ["ground", "base"],
  words: ["ground", "base"],
  codec: ["ground", "base", "runtime"],
  // Python's values as bytes, and back; knows nothing of chunks.
  "records/pickle": ["ground", "codec"],
  records: ["ground", "base", "runtime", "codec", "records/pickle"],
  http: ["ground", "base", "runtime", "words"],
  cluster: ["ground", "base", "runtime", "words", "http"],
  sources: ["ground", "base", "runtime", "words", "http", "cluster"],
  client: ["ground", "base", "runtime", "words", "codec", "records/pickle", "records", "http", "cluster", "sources"],
  "embedded/stores": ["ground", "base"],
  "embedded/stores/disk": ["ground", "base", "embedded/stores"],
  // A DDFS in an object store. What is asked of any store is in bucket/; only r2.ts, s3.ts and s3/ know one by name.
  "embedded/objects/bucket": ["ground", "base", "embedded/stores"],
  "embedded/objects/s3": ["ground", "base", "embedded/objects/bucket"],
  "embedded/objects/tags": ["ground", "base", "embedded/stores", "embedded/objects/bucket"],
  "embedded/objects/collection": [
    "ground",
    "base",
    "embedded/stores",
    "embedded/objects/bucket",
    "embedded/objects/tags",
  ],
  "embedded/objects": [
    "ground",
    "base",
    "embedded/stores",
    "embedded/objects/bucket",
    "embedded/objects/s3",
    "embedded/objects/tags",
    "embedded/objects/collection",
  ],
  embedded: [
    "ground",
    "base",
    "embedded/stores",
    "embedded/stores/disk",
    "embedded/objects",
    "embedded/objects/bucket",
    "explorer_page",
  ],
  mod: ["ground", "base", "words", "codec", "records/pickle", "records", "cluster", "sources", "client"],
  // What is built around the library uses it as its users do.
  explorer: ["explorer/parts", "explorer/views"],
  "explorer/views": [
    "mod",
    "lib/client/reader.ts",
    "lib/records/mod.ts",
    "lib/records/json_text.ts",
    "explorer/parts",
  ],
  "explorer/parts": ["mod", "lib/client/reader.ts", "lib/records/mod.ts", "lib/records/json_text.ts"],
  // Made of the explorer; loaded by who serves it, when it is asked for.
  explorer_page: [],
  gateway: [
    "ground",
    "mod",
    "lib/base/turn.ts",
    "lib/client/reader.ts",
    // What is read by it needs nothing of what writes.
    "lib/client/replica_records.ts",
    "lib/embedded/mod.ts",
    "lib/records/json_text.ts",
    "explorer_page",
  ],
  cli: ["mod", "cli/commands", "cli/common", "cli/terminal"],
  "cli/commands": [
    "mod",
    "lib/embedded/mod.ts",
    "lib/embedded/objects/s3.ts",
    "explorer_page",
    "lib/gateway/mod.ts",
    "lib/gateway/s3_server.ts",
    "lib/records/json_text.ts",
    "lib/sources/tar_blobs.ts",
    "cli/common",
    "cli/terminal",
  ],
  "cli/common": ["mod", "lib/records/json_text.ts", "cli/terminal"],
  // Knows the machine that the command runs on; nothing else in lib/cli does.
  "cli/terminal": [],
};

/** The files directly in lib/ that the ground consists of. */
const GROUND = ["lib/errors.ts", "lib/check.ts", "lib/secrets.ts"];

/** The rooms that may import from `node:`. */
const WITH_NODE = ["runtime", "embedded/stores/disk", "cli/terminal"];

/** The most files directly in lib/, in any other folder, and the most lines of code in a file. */
export const LIMITS = { lib: 12, folder: 30, lines: 300 } as const;

/**
 * Names the room of a file of lib/, or of mod.ts.
 *
 * @param path Its path from the root.
 * @returns Nothing for a file elsewhere.
 */
export function roomOf(path: string): string | undefined {
  if (path === "mod.ts") return "mod";
  if (GROUND.includes(path)) return "ground";
  return /^lib\/(?:(.+)\/)?[^/]+$/.exec(path)?.map((part) => part ?? "words")[1];
}

/**
 * Finds the imports that lead up or sideways between the rooms, and those of `node:` where browsers are at home.
 *
 * @returns One sentence for each.
 */
export function arrowFaults(imports: Imports): string[] {
  const faults: string[] = [];
  for (const [from, targets] of imports) {
    const room = roomOf(from);
    if (room === undefined) continue;
    const allowed = ROOMS[room];
    if (allowed === undefined) {
      faults.push(`${from} is in a room that ROOMS in scripts/shared/rooms.ts does not have`);
      continue;
    }
    for (const to of targets) {
      const target = roomOf(to);
      const isAllowed = to.startsWith("node:")
        ? WITH_NODE.includes(room)
        : target === undefined
        ? to.startsWith("npm:")
        : target === room || allowed.includes(target) || allowed.includes(to);
      if (!isAllowed) faults.push(`${from} imports ${to}, which ${room} may not`);
    }
  }
  return faults;
}

/**
 * Finds circles: files that import each other, directly or through others, types included.
 *
 * @returns One sentence for each, with the files on the way round.
 */
export function circleFaults(imports: Imports): string[] {
  const faults: string[] = [];
  const isDone = new Map<string, boolean>();
  const visit = (path: string, way: readonly string[]) => {
    if (isDone.get(path) === false) faults.push(`Circle: ${[...way.slice(way.indexOf(path)), path].join(" -> ")}`);
    if (isDone.has(path)) return;
    isDone.set(path, false);
    for (const to of imports.get(path) ?? []) visit(to, [...way, path]);
    isDone.set(path, true);
  };
  for (const path of imports.keys()) visit(path, []);
  return faults;
}

/**
 * Finds folders with too many files, and files with too many lines of code.
 *
 * @param files The lines of code of each file, by its path.
 * @returns One sentence for each.
 */
export function sizeFaults(files: ReadonlyMap<string, number>): string[] {
  const counts = new Map<string, number>();
  for (const path of files.keys()) {
    const folder = path.slice(0, path.lastIndexOf("/"));
    counts.set(folder, (counts.get(folder) ?? 0) + 1);
  }
  const most = (folder: string) => folder === "lib" ? LIMITS.lib : LIMITS.folder;
  return [
    ...[...counts].filter(([folder, count]) => count > most(folder)).map(([folder, count]) =>
      `${folder}/ has ${count} files; ${most(folder)} is the most`
    ),
    ...[...files].filter(([, lines]) => lines > LIMITS.lines).map(([path, lines]) =>
      `${path} has ${lines} lines of code; ${LIMITS.lines} is the most`
    ),
  ];
}

/** Counts the lines of code of a TypeScript file: those that are not blank and not only a comment. */
export function codeLines(text: string): number {
  let count = 0;
  let isInComment = false;
  for (const line of text.split("\n").map((line) => line.trim())) {
    const isComment = isInComment || line.startsWith("/*") || line.startsWith("//");
    if (isComment && !line.startsWith("//")) isInComment = !line.endsWith("*/");
    if (!isComment && line !== "") count++;
  }
  return count;
}
