// What a browser offers in place of files.ts: no files by path. Bundles for browsers take this file instead.
import type { LocalFile } from "./files.ts";

/** Looks at files by their path; there are none. */
export function localFiles(_path: string): Promise<LocalFile[] | undefined> {
  return Promise.resolve(undefined);
}

/** Gives the path that a `file:` URL means; there are none. */
export function pathOfUrl({ pathname }: URL): string {
  return pathname;
}
