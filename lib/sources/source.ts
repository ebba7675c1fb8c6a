import { dropped } from "../base/abort.ts";
import { type ByteSource, isOnItsWay } from "../base/byte_reader.ts";
import type { Replicas } from "../options.ts";

/** A source of push(): the path or `file:` URL of a file or a folder (where the runtime has files), a File, a Blob, bytes, a stream. */
export type FileSource = string | URL | ByteSource;

/**
 * A source of chunk() and records(): a tag (`tag://…` or a bare name), a path (`./…`), a URL (`disco://`, `http(s)://`, `file://`, `raw://`,
 * `dir://`), the replicas of a blob, a File, a Blob, bytes, or a stream.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#names-and-addresses PROTOCOL: Names and addresses}
 * @see {@link https://REPOSITORY/lib/records/FORMAT.md#other-inputs FORMAT: Other inputs}
 */
export type Source = FileSource | Replicas;

/** An item of the list that push() and chunk() take: a source, or a source with the name that its blobs get. */
export type Named<T> = T | readonly [source: T, name: string];

/** Splits an item into a source and its name. */
export function splitNamed<T>(source: Named<T>): readonly [source: T, name?: string] {
  const isNamed = Array.isArray(source) && source.length === 2 && typeof source[1] === "string";
  return isNamed && !source[1].includes("://") ? source as [T, string] : [source as T];
}

/**
 * Ends the streams and iterables among sources that nobody has begun to read: an operation that failed does not want them any longer.
 *
 * @param sources The items that were given; other kinds of sources are passed over.
 * @param reason The reason that the streams are told.
 */
export function cancelUnread(sources: unknown, reason: unknown): void {
  if (!Array.isArray(sources)) return;
  for (const item of sources) {
    const [source] = splitNamed<unknown>(item);
    if (!isOnItsWay(source)) continue;
    if ("getReader" in source) {
      if (!source.locked) dropped(() => source.cancel(reason));
      continue;
    }
    // Node's streams are ended by the first, generators by the second.
    const { destroy, return: end } = source as { destroy?: () => unknown; return?: () => unknown };
    dropped(() => (destroy ?? end)?.call(source));
  }
}
