import { onAbort } from "./abort.ts";
import { invalid } from "../check.ts";
import { DataError, DiscoError } from "../errors.ts";
import { streamOf } from "./streams.ts";
import { turn } from "./turn.ts";

/** Where bytes are read from. */
export type ByteSource = Uint8Array | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** How a {@linkcode SourceReader} reads. */
export interface SourceOptions {
  /**
   * What the source is, for errors.
   *
   * @default {"the source"}
   */
  readonly label?: string | undefined;
  /**
   * Where in the resource the source begins, in bytes.
   *
   * @default {0}
   */
  readonly start?: number | undefined;
  /** How many bytes there have to be, where that is known. */
  readonly size?: number | undefined;
  /** Ends the source and fails the reads when it is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** Called with each part as it comes. */
  readonly onPart?: ((part: Uint8Array) => void) | undefined;
}

/** The largest part that bytes in memory are cut into, so that what is made of a part stays small. */
const PART = 1 << 20;

/** After so many bytes other work gets its turn, which promises alone do not give it: timers, input, an abort. */
const TURN = 1 << 23;

/** Parts as they come, until they end or are not wanted any longer. */
interface Parts {
  next(): Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>;
  return?(reason: unknown): Promise<unknown>;
}

/** Reads a source part by part, and ends it when it is not wanted any longer. */
export class SourceReader {
  /** Where in the resource the next byte is: what was given back is not read. */
  position: number;
  readonly #parts: Parts;
  readonly #options: SourceOptions;
  /** Lets go of the signal. */
  #release = () => {};
  #rest: Uint8Array | undefined;
  #isOver = false;
  /** Bytes until other work gets its turn. */
  #untilTurn = TURN;
  /** Fails the read that is under way. */
  #fail: ((reason: unknown) => void) | undefined;

  /**
   * Starts reading a source.
   *
   * @param source The source; a stream is locked.
   * @param options What it is, and what ends it.
   * @throws {DiscoError} If the source is of no known kind (code `invalid-argument`).
   */
  constructor(source: ByteSource, options: SourceOptions = {}) {
    this.#parts = partsOf(source);
    this.#options = options;
    const { signal, start = 0 } = options;
    this.position = start;
    this.#release = onAbort(signal, (reason) => void this.#end(reason));
  }

  /**
   * Reads the next part.
   *
   * @returns Some bytes, at least one; `undefined` at the end.
   * @throws {DataError} If the source fails or has another size (code `source-failed`), or gives what is no bytes (`invalid-argument`). A
   * {@linkcode DiscoError} of the source itself is passed on.
   */
  async read(): Promise<Uint8Array | undefined> {
    this.#options.signal?.throwIfAborted();
    let part = this.#rest;
    this.#rest = undefined;
    while (part === undefined || part.length === 0) {
      if (this.#isOver) return undefined;
      part = await this.#next();
    }
    this.position += part.length;
    this.#untilTurn -= part.length;
    if (this.#untilTurn <= 0) {
      this.#untilTurn = TURN;
      await turn();
    }
    return part;
  }

  /**
   * Gives back the end of what was read last.
   *
   * @param bytes The bytes, which the next read returns.
   */
  unread(bytes: Uint8Array): void {
    this.position -= bytes.length;
    this.#rest = bytes;
  }

  /** Looks at the next part, and leaves it there. */
  async peek(): Promise<Uint8Array | undefined> {
    const part = await this.read();
    if (part !== undefined) this.unread(part);
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
      if (wanted.length < part.length) this.unread(part.subarray(wanted.length));
    }
    return filled;
  }

  /** What is left, as a stream. */
  stream(): ReadableStream<Uint8Array> {
    return streamOf(() => this.read(), (reason) => this.cancel(reason));
  }

  /** Ends the source, unless it has ended; a read that is under way fails. */
  async cancel(
    reason: unknown = new DiscoError("The source is not wanted any longer", { code: "source-failed" }),
  ): Promise<void> {
    const isReading = this.#fail !== undefined;
    const ended = this.#end(reason);
    // A generator that is waiting for something ends only after that.
    if (!isReading) await ended;
  }

  async #end(reason: unknown): Promise<void> {
    if (this.#isOver) return;
    this.#close();
    this.#fail?.(reason);
    // What comes of it is of no use any longer.
    await this.#parts.return?.(reason).catch(() => {});
  }

  #close(): void {
    this.#isOver = true;
    this.#release();
  }

  async #next(): Promise<Uint8Array | undefined> {
    const { label = "the source", size, signal, onPart } = this.#options;
    try {
      const { done, value } = await new Promise<Awaited<ReturnType<Parts["next"]>>>((resolve, reject) => {
        this.#fail = reject;
        this.#parts.next().then(resolve, reject);
      });
      if (!done && !(value instanceof Uint8Array)) {
        const message = `Cannot read ${label}: it yields ${typeof value} where bytes (Uint8Array) are due`;
        throw new DataError(message, { code: "invalid-argument", url: label });
      }
      const part = value as Uint8Array | undefined;
      const length = this.position + (part?.length ?? 0);
      if (size !== undefined && (done ? length < size : length > size)) {
        throw new TypeError(`it changed from ${size} bytes while it was read`);
      }
      if (part === undefined) this.#close();
      else onPart?.(part);
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
  const why = cause instanceof Error ? cause.message : cause;
  return new DataError(`Cannot read ${label}${after}: ${why}`, { code: "source-failed", url: label, cause });
}

function partsOf(source: ByteSource): Parts {
  if (source instanceof Uint8Array) return slices(source);
  if (source instanceof Blob) return partsOf(source.stream());
  if (typeof source === "object" && source !== null) {
    if ("getReader" in source && !source.locked) {
      const reader = source.getReader();
      return { next: () => reader.read(), return: (reason) => reader.cancel(reason) };
    }
    if (!("getReader" in source) && Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
  }
  const rule = "give a Blob, bytes, an AsyncIterable, or a stream that is not in use";
  throw invalid("source of type", typeof source, rule);
}

async function* slices(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, unknown> {
  for (let at = 0; at < bytes.length; at += PART) yield bytes.subarray(at, at + PART);
}
