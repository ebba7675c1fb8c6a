import { dropped, onAbort } from "./abort.ts";
import { joined, type Memory, memoryBytes } from "./bytes.ts";
import { invalid, isObject, show } from "../check.ts";
import { DataError, DiscoError } from "../errors.ts";
import { pulledStream } from "./streams.ts";
import { breathe } from "./turn.ts";

/**
 * Bytes: in memory of any kind, in a Blob or File, or on their way in a stream or any other async iterable, such as Node's `Readable`. They are not
 * copied, and must stay as they are until the operation ends.
 */
export type ByteSource = Memory | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** Options of a {@linkcode ByteReader}. */
export interface ByteReaderOptions {
  /**
   * The name of the source, for errors.
   *
   * @default {"the source"}
   */
  readonly label?: string | undefined;
  /**
   * The byte of the resource at which the source begins.
   *
   * @default {0}
   */
  readonly start?: number | undefined;
  /** The number of bytes that must come, if it is known. */
  readonly size?: number | undefined;
  /** Ends the source and fails the reads when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each part as it comes. */
  readonly onPart?: ((part: Uint8Array) => void) | undefined;
}

/** The bytes of a Blob that are read at a time. */
const SLICE = 1 << 22;

/** The largest part that is given at a time, so that what is made of a part stays small, and takes no long time. */
const PART = 1 << 20;

const NOTHING = new Uint8Array();

/** The result of asking for a part; some iterators give it at once. */
interface Result {
  readonly done?: boolean | undefined;
  readonly value?: unknown;
}

/** Parts as they come, until they end or are not wanted any longer. */
interface Parts {
  next(): Result | PromiseLike<Result>;
  return?(reason: unknown): unknown;
}

/** Reads a source part by part, and ends it when it is not wanted any longer. */
export class ByteReader {
  /** The position of the next byte in the resource. Bytes that were given back count as not read. */
  position: number;
  readonly #parts: Parts;
  readonly #options: ByteReaderOptions;
  /** True if parts stay as they are: streams may use the memory of theirs again. */
  readonly #isKept: boolean;
  /** Lets go of the signal. */
  #release = () => {};
  /** The part that came last, and how much of it was read. */
  #part: Uint8Array<ArrayBuffer> = NOTHING;
  #at = 0;
  #isOver = false;
  /** Bytes until it is seen whether other work should get its turn. */
  #untilTurn = PART;
  /** Fails the read that is under way. */
  #fail: ((reason: unknown) => void) | undefined;

  /**
   * Starts reading a source.
   *
   * @param source The source; a stream is locked.
   * @param options What it is, and what ends it.
   * @throws {DiscoError} If the source is of no known kind (code `invalid-argument`).
   */
  constructor(source: ByteSource, options: ByteReaderOptions = {}) {
    const { label = "the source", signal, start = 0 } = options;
    this.#options = options;
    this.#isKept = !isOnItsWay(source);
    try {
      this.#parts = partsOf(source);
    } catch (cause) {
      throw cause instanceof DiscoError ? cause : sourceFailed(label, cause);
    }
    this.position = start;
    this.#release = onAbort(signal, (reason) => this.#end(reason));
  }

  /**
   * Reads the next part.
   *
   * @param most The most bytes of it that are wanted.
   * @default {1048576}
   * @returns Some bytes, at least one; `undefined` at the end.
   * @throws {DataError} If the source fails or has another size (code `source-failed`), or gives what is no bytes (`invalid-argument`). A
   * {@linkcode DiscoError} of the source itself is passed on.
   */
  async read(most: number = PART): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.#options.signal?.throwIfAborted();
    while (this.#at >= this.#part.length) {
      if (this.#isOver) return undefined;
      this.#at = 0;
      this.#part = await this.#next() ?? NOTHING;
    }
    const bytes = this.#part.subarray(this.#at, this.#at + most);
    this.#at += bytes.length;
    this.position += bytes.length;
    this.#untilTurn -= bytes.length;
    if (this.#untilTurn <= 0) {
      this.#untilTurn = PART;
      const turn = breathe(this.#options.signal);
      if (turn !== undefined) await turn;
    }
    return bytes;
  }

  /**
   * Gives back the end of what was read last.
   *
   * @param count How many bytes, which the next read returns.
   */
  unread(count: number): void {
    this.position -= count;
    this.#at -= count;
  }

  /**
   * Looks at the next part, and leaves it there.
   *
   * @param least How many bytes it must have, however small the parts are that come; it has fewer only at the end.
   */
  async peek(least: number = 1): Promise<Uint8Array<ArrayBuffer> | undefined> {
    let part = await this.read();
    while (part !== undefined && part.length < least) {
      const more = await this.read();
      this.#part = joined([part, more ?? NOTHING, this.#part.subarray(this.#at)]);
      this.#at = part.length + (more?.length ?? 0);
      part = this.#part.subarray(0, this.#at);
      if (more === undefined) break;
    }
    if (part !== undefined) this.unread(part.length);
    return part;
  }

  /**
   * Reads until some memory is full.
   *
   * @param memory Where the bytes go.
   * @returns How many were read: fewer than there is room for only at the end.
   */
  async fill(memory: Uint8Array): Promise<number> {
    let filled = 0;
    while (filled < memory.length) {
      const part = await this.read();
      if (part === undefined) break;
      const wanted = part.subarray(0, memory.length - filled);
      memory.set(wanted, filled);
      filled += wanted.length;
      this.unread(part.length - wanted.length);
    }
    return filled;
  }

  /**
   * Reads bytes without a copy, where that can be done.
   *
   * @param length How many bytes.
   * @returns A view of the source's memory, which stays as it is; `undefined` if there is none: nothing was read then.
   */
  async view(length: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const isThere = this.#isKept && length > 0 && length <= this.#part.length - this.#at;
    return isThere ? await this.read(length) : undefined;
  }

  /** Gives the rest as a stream. */
  stream(): ReadableStream<Uint8Array> {
    return pulledStream(() => this.read(), (reason) => this.cancel(reason));
  }

  /** Ends the source, unless it has ended, and does not wait for that; a read that is under way fails. */
  cancel(reason: unknown = new DiscoError("The source is not wanted any longer", { code: "source-failed" })): void {
    this.#end(reason);
  }

  #end(reason: unknown): void {
    this.#part = NOTHING;
    if (this.#isOver) return;
    this.#close();
    this.#fail?.(reason);
    // Some never end.
    dropped(() => this.#parts.return?.(reason));
  }

  #close(): void {
    this.#isOver = true;
    this.#release();
  }

  async #next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const part = await this.#fetch();
    try {
      if (part !== undefined) this.#options.onPart?.(part);
    } catch (error) {
      this.#end(error);
      throw error;
    }
    return part;
  }

  /** Reads the next part of the source, and checks it. */
  async #fetch(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const { label = "the source", size, signal } = this.#options;
    try {
      const { done, value } = await new Promise<Result>((resolve, reject) => {
        this.#fail = reject;
        Promise.resolve(this.#parts.next()).then(resolve, reject);
      });
      const part = done ? undefined : memoryBytes(value);
      if (!done && part === undefined) {
        const message = `Cannot read ${label}: it yields ${kindOf(value)} where bytes (Uint8Array) are due`;
        throw new DataError(message, { code: "invalid-argument", url: label });
      }
      const length = this.position + (part?.length ?? 0);
      if (size !== undefined && (done ? length < size : length > size)) {
        throw new TypeError(`it changed from ${size} bytes while it was read`);
      }
      if (part === undefined) this.#close();
      return part;
    } catch (cause) {
      signal?.throwIfAborted();
      const error = cause instanceof DiscoError ? cause : sourceFailed(label, cause, this.position);
      this.#end(error);
      throw error;
    } finally {
      this.#fail = undefined;
    }
  }
}

/**
 * Makes the error of a source that cannot be read.
 *
 * @param label What it is.
 * @param cause Why.
 * @param position How many bytes were read before.
 * @returns An error with code `source-failed`.
 */
export function sourceFailed(label: string, cause: unknown, position: number = 0): DataError {
  const after = position > 0 ? ` after ${position} bytes` : "";
  const why = cause instanceof Error ? cause.message : show(cause);
  return new DataError(`Cannot read ${label}${after}: ${why}`, { code: "source-failed", url: label, cause });
}

/**
 * Tells whether a value is a Blob or a File, of any realm.
 *
 * @param value Any value.
 */
export function isBlob(value: unknown): value is Blob {
  return value instanceof Blob || /^\[object (Blob|File)\]$/.test(Object.prototype.toString.call(value));
}

/**
 * Tells whether a value is a stream or another async iterable, of any realm.
 *
 * @param value Any value.
 */
export function isOnItsWay(value: unknown): value is ReadableStream<Uint8Array> | AsyncIterable<Uint8Array> {
  return isObject(value) && ("getReader" in value || Symbol.asyncIterator in value);
}

function partsOf(source: ByteSource): Parts {
  const bytes = memoryBytes(source);
  if (bytes !== undefined) {
    const left = [bytes].values();
    return { next: () => Promise.resolve(left.next()) };
  }
  if (isBlob(source)) return slicesOf(source);
  if (isOnItsWay(source)) {
    if (!("getReader" in source)) return source[Symbol.asyncIterator]();
    if (!source.locked) {
      const reader = source.getReader();
      return { next: () => reader.read(), return: (reason) => reader.cancel(reason) };
    }
  }
  throw invalid(
    "source of type",
    kindOf(source),
    "give a Blob, bytes, an AsyncIterable, or a stream that is not in use",
  );
}

/** Reads a Blob a slice at a time: Deno's stream of one gives each part of it as a whole, however large, and stands still meanwhile. */
function slicesOf(blob: Blob): Parts {
  let at = 0;
  return {
    async next() {
      if (at >= blob.size) return { done: true };
      const slice = blob.slice(at, at + SLICE);
      at += slice.size;
      return { value: new Uint8Array(await slice.arrayBuffer()) };
    },
  };
}

/** Names the kind of a value, for messages. */
function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "an array" : typeof value;
}
