import { joined } from "../../base/bytes.ts";
import { DiscoError } from "../../errors.ts";
import type { BlobWriter } from "../stores/store.ts";
import type { MultipartUpload, ObjectEngine, ObjectHead } from "./bucket/engine.ts";
import { patient, pause, type Pauses, timed } from "./bucket/requests.ts";

/** The bytes of a part, and the most that are stored in one go without a known length. */
export const PART = 8 << 20;
/** Milliseconds that a part may take. */
const PART_LIMIT = 120_000;
/** The times that something is stored whose outcome is not known. */
const TRIES = 4;

type Bytes = Uint8Array<ArrayBuffer>;

/** Tells whether an object only keeps the place of a blob that is being stored in parts. */
export function isReserved({ metadata }: ObjectHead): boolean {
  return metadata.state === "reserved";
}

/**
 * Stores a blob: up to a part's size in one go, more than that in parts, or as a stream where the length is known. Not every store completes parts under a
 * condition, and a stream may be stored in parts, too; so an object without bytes, which counts as no blob, keeps the name meanwhile.
 */
export class BlobUpload implements BlobWriter {
  readonly #engine: ObjectEngine;
  readonly #pauses: Pauses;
  readonly #key: string;
  readonly #size: number | undefined;
  /** Tells this upload from others of its name. */
  readonly #nonce: string;
  /** Bytes that are not on their way yet. */
  #pieces: Bytes[] = [];
  #held = 0;
  /** True if an object without bytes may keep the name. */
  #isReserved = false;
  #straight: StraightUpload | undefined;
  #parts: PartedUpload | undefined;
  #state: "open" | "lost" | "committed" = "open";

  private constructor(engine: ObjectEngine, pauses: Pauses, key: string, size: number | undefined) {
    this.#engine = engine;
    this.#pauses = pauses;
    this.#key = key;
    this.#size = size;
    this.#nonce = Math.floor(pauses.random() * 2 ** 52).toString(36);
  }

  /**
   * Begins to store a blob.
   *
   * @param size The number of bytes, if it is known.
   * @returns The writer; `undefined` where a blob of the name is known to be there.
   */
  static async begin(
    engine: ObjectEngine,
    pauses: Pauses,
    key: string,
    size: number | undefined,
  ): Promise<BlobUpload | undefined> {
    const upload = new BlobUpload(engine, pauses, key, size);
    // For a small one, the answer to its PUT tells; one of unknown length may be small.
    const isFree = size === undefined || (engine.conditionalStreams && size > PART)
      ? await patient(pauses, (signal) => engine.head(key, { signal })) === undefined
      : size <= PART || await upload.#reserve();
    return isFree ? upload : undefined;
  }

  async write(bytes: Bytes): Promise<void> {
    if (this.#state === "lost") return;
    if (this.#size !== undefined && this.#size > PART) {
      this.#straight ??= new StraightUpload(this.#engine, this.#key, this.#size, this.#metadata());
      return await this.#straight.write(bytes);
    }
    if (this.#parts === undefined && this.#held + bytes.length > PART) {
      if (this.#engine.multipart === undefined) throw tooLong(this.#engine);
      if (!await this.#reserve()) {
        this.#state = "lost";
        this.#pieces = [];
        return;
      }
      this.#parts = new PartedUpload(
        await this.#engine.multipart(this.#key, { metadata: this.#metadata() }),
        this.#pauses,
      );
    }
    this.#pieces.push(bytes);
    this.#held += bytes.length;
    if (this.#parts === undefined || this.#held < PART) return;
    const all = joined(this.#pieces, this.#held);
    const rest = this.#held % PART;
    const end = this.#held - rest;
    this.#pieces = [all.slice(end)];
    this.#held = rest;
    for (let at = 0; at < end; at += PART) await this.#parts.add(all.subarray(at, at + PART));
  }

  async commit(): Promise<boolean> {
    if (this.#state === "lost") return false;
    const isStored = this.#straight !== undefined
      ? await this.#streamed(this.#straight)
      : this.#parts !== undefined
      ? await this.#complete(this.#parts)
      : await this.#put(joined(this.#pieces, this.#held), this.#metadata());
    this.#state = isStored ? "committed" : "lost";
    return isStored;
  }

  async close(): Promise<void> {
    this.#pieces = [];
    if (this.#state !== "open") return;
    this.#state = "lost";
    await this.#straight?.abort();
    await this.#parts?.abort();
    if (!this.#isReserved) return;
    const left = await this.#engine.head(this.#key).catch(() => undefined);
    if (left !== undefined && isReserved(left) && this.#isMine(left)) {
      await this.#engine.delete(this.#key).catch(() => {});
    }
  }

  #metadata(): Record<string, string> {
    return { upload: this.#nonce };
  }

  #isMine({ metadata }: ObjectHead): boolean {
    return metadata.upload === this.#nonce;
  }

  async #reserve(): Promise<boolean> {
    this.#isReserved = true;
    return this.#isReserved = await this.#put(new Uint8Array(), { ...this.#metadata(), state: "reserved" });
  }

  /** Stores bytes where there is nothing of that name; what was stored without an answer it knows again. */
  async #put(bytes: Bytes, metadata: Record<string, string>): Promise<boolean> {
    const isThere = async () => {
      const head = await patient(this.#pauses, (signal) => this.#engine.head(this.#key, { signal }));
      return head === undefined ? undefined : this.#isMine(head);
    };
    for (let failures = 0;;) {
      try {
        const put = (signal: AbortSignal) => this.#engine.put(this.#key, bytes, { ifNoneMatch: "*", metadata, signal });
        if (await timed(this.#pauses, put, PART_LIMIT) !== "lost") return true;
        return failures > 0 && await isThere() === true;
      } catch (error) {
        const there = await isThere();
        if (there !== undefined) return there;
        if (++failures === TRIES) throw error;
        await pause(this.#pauses, failures, error);
      }
    }
  }

  async #streamed(straight: StraightUpload): Promise<boolean> {
    try {
      return await straight.end();
    } catch (error) {
      if (!await this.#isStored()) throw error;
      return true;
    }
  }

  /** Tells whether the blob is there in place of what keeps its name. */
  async #isStored(): Promise<boolean> {
    const head = await patient(this.#pauses, (signal) => this.#engine.head(this.#key, { signal }));
    return head !== undefined && !isReserved(head) && this.#isMine(head);
  }

  async #complete(parts: PartedUpload): Promise<boolean> {
    await parts.add(joined(this.#pieces, this.#held));
    for (let failures = 0;;) {
      try {
        await parts.complete();
        return true;
      } catch (error) {
        if (await this.#isStored()) return true;
        if (++failures === TRIES) throw error;
        await pause(this.#pauses, failures, error);
      }
    }
  }
}

function tooLong({ name }: ObjectEngine): DiscoError {
  const message = `${name} stores more than ${PART} bytes only if their number is announced (Content-Length)`;
  return new DiscoError(message, { code: "unsupported" });
}

/** A blob that is sent while it comes. */
class StraightUpload {
  readonly #writer: WritableStreamDefaultWriter<Bytes>;
  readonly #put: Promise<boolean>;

  constructor(engine: ObjectEngine, key: string, size: number, metadata: Record<string, string>) {
    const { readable, writable } = new TransformStream<Bytes, Bytes>();
    this.#writer = writable.getWriter();
    this.#writer.closed.catch(() => {});
    // Elsewhere the name is reserved.
    const condition = engine.conditionalStreams ? { ifNoneMatch: "*" as const } : {};
    this.#put = engine.put(key, { stream: readable, size }, { metadata, ...condition })
      .then((answer) => answer !== "lost");
    this.#put.catch(() => {});
  }

  /** Sends bytes, unless the store has answered already. */
  async write(bytes: Bytes): Promise<void> {
    const written = this.#writer.write(bytes);
    written.catch(() => {});
    // Whoever has the answer does not read any more.
    await Promise.race([written.catch(() => this.#put), this.#put]);
  }

  async end(): Promise<boolean> {
    this.#writer.close().catch(() => {});
    return await this.#put;
  }

  async abort(): Promise<void> {
    await this.#writer.abort(new DiscoError("the blob was given up", { code: "source-failed" })).catch(() => {});
    await this.#put.catch(() => {});
  }
}

/** A blob that is sent in parts: one is on its way while the next one is gathered. */
class PartedUpload {
  readonly #upload: MultipartUpload;
  readonly #pauses: Pauses;
  readonly #stored: string[] = [];
  #last: Promise<unknown> = Promise.resolve();
  #count = 0;

  constructor(upload: MultipartUpload, pauses: Pauses) {
    this.#upload = upload;
    this.#pauses = pauses;
  }

  /** Sends a part, once the one before it is stored. */
  async add(bytes: Bytes): Promise<void> {
    await this.#last;
    const number = ++this.#count;
    if (bytes.length === 0 && number > 1) return;
    const sent = patient(this.#pauses, () => this.#upload.part(number, bytes), PART_LIMIT)
      .then((part) => this.#stored.push(part));
    sent.catch(() => {});
    this.#last = sent;
  }

  async complete(): Promise<void> {
    await this.#last;
    await timed(this.#pauses, () => this.#upload.complete(this.#stored), PART_LIMIT);
  }

  async abort(): Promise<void> {
    await this.#last.catch(() => {});
    await this.#upload.abort().catch(() => {});
  }
}
