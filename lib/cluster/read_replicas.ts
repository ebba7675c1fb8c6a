import { timeUp } from "../base/clock.ts";
import type { Cluster } from "./cluster.ts";
import { CommError } from "../errors.ts";
import type { Answer } from "../http/call.ts";
import { requestError } from "../http/error_answer.ts";
import { isPassing } from "../http/retry.ts";
import { resolveUrl } from "../urls.ts";

/** A blob that is being read. */
export interface OpenBlob {
  /** The replica that answered first. */
  readonly url: string;
  /** The blob's size in bytes, where the server says it. */
  readonly size: number | undefined;
  /** Its bytes from the asked position on; goes on with another replica when one fails. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Options for opening a blob. */
export interface OpenOptions {
  /** HEAD for the size alone; GET by default. */
  readonly method?: "GET" | "HEAD";
  /** The first byte to read, counted from 0. */
  readonly start?: number;
  /** Replicas not to read from, unless there is no other. */
  readonly avoid?: ReadonlySet<string>;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** The answer of a replica. */
export interface ReplicaAnswer extends Answer {
  /** The URL of the replica, as it is stored. */
  readonly url: string;
}

/**
 * Opens one of a blob's replicas: hosts that failed of late last, the next one on an error, a second one when the first byte is slow. What fails
 * later, while the bytes are read, goes on where it was on another replica.
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
  { start = 0, avoid, signal }: OpenOptions,
  first?: ReplicaAnswer,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { transport, health } = cluster;
  const failed = new Set(avoid);
  let answer = first;
  let position = start;
  let failures = 0;
  const retries = transport.retries({});
  let isCancelled = false;
  const open = () => firstAnswer(cluster, replicas, { start: position, avoid: failed, signal });

  /** Another answer in place of one that failed. */
  const goOn = async (last: ReplicaAnswer, cause: unknown): Promise<ReplicaAnswer> => {
    last.end(cause);
    if (signal?.aborted || !(cause instanceof CommError)) throw cause;
    health.failed(last.url);
    failed.add(last.url);
    transport.tell({ type: "failover", about: cause, attempt: ++failures });
    // Every replica has failed once more, and no byte has come meanwhile.
    if (failures % replicas.length === 0) await retries.next(cause, signal, true);
    const next = await open();
    // A replica that broke off where the other one ends had announced too much, but gave all.
    if ([last.size ?? next.size, position, undefined].includes(next.size)) return next;
    next.end(cause);
    throw requestError(
      next,
      `the replicas differ in size: ${next.size} bytes, ${last.size} at ${last.url}`,
      "bad-answer",
      { cause },
    );
  };

  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      answer ??= await open();
      while (!isCancelled) {
        try {
          const part = await answer.read();
          if (!part) return controller.close();
          position += part.length;
          if (part.length > 0) retries.reset();
          if (part.length > 0) return controller.enqueue(part);
        } catch (cause) {
          if (!isCancelled) answer = await goOn(answer, cause);
        }
      }
      answer.end();
    },
    cancel(reason) {
      isCancelled = true;
      answer?.end(reason);
    },
  }, { highWaterMark: 0 });
}

/**
 * Gets the first good answer of any replica, in a few rounds with pauses. Each round asks one replica after the other; while one is slow to answer, the next one
 * too. The first that answers wins, the others are called off.
 *
 * @throws {CommError} If none can be opened.
 */
export function firstAnswer(
  cluster: Cluster,
  replicas: readonly string[],
  { method, start = 0, avoid, signal }: OpenOptions,
): Promise<ReplicaAnswer> {
  const { transport, health, hedgeAfter } = cluster;
  return transport.repeat({ signal }, () => {
    const order = health.sorted(replicas, avoid);
    const running = new Map<string, AbortController>();
    const errors: CommError[] = [];
    let asked = 0;
    let cancelHedge = () => {};
    return new Promise((resolve, reject) => {
      const settle = <T>(how: (value: T) => void, value: T) => {
        cancelHedge();
        for (const attempt of running.values()) attempt.abort();
        running.clear();
        how(value);
      };
      const ask = async () => {
        const url = order[asked++];
        if (url === undefined) return settle(reject, noneLeft(errors));
        const attempt = new AbortController();
        running.set(url, attempt);
        cancelHedge();
        if (hedgeAfter > 0 && asked < order.length) cancelHedge = transport.settings.clock.after(hedgeAfter, hedge);
        try {
          const answer = await transport.send(
            { method: method ?? "GET", url: resolveUrl(url, cluster.port), start, signal },
            attempt,
          );
          if (!running.delete(url)) return answer.end();
          health.answered(url);
          // Only who lost in spite of a head start is slow.
          for (const slow of running.keys()) if (order.indexOf(slow) < order.indexOf(url)) health.failed(slow);
          settle(resolve, { ...answer, url });
        } catch (error) {
          if (!running.delete(url)) return;
          if (signal?.aborted || !(error instanceof CommError)) return settle(reject, error);
          health.failed(url);
          errors.push(error);
          if (running.size > 0) return;
          if (asked < order.length) transport.tell({ type: "failover", about: error, attempt: errors.length });
          ask();
        }
      };
      const hedge = () => {
        const [url = ""] = running.keys();
        if (!health.takeHedge()) return;
        const about = requestError({ url }, timeUp(hedgeAfter).message, "timeout");
        transport.tell({ type: "hedge", about, attempt: asked });
        ask();
      };
      ask();
    });
  });
}

/** Of several errors the one that says most: one that may pass, else any but that a replica is missing. */
function noneLeft(errors: readonly CommError[]): CommError {
  const last = errors.find(isPassing) ?? errors.find(({ code }) => code !== "not-found") ?? errors[0];
  if (last && errors.length === 1) return last;
  const reasons = errors.map(({ message }) => message).join("\n  ");
  return new CommError(`None of the ${errors.length} replicas can be read:\n  ${reasons}`, {
    ...{ code: "not-found", url: "", ...last },
    cause: last,
  });
}
