import { DataError, DiscoError } from "./errors.ts";
import { type LocalFile, localFile } from "./host.ts";
import { baseName, show } from "./names.ts";
import { splitScheme } from "./urls.ts";

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
  /** It as a Blob, when it is in memory. */
  readonly blob: Blob | undefined;
  /** Whether it can be opened more than once. */
  readonly isReplayable: boolean;
  /** Opens it at its first byte. */
  open(): Promise<ReadableStream<Uint8Array>>;
}

/** Takes a source and its name apart. */
export function splitNamed<T>(source: Named<T>): { source: T; name: string | undefined } {
  if (Array.isArray(source) && source.length === 2 && typeof source[1] === "string" && !source[1].includes("://")) {
    return { source: source[0], name: source[1] };
  }
  return { source: source as T, name: undefined };
}

/**
 * Looks at a path, and makes sure that it can be read.
 *
 * @throws {DataError} If there is no such file (code `source-failed`).
 * @throws {DiscoError} If the runtime has no files (code `unsupported`).
 */
export async function fileBytes(path: string): Promise<Bytes> {
  const file = await localFile(pathOf(path)).catch((cause) => {
    throw sourceFailed(path, cause);
  });
  if (file === undefined) {
    throw new DiscoError(
      `Cannot read ${show(path)}: this runtime has no files; pass a File, a Blob, bytes or a stream`,
      {
        code: "unsupported",
      },
    );
  }
  return {
    label: path,
    name: baseName(path),
    size: file.size,
    blob: undefined,
    isReplayable: true,
    open: () => Promise.resolve(wholeFile(file)),
  };
}

/** Streams that are being read, or have been. */
const taken = new WeakSet<ReadableStream>();

/** Bytes in memory, or a stream. Nothing when the value is neither. */
export function plainBytes(source: unknown): Bytes | undefined {
  if (source instanceof ReadableStream) {
    return {
      label: "a stream",
      name: "",
      size: undefined,
      blob: undefined,
      isReplayable: false,
      open: () => {
        if (source.locked || taken.has(source)) {
          return Promise.reject(
            new DataError("A stream can be read once, and this one is in use already", {
              code: "source-failed",
              url: "stream",
            }),
          );
        }
        taken.add(source);
        return Promise.resolve(source as ReadableStream<Uint8Array>);
      },
    };
  }
  const blob = source instanceof Blob
    ? source
    : source instanceof Uint8Array
    ? new Blob([source as Uint8Array<ArrayBuffer>])
    : source instanceof ArrayBuffer
    ? new Blob([source])
    : undefined;
  if (blob === undefined) return undefined;
  const name = "name" in blob && typeof blob.name === "string" ? baseName(blob.name) : "";
  return {
    label: name === "" ? `${blob.size} bytes` : name,
    name,
    size: blob.size,
    blob,
    isReplayable: true,
    open: () => Promise.resolve(blob.stream()),
  };
}

/** Whether a text or URL means a file of this machine. */
export function isPath(source: string): boolean {
  const [scheme] = splitScheme(source);
  return scheme === undefined || scheme === "file";
}

/** The error of a source that cannot be read. */
export function sourceFailed(label: string, cause: unknown): DataError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new DataError(`Cannot read ${show(label)}: ${why}`, { code: "source-failed", url: label, cause });
}

/** Cancels the streams among sources that nobody has begun to read: an operation that failed does not want them any longer. */
export function cancelUnread(sources: readonly Named<unknown>[], reason: unknown): void {
  for (const item of sources) {
    const { source } = splitNamed(item);
    if (source instanceof ReadableStream && !source.locked) source.cancel(reason).catch(() => {});
  }
}

/** Told about what a source does. */
export interface Watcher {
  /** So many more bytes were read. */
  readonly onBytes: (size: number) => void;
  /** It failed. */
  readonly onError?: (error: unknown) => void;
}

/** A stream whose errors name where it comes from, and which tells what it does. */
export function labelled(
  stream: ReadableStream<Uint8Array>,
  label: string,
  watcher: Watcher,
): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        if (!(value instanceof Uint8Array)) {
          throw new TypeError(`it yields ${typeof value} where bytes (Uint8Array) are due`);
        }
        watcher.onBytes(value.length);
        controller.enqueue(value);
      } catch (cause) {
        reader.cancel(cause).catch(() => {});
        const error = cause instanceof DiscoError ? cause : sourceFailed(label, cause);
        watcher.onError?.(error);
        throw error;
      }
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
}

/** Looks at the first bytes of a stream without taking them from it: whether it reads as a chunk. */
export async function peek(
  stream: ReadableStream<Uint8Array>,
): Promise<{ isChunk: boolean; whole: ReadableStream<Uint8Array> }> {
  const reader = stream.getReader();
  const { done, value } = await reader.read();
  let first = done ? undefined : value;
  const whole = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (first !== undefined) {
        controller.enqueue(first);
        first = undefined;
        return;
      }
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  }, { highWaterMark: 0 });
  // No text starts so: 0x81 goes on a character in UTF-8.
  return { isChunk: first?.[0] === 0x81 && (first[1] ?? 0) <= 1, whole };
}

function pathOf(path: string): string {
  if (splitScheme(path)[0] !== "file") return path;
  const { pathname } = new URL(path);
  const decoded = decodeURIComponent(pathname);
  return /^\/[A-Za-z]:/.test(decoded) ? decoded.slice(1) : decoded;
}

/** A file that has become shorter or longer while it is read must not become a blob. */
function wholeFile(file: LocalFile): ReadableStream<Uint8Array> {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  let size = 0;
  return new ReadableStream({
    async pull(controller) {
      try {
        reader ??= (await file.open()).getReader();
        const { done, value } = await reader.read();
        if (!done) size += value.length;
        if (done ? size !== file.size : size > file.size) {
          throw new Error(`it changed from ${file.size} bytes while it was read`);
        }
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (cause) {
        reader?.cancel(cause).catch(() => {});
        throw sourceFailed(file.path, cause);
      }
    },
    cancel: (reason) => reader?.cancel(reason),
  }, { highWaterMark: 0 });
}
