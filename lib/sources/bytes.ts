import { show } from "../check.ts";
import { DataError, DiscoError } from "../errors.ts";
import { localFile } from "../runtime/host.ts";
import { baseName } from "../names.ts";
import { sourceFailed, SourceReader } from "../base/byte_reader.ts";
import { splitScheme } from "../urls.ts";

/** Bytes that need no name: what is in memory, in a file, or on its way. */
export type ByteSource = Blob | Uint8Array | ArrayBuffer | ReadableStream<Uint8Array>;

/** What push() takes: a path or `file:` URL (where the runtime has files), a File, a Blob, bytes, a stream. */
export type FileSource = string | URL | ByteSource;

/** What push() and chunk() take in lists: a source, or a source with the name that its blobs get. */
export type Named<T> = T | readonly [source: T, name: string];

/** Bytes that can be read: again and again, or once. */
export interface Bytes {
  /** What it is, for messages. */
  readonly label: string;
  /** The name that it brings along; empty if it has none. */
  readonly name: string;
  /** Its size in bytes, if it is known. */
  readonly size: number | undefined;
  /** Gives it as a Blob, when it is in memory. */
  readonly blob?: () => Blob;
  /** Opens it at its first byte. */
  open(): Promise<ReadableStream<Uint8Array>>;
}

/** Takes a source and its name apart. */
export function splitNamed<T>(source: Named<T>): readonly [source: T, name?: string] {
  const isNamed = Array.isArray(source) && source.length === 2 && typeof source[1] === "string";
  return isNamed && !source[1].includes("://") ? source as [T, string] : [source as T];
}

/**
 * Looks at a path, and makes sure that it can be read.
 *
 * @throws {DataError} If there is no such file (code `source-failed`).
 * @throws {DiscoError} If the runtime has no files (code `unsupported`).
 */
export async function fileBytes(path: string): Promise<Bytes> {
  const failed = (cause: unknown) => {
    throw sourceFailed(path, cause);
  };
  const file = await localFile(pathOf(path)).catch(failed);
  if (file === undefined) {
    throw new DiscoError(
      `Cannot read ${show(path)}: there are no files here; write a Blob, bytes, or a stream`,
      { code: "unsupported" },
    );
  }
  return {
    label: path,
    name: baseName(path),
    size: file.size,
    open: () => file.open().catch(failed),
  };
}

/** Streams that are being read, or have been. */
const taken = new WeakSet<ReadableStream>();

/** Bytes in memory, or a stream. Nothing when the value is neither. */
export function plainBytes(source: unknown): Bytes | undefined {
  if (source instanceof ReadableStream) {
    const open = async () => {
      if (source.locked || taken.has(source)) {
        throw new DataError("A stream can be read once, and this one is in use already", {
          code: "source-failed",
          url: "stream",
        });
      }
      taken.add(source);
      return await source;
    };
    return { label: "a stream", name: "", size: undefined, open };
  }
  if (source instanceof Uint8Array || source instanceof ArrayBuffer) {
    const bytes = source instanceof ArrayBuffer ? new Uint8Array(source) : source;
    // A copy of them in a Blob is for requests alone: new memory can take longer than to compress what goes there.
    return held(
      bytes.length,
      "",
      () => new Blob([bytes as Uint8Array<ArrayBuffer>]),
      () => new SourceReader(bytes).stream(),
    );
  }
  if (!(source instanceof Blob)) return undefined;
  return blobBytes(source, "name" in source && typeof source.name === "string" ? baseName(source.name) : "");
}

/** A Blob, under a name or none. */
export function blobBytes(blob: Blob, name: string): Bytes {
  return held(blob.size, name, () => blob, () => blob.stream());
}

function held(size: number, name: string, blob: () => Blob, open: () => ReadableStream<Uint8Array>): Bytes {
  return { label: name === "" ? `${size} bytes` : name, name, size, blob, open: async () => await open() };
}

/** Whether a text or URL means a file of this machine. */
export function isPath(source: string): boolean {
  const [scheme] = splitScheme(source);
  return scheme === undefined || scheme === "file";
}

/** Cancels the streams among sources that nobody has begun to read: an operation that failed does not want them any longer. */
export function cancelUnread(sources: readonly Named<unknown>[], reason: unknown): void {
  for (const item of sources) {
    const [source] = splitNamed(item);
    if (source instanceof ReadableStream && !source.locked) source.cancel(reason).catch(() => {});
  }
}

function pathOf(path: string): string {
  if (splitScheme(path)[0] !== "file") return path;
  const { pathname } = new URL(path);
  const decoded = decodeURIComponent(pathname);
  return /^\/[A-Za-z]:/.test(decoded) ? decoded.slice(1) : decoded;
}
