import { onAbort } from "../base/abort.ts";
import { pulledStream } from "../base/streams.ts";
import type { Cluster } from "./cluster.ts";
import { CommError, DataError } from "../errors.ts";
import { firstAnswer, type OpenOptions, type ReplicaAnswer } from "./first_answer.ts";
import { Versions } from "./versions.ts";
import { requestError } from "../http/error_answer.ts";
import type { Retries } from "../http/retry.ts";
import { type StallTimer, stallTimer } from "../http/stall_timer.ts";

/** A blob that is being read. */
export interface OpenBlob {
  /** The replica that answered first. */
  readonly url: string;
  /** The blob's size in bytes, where the server says it. */
  readonly size: number | undefined;
  /** Its bytes from the asked position on; goes on with another replica when one fails. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/**
 * Opens one of a blob's replicas: nodes that failed of late last, the next one on an error, a second one when the first byte is slow. What fails
 * or is slow later, while the bytes are read, goes on where it was on another replica.
 *
 * @param replicas The URLs of the blob.
 * @param options Where to start, what to avoid.
 * @throws {CommError} If no replica can be opened; the message has the reason of each.
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#reading-a-blob PROTOCOL: Reading a blob}
 */
export async function openBlob(
  cluster: Cluster,
  replicas: readonly string[],
  options: OpenOptions = {},
): Promise<OpenBlob> {
  const first = await firstAnswer(cluster, replicas, options);
  return { url: first.url, size: first.size, stream: blobStream(cluster, replicas, options, first) };
}

/**
 * Gives the bytes of a blob, from as many replicas as it takes; no byte is delivered twice.
 *
 * @param replicas The URLs of the blob.
 * @param options Where to start, what to avoid.
 * @param first The first answer; without one the blob is opened when it is read.
 */
export function blobStream(
  cluster: Cluster,
  replicas: readonly string[],
  options: OpenOptions,
  first?: ReplicaAnswer,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = new BlobReader(cluster, replicas, options, first);
  return pulledStream(() => reader.next(), (reason) => reader.end(reason));
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Reads a blob, from one replica as long as that is well. */
class BlobReader {
  readonly #cluster: Cluster;
  readonly #replicas: readonly string[];
  readonly #options: OpenOptions;
  readonly #retries: Retries;
  /** Tells when the answer is slow; nothing where no other replica could be asked. */
  readonly #pace: Pace | undefined;
  #failed: Set<string>;
  readonly #versions = new Versions();
  /** The size of the whole, once some answer has said it: others may not. */
  #size: number | undefined;
  #answer: ReplicaAnswer | undefined;
  #position: number;
  #failures = 0;
  #isEnded = false;
  /** Lets go of the caller's signal, for a rival that took over. */
  #release = () => {};
  /** Ends the request to another replica, while the present one is slow. */
  #rival: AbortController | undefined;
  /** The bytes of a rival that took over while nobody was reading. */
  #ready: Bytes | undefined;
  /** Takes the next bytes, while somebody is reading. */
  #deliver: ((part: Bytes | undefined) => void) | undefined;

  constructor(cluster: Cluster, replicas: readonly string[], options: OpenOptions, first: ReplicaAnswer | undefined) {
    const { transport, hedgeAfter } = cluster;
    this.#cluster = cluster;
    this.#replicas = replicas;
    this.#options = options;
    this.#failed = new Set(options.avoid);
    this.#position = options.start ?? 0;
    this.#retries = transport.retries({});
    this.#size = options.size;
    this.#answer = first && this.#noted(first);
    if (replicas.length > 1 && hedgeAfter > 0) {
      const { clock } = transport.settings;
      this.#pace = new Pace(
        hedgeAfter,
        (onStall) => stallTimer(clock, hedgeAfter, onStall),
        () => void this.#compete(),
      );
    }
  }

  /** Gives the next bytes; `undefined` at the end. */
  async next(): Promise<Bytes | undefined> {
    const failed = (error: unknown) => {
      this.end(error);
      throw error;
    };
    const { end = Infinity } = this.#options;
    while (!this.#isEnded && this.#position < end) {
      const answer = this.#answer ??= this.#noted(await this.#open().catch(failed));
      try {
        const read = await this.#read(answer);
        if (this.#pace === undefined) this.#position += read?.length ?? 0;
        // A server that knows no ranges gives more than is wanted.
        const part = this.#position > end ? read?.subarray(0, read.length - (this.#position - end)) : read;
        const size = answer.size ?? this.#size ?? 0;
        if (part === undefined && this.#position < Math.min(end, size)) {
          throw requestError(answer, `its part ends at byte ${this.#position} of ${size}`, "bad-answer");
        }
        if (part === undefined) this.#answer = undefined;
        if (part === undefined) break;
        if (part.length === 0) continue;
        this.#retries.reset();
        return part;
      } catch (cause) {
        if (this.#isEnded) break;
        this.#answer = await this.#goOn(answer, cause).catch(failed);
      }
    }
    this.end(undefined);
    return undefined;
  }

  #noted(answer: ReplicaAnswer): ReplicaAnswer {
    this.#size = answer.size ?? this.#size;
    return this.#versions.noted(answer);
  }

  /** Ends all that is under way. */
  end(reason: unknown): void {
    this.#isEnded = true;
    this.#pace?.stop();
    this.#rival?.abort(reason);
    this.#answer?.end(reason);
    this.#release();
  }

  #open(replicas: readonly string[] = this.#replicas, signal = this.#options.signal): Promise<ReplicaAnswer> {
    const { start = 0, end, hastySince } = this.#options;
    const isLater = this.#position > start;
    const version = (url: string) => this.#versions.condition(url);
    const options = { start: this.#position, isLater, end, version, avoid: this.#failed, hastySince, signal };
    return firstAnswer(this.#cluster, replicas, options);
  }

  /** Gives the next bytes of an answer, or of the rival that overtakes it. Each function that waits for a part keeps its memory longer. */
  #read(answer: ReplicaAnswer): Promise<Bytes | undefined> {
    const ready = this.#ready;
    if (ready === undefined) return this.#pace ? this.#race(answer, this.#pace) : answer.read();
    this.#ready = undefined;
    return Promise.resolve(ready);
  }

  #race(answer: ReplicaAnswer, pace: Pace): Promise<Bytes | undefined> {
    return new Promise((resolve, reject) => {
      const ended = pace.begin();
      // Whoever comes first delivers, and moves the position at once: no byte comes twice.
      const deliver = this.#deliver = (part) => {
        if (this.#deliver !== deliver) return;
        this.#deliver = undefined;
        this.#position += part?.length ?? 0;
        ended(part?.length);
        resolve(part);
      };
      answer.read().then(deliver, (error) => {
        if (this.#deliver !== deliver) return;
        this.#deliver = undefined;
        ended();
        reject(error);
      });
    });
  }

  /** Asks another replica, since the present one is slow; it takes over once it gives bytes that the present one has not given. */
  async #compete(): Promise<void> {
    const { transport, health } = this.#cluster;
    const own = this.#answer;
    if (this.#isEnded || this.#rival || !own || !health.takeHedge()) return;
    const stop = this.#rival = new AbortController();
    const release = onAbort(this.#options.signal, (reason) => stop.abort(reason));
    let at = this.#position;
    try {
      const about = requestError(
        { url: own.url },
        `slow at byte ${at}: less than a byte a millisecond came`,
        "timeout",
      );
      transport.tell({ type: "hedge", about, attempt: 1 });
      const rival = await this.#open(this.#replicas.filter((url) => url !== own.url), stop.signal);
      const isSameSize = [own.size ?? rival.size, undefined].includes(rival.size) && this.#versions.isKnown(rival);
      for (let part = isSameSize ? await rival.read() : undefined; part; part = await rival.read()) {
        at += part.length;
        if (this.#isEnded || this.#answer !== own || stop.signal.aborted) break;
        if (at <= this.#position) continue;
        const fresh = part.subarray(part.length - (at - this.#position));
        health.slow(own.url);
        health.returnHedge();
        this.#pace?.restart();
        this.#answer = this.#noted(rival);
        this.#rival = undefined;
        this.#release();
        this.#release = release;
        if (this.#deliver) this.#deliver(fresh);
        else {
          this.#position += fresh.length;
          this.#ready = fresh;
        }
        own.end();
        return;
      }
      rival.end();
    } catch {
      // The present one goes on.
    } finally {
      if (this.#rival === stop) this.#rival = undefined;
      if (this.#release !== release) release();
    }
  }

  /** Gets another answer in place of one that failed. */
  async #goOn(last: ReplicaAnswer, cause: unknown): Promise<ReplicaAnswer> {
    const { transport, health } = this.#cluster;
    const { signal, hastySince } = this.#options;
    last.end(cause);
    this.#rival?.abort(cause);
    this.#pace?.restart();
    if (signal?.aborted || !(cause instanceof CommError)) throw cause;
    health.failed(last.url, cause);
    // Where all have failed, the others are tried before this one once more.
    if (this.#replicas.every((url) => this.#failed.has(url))) this.#failed = new Set(this.#options.avoid);
    this.#failed.add(last.url);
    const attempt = ++this.#failures;
    if (hastySince !== undefined && (attempt > 1 || cause.code === "timeout")) throw cause;
    transport.tell({ type: "failover", about: cause, attempt });
    // Every replica has failed once more, and no byte has come meanwhile.
    if (attempt % this.#replicas.length === 0) await this.#retries.next(cause, signal, true);
    const next = await this.#open();
    if (this.#position === (this.#options.start ?? 0)) return this.#noted(next);
    if (!this.#versions.isKnown(next)) {
      const { url } = next;
      next.end(cause);
      const message = `Cannot read ${url} after ${this.#position} bytes: it changed meanwhile; read it anew`;
      throw new DataError(message, { code: "source-failed", url, cause });
    }
    this.#noted(next);
    // A replica that broke off where the other one ends had announced too much, but gave all.
    if ([last.size ?? next.size, this.#position, undefined].includes(next.size)) return next;
    next.end(cause);
    const what = `the replicas differ in size: ${next.size} bytes, ${last.size} at ${last.url}`;
    throw requestError(next, what, "bad-answer", { cause });
  }
}

/** Tells when bytes come more slowly than one a millisecond, over more than some time. Time in which nobody reads does not count. */
class Pace {
  readonly #most: number;
  readonly #timer: StallTimer;
  readonly #onSlow: () => void;
  #waited = 0;
  #bytes = 0;
  #answer = 0;

  constructor(most: number, timer: (onStall: () => void) => StallTimer, onSlow: () => void) {
    this.#most = most;
    this.#onSlow = onSlow;
    this.#timer = timer(onSlow);
  }

  /** Begins a wait; returns a function that ends it, with the number of bytes that came: none at the end of the blob. */
  begin(): (bytes?: number) => void {
    const before = this.#waited;
    const answer = this.#answer;
    const ended = this.#timer.begin(Math.min(before, this.#most));
    return (bytes) => {
      const waited = Math.max(before, ended());
      if (bytes === undefined || answer !== this.#answer) return;
      this.#waited = waited;
      this.#bytes += bytes;
      if (this.#bytes >= waited) this.#waited = this.#bytes = 0;
      else if (waited >= this.#most) this.#onSlow();
    };
  }

  /** Begins anew, with another answer. */
  restart(): void {
    this.#answer++;
    this.#waited = this.#bytes = 0;
  }

  stop(): void {
    this.#timer.stop();
  }
}
