import type { Files } from "../../lib/embedded/stores/disk/files.ts";

/** A file: the bytes that are seen, and those that outlast a power cut. */
interface FileNode {
  readonly kind: "file";
  seen: Uint8Array;
  durable: Uint8Array;
}

/** A folder: the names that are seen, and of the changes since the last fsync each, in order. */
interface FolderNode {
  readonly kind: "folder";
  readonly seen: Map<string, Node>;
  durable: Map<string, Node>;
  pending: Change[];
}

type Node = FileNode | FolderNode;

/** A change of a folder; a renaming in one folder is one change. */
type Change = (names: Map<string, Node>) => void;

/** What a power cut leaves of what was not fsynced: nothing, all names but no bytes, some of each by chance, or, when only the process ended, all. */
export type Leftover = "nothing" | "names" | "some" | "all";

/**
 * Files in memory that a power cut can hit: of what was not fsynced, it keeps what {@linkcode Leftover} says. Only what the disk store uses is there.
 */
export class PowerLossFiles {
  readonly #root: FolderNode;
  /** Begins real paths: for a process, the folders of these files are others than those of other files. */
  readonly #mark = `/@${++instances}`;
  /** Called before each operation that changes something. */
  onOperation: (name: string) => void = () => {};

  constructor(root: FolderNode = { kind: "folder", seen: new Map(), durable: new Map(), pending: [] }) {
    this.#root = root;
  }

  /** The files as they would be found after a power cut at this moment. */
  afterCut(leftover: Leftover, random: () => number = Math.random): PowerLossFiles {
    return new PowerLossFiles(leftover === "all" ? copied(this.#root) : cut(this.#root, leftover, random));
  }

  /** The files as they are, apart from these. */
  copy(): PowerLossFiles {
    return new PowerLossFiles(copied(this.#root));
  }

  /** The functions of `node:fs/promises`. */
  files(): Files {
    const { promise, handle } = this.#tools();
    return {
      mkdir: (path: string, options?: { recursive: boolean }) =>
        promise("mkdir", () => this.#mkdir(path, options?.recursive ?? false)),
      realpath: (path: string) => promise("", () => this.#mark + path),
      open: (path: string, flags: string) =>
        promise(flags === "r" ? "" : "create", () => handle(this.#open(path, flags))),
      rename: (from: string, to: string) => promise("rename", () => this.#rename(from, to)),
      rm: (path: string) =>
        promise("rm", () => {
          const [folder, name] = this.#place(path);
          if (folder.seen.has(name)) change(folder, (names) => names.delete(name));
        }),
      readdir: (path: string) =>
        promise("", () =>
          Array.from(this.#folder(path).seen, ([name, { kind }]) => ({
            name,
            isFile: () => kind === "file",
            isDirectory: () => kind === "folder",
          }))),
      lstat: (path: string) =>
        promise("", () => {
          const node = this.#node(path);
          return { size: node.kind === "file" ? node.seen.length : 0, mtimeMs: 0, isFile: () => node.kind === "file" };
        }),
      readFile: (path: string) => promise("", () => new TextDecoder().decode(this.#file(path).seen)),
      statfs: () => promise("", () => ({ bavail: 0, bfree: 0, blocks: 0, bsize: 1 })),
    } as unknown as Files;
  }

  #tools() {
    // Each takes a turn, as a disk does: what does not wait for it is found out.
    const promise = async <T>(name: string, run: () => T): Promise<T> => {
      await new Promise((resolve) => setImmediate(resolve));
      if (name !== "") this.onOperation(name);
      return run();
    };
    const handle = (node: Node) => ({
      write: (bytes: Uint8Array, offset: number, length?: number | null, position?: number | null) =>
        promise("write", () => {
          const file = node as FileNode;
          const part = bytes.subarray(offset, length == null ? undefined : offset + length);
          const at = position ?? file.seen.length;
          const seen = new Uint8Array(Math.max(file.seen.length, at + part.length));
          seen.set(file.seen);
          seen.set(part, at);
          file.seen = seen;
          return { bytesWritten: part.length };
        }),
      writeFile: (text: string) => promise("write", () => (node as FileNode).seen = new TextEncoder().encode(text)),
      read: (into: Uint8Array, offset: number, length: number, position: number) =>
        promise("", () => {
          const part = (node as FileNode).seen.subarray(position, position + length);
          into.set(part, offset);
          return { bytesRead: part.length };
        }),
      sync: async () => {
        // That of a folder of folders takes longer than anything else: nobody may rely on one that another one has begun.
        const isUpper = node.kind === "folder" && [...node.seen.values()].some(({ kind }) => kind === "folder");
        for (let turn = 0; isUpper && turn < 40; turn++) await promise("", () => {});
        await promise("sync", () => {
          if (node.kind === "file") return void (node.durable = node.seen);
          node.durable = new Map(node.seen);
          node.pending = [];
        });
      },
      stat: () => promise("", () => ({ size: (node as FileNode).seen.length })),
      close: () => promise("", () => {}),
    });
    return { promise, handle };
  }

  #mkdir(path: string, recursive: boolean): string | undefined {
    let folder = this.#root;
    let [at, first] = [path.startsWith(this.#mark) ? this.#mark : "", undefined as string | undefined];
    for (const name of this.#names(path)) {
      at += `/${name}`;
      let next = folder.seen.get(name);
      if (next === undefined) {
        const made: Node = next = { kind: "folder", seen: new Map(), durable: new Map(), pending: [] };
        change(folder, (names) => names.set(name, made));
        first ??= at;
      }
      if (next.kind !== "folder" || (!recursive && first === undefined && at === path)) throw failure("EEXIST", path);
      folder = next;
    }
    return first;
  }

  #open(path: string, flags: string): Node {
    if (flags === "r") return this.#node(path);
    const [folder, name] = this.#place(path);
    if (folder.seen.has(name)) throw failure("EEXIST", path);
    const file: FileNode = { kind: "file", seen: new Uint8Array(), durable: new Uint8Array() };
    change(folder, (names) => names.set(name, file));
    return file;
  }

  #rename(from: string, to: string): void {
    const [source, name] = this.#place(from);
    const [target, newName] = this.#place(to);
    const node = this.#node(from);
    if (source !== target) throw new Error("the store renames within a folder only");
    change(source, (names) => {
      names.delete(name);
      names.set(newName, node);
    });
  }

  #names(path: string): string[] {
    return path.split("/").filter((name) => name !== "" && !name.startsWith("@"));
  }

  #node(path: string): Node {
    let node: Node = this.#root;
    for (const name of this.#names(path)) {
      const next: Node | undefined = node.kind === "folder" ? node.seen.get(name) : undefined;
      if (next === undefined) throw failure(node.kind === "folder" ? "ENOENT" : "ENOTDIR", path);
      node = next;
    }
    return node;
  }

  #file(path: string): FileNode {
    const node = this.#node(path);
    if (node.kind !== "file") throw failure("EISDIR", path);
    return node;
  }

  #folder(path: string): FolderNode {
    const node = this.#node(path);
    if (node.kind !== "folder") throw failure("ENOTDIR", path);
    return node;
  }

  #place(path: string): [folder: FolderNode, name: string] {
    const slash = path.lastIndexOf("/");
    return [this.#folder(path.slice(0, slash)), path.slice(slash + 1)];
  }
}

let instances = 0;

declare const setImmediate: (run: (value?: unknown) => void) => void;

function change(folder: FolderNode, run: Change): void {
  run(folder.seen);
  folder.pending.push(run);
}

function failure(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code });
}

/** A copy of all, with what is durable and what is not. */
function copied(root: FolderNode): FolderNode {
  const copies = new Map<Node, Node>();
  const copy = (node: Node): Node => {
    const known = copies.get(node);
    if (known !== undefined) return known;
    if (node.kind === "file") {
      const file = { ...node };
      copies.set(node, file);
      return file;
    }
    const folder: FolderNode = { kind: "folder", seen: new Map(), durable: new Map(), pending: [] };
    copies.set(node, folder);
    for (const [name, child] of node.seen) folder.seen.set(name, copy(child));
    for (const [name, child] of node.durable) folder.durable.set(name, copy(child));
    // What is pending is told again, by what it comes to.
    const names = new Map(node.durable);
    for (const run of node.pending) {
      const before = new Map(names);
      run(names);
      const changes: [string, Node | undefined][] = [];
      for (const name of new Set([...before.keys(), ...names.keys()])) {
        if (before.get(name) !== names.get(name)) {
          changes.push([name, names.get(name) && copy(names.get(name) as Node)]);
        }
      }
      folder.pending.push((target) => {
        for (const [name, child] of changes) child === undefined ? target.delete(name) : target.set(name, child);
      });
    }
    return folder;
  };
  return copy(root) as FolderNode;
}

/** What a power cut leaves. */
function cut(root: FolderNode, leftover: Leftover, random: () => number): FolderNode {
  const left = new Map<Node, Node>();
  const visit = (node: Node): Node => {
    const known = left.get(node);
    if (known !== undefined) return known;
    if (node.kind === "file") {
      const isTorn = leftover === "some" && random() < 0.5;
      const bytes = isTorn ? node.seen.slice(0, Math.floor(random() * (node.seen.length + 1))) : node.durable;
      const file: FileNode = { kind: "file", seen: node.seen === node.durable ? node.seen : bytes, durable: bytes };
      file.durable = file.seen;
      left.set(node, file);
      return file;
    }
    const names = new Map(node.durable);
    for (const run of node.pending) {
      if (leftover === "names" || (leftover === "some" && random() < 0.5)) run(names);
    }
    const folder: FolderNode = { kind: "folder", seen: new Map(), durable: new Map(), pending: [] };
    left.set(node, folder);
    for (const [name, child] of names) folder.seen.set(name, visit(child));
    folder.durable = new Map(folder.seen);
    return folder;
  };
  return visit(root) as FolderNode;
}
