import { DiscoError } from "../errors.ts";

/** Where bytes are read from. */
export type ByteSource = Uint8Array | Blob | ReadableStream<Uint8Array> | AsyncIterable<Uint8Array>;

/** The largest part that bytes in memory are cut into, so that what is made of a part stays small. */
const PART = 1 << 20;

/** After so many bytes other work gets its turn, which promises alone do not give it: timers, input, an abort. */
const TURN = 1 << 23;

const ignore = () => {};

/** A source, whatever its kind. */
interface Upstream {
  next(): Promise<{ readonly done?: boolean | undefined; readonly value?: unknown }>;
  end(reason: unknown): Promise<unknown>;
}

/** Reads a source part by part, and ends it when it is not wanted any longer. */
export class SourceReader {
  /** Bytes that were read, without those that were given back. */
  position = 0;
  readonly #upstream: Upstream;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.#interrupt(this.#signal?.reason);
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
   * @param signal Ends the source and fails the reads when it is aborted.
   * @throws {DiscoError} If the source is of no known kind (code `invalid-argument`).
   */
  constructor(source: ByteSource, signal?: AbortSignal) {
    this.#upstream = upstream(source);
    this.#signal = signal;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /**
   * Reads the next part.
   *
   * @returns Some bytes, at least one; `undefined` at the end.
   * @throws {DiscoError} If the source fails, or gives what is no bytes (code `source-failed`, `invalid-argument`).
   */
  async read(): Promise<Uint8Array | undefined> {
    this.#signal?.throwIfAborted();
    let part = this.#rest;
    this.#rest = undefined;
    while (part === undefined || part.length === 0) {
      if (this.#isOver) return undefined;
      part = await this.#next();
    }
    this.position += part.length;
    this.#untilTurn -= part.length;
    if (this.#untilTurn <= 0) await this.#turn();
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
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const part = await this.read();
        if (part === undefined) controller.close();
        else controller.enqueue(part);
      },
      cancel: () => this.cancel(),
    }, { highWaterMark: 0 });
  }

  /** Ends the source, unless it has ended; a read that is under way fails. */
  async cancel(): Promise<void> {
    this.#signal?.removeEventListener("abort", this.#onAbort);
    if (this.#isOver) return;
    const isReading = this.#fail !== undefined;
    const ended = this.#interrupt(new DiscoError("The source is not wanted any longer", { code: "source-failed" }));
    // A generator that is waiting for something ends only after that.
    if (!isReading) await ended;
  }

  #interrupt(reason: unknown): Promise<unknown> {
    this.#isOver = true;
    this.#fail?.(reason);
    return this.#upstream.end(reason).catch(ignore);
  }

  async #turn(): Promise<void> {
    this.#untilTurn = TURN;
    await new Promise((resolve) => setTimeout(resolve));
  }

  async #next(): Promise<Uint8Array | undefined> {
    try {
      const { done, value } = await new Promise<Awaited<ReturnType<Upstream["next"]>>>((resolve, reject) => {
        this.#fail = reject;
        this.#upstream.next().then(resolve, reject);
      });
      if (done) this.#isOver = true;
      else if (value instanceof Uint8Array) return value;
      else {throw new DiscoError(`The source gave a value of type ${typeof value}: it must give Uint8Array`, {
          code: "invalid-argument",
        });}
      return undefined;
    } catch (error) {
      this.#signal?.throwIfAborted();
      if (error instanceof DiscoError) throw error;
      this.#isOver = true;
      throw new DiscoError(`The source failed after ${this.position} bytes: ${message(error)}`, {
        code: "source-failed",
        cause: error,
      });
    } finally {
      this.#fail = undefined;
    }
  }
}

function upstream(source: ByteSource): Upstream {
  if (source instanceof Uint8Array) return fromBytes(source);
  if (source instanceof Blob) return fromStream(source.stream());
  if (typeof source === "object" && source !== null) {
    if ("getReader" in source) return fromStream(source);
    if (Symbol.asyncIterator in source) return fromIterable(source);
  }
  throw new DiscoError(
    `No bytes can be read from a value of type ${typeof source}: give a Uint8Array, Blob, ReadableStream or AsyncIterable`,
    { code: "invalid-argument" },
  );
}

function fromStream(stream: ReadableStream<Uint8Array>): Upstream {
  if (stream.locked) {
    throw new DiscoError("The stream is locked: something else reads it", { code: "invalid-argument" });
  }
  const reader = stream.getReader();
  return { next: () => reader.read(), end: (reason) => reader.cancel(reason) };
}

function fromIterable(iterable: AsyncIterable<Uint8Array>): Upstream {
  const iterator = iterable[Symbol.asyncIterator]();
  return { next: () => iterator.next(), end: async () => await iterator.return?.() };
}

function fromBytes(bytes: Uint8Array): Upstream {
  let at = 0;
  return {
    next: () => Promise.resolve(at < bytes.length ? { value: bytes.subarray(at, at += PART) } : { done: true }),
    end: () => Promise.resolve(),
  };
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
