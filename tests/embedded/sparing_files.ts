import * as fs from "node:fs/promises";

/** Such files, and what may be done with them. */
export interface SparingFiles {
  /** The functions of `node:fs/promises`. */
  readonly files: typeof fs;
  /** The files of tags and blobs that are open. */
  readonly open: ReadonlySet<unknown>;
  /** Calls a function with each that is opened. */
  whenOpen(task: () => void): void;
  /** From here on, no tag can be read as a whole. */
  spare(): void;
  /** Lets reads of a file at a place fail. */
  fail(when: (path: string, at: number) => boolean): void;
}

/** The system's files, without the means to read a tag as a whole, and with a count of the files that are open. */
export function sparing(): SparingFiles {
  const open = new Set<unknown>();
  let isSparing = false;
  let tell = () => {};
  let isFailing = (_path: string, _at: number) => false;
  const files = {
    ...fs,
    readFile(path: string, ...rest: [BufferEncoding]) {
      if (isSparing && path.includes("/tag/")) throw new Error(`${path} is read as a whole`);
      return fs.readFile(path, ...rest);
    },
    async open(...args: Parameters<typeof fs.open>) {
      const file = await fs.open(...args);
      if (!String(args[0]).includes("$")) return file;
      open.add(file);
      tell();
      const [close, read] = [file.close.bind(file), file.read.bind(file)];
      return Object.assign(file, {
        read(into: Uint8Array, offset: number, length: number, at: number) {
          if (isFailing(String(args[0]), at)) {
            return Promise.reject(Object.assign(new Error("broken"), { code: "EIO" }));
          }
          return read(into, offset, length, at);
        },
        close: () => (open.delete(file), close()),
      });
    },
  } as unknown as typeof fs;
  return {
    files,
    open,
    whenOpen: (task: () => void) => void (tell = task),
    spare: () => void (isSparing = true),
    fail: (when: typeof isFailing) => void (isFailing = when),
  };
}
