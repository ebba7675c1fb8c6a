import { announcedSize } from "./bodies.ts";
import { sleep, TimeUp } from "./clock.ts";
import type { Cluster } from "./cluster.ts";
import { CommError, DataError, withoutTokens } from "./errors.ts";
import { isPassing } from "./transport.ts";

/** A blob that is being read. */
export interface OpenBlob {
  /** The replica that answered first. */
  readonly url: string;
  /** The blob's size in bytes, where the server says it. */
  readonly size: number | undefined;
  /** The headers of the first answer. */
  readonly headers: Headers;
  /** Its bytes from the asked position on; goes on with another replica when one fails. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** How a blob is opened. */
export interface OpenOptions {
  /** The first byte to read, counted from 0. */
  readonly start?: number;
  /** Replicas not to read from, unless there is no other. */
  readonly avoid?: ReadonlySet<string>;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

interface Answer {
  readonly replica: string;
  readonly response: Response;
  /** Where in the blob its body begins. */
  readonly start: number;
  /** The blob's whole size, if it is known. */
  readonly size: number | undefined;
  /** Ends the request. */
  readonly abort: (reason: unknown) => void;
}

/**
 * Opens one of a blob's replicas: hosts that failed of late last, the next one on an error, a second one when the first byte is slow. What fails
 * later, while the bytes are read, goes on where it was on another replica.
 *
 * @param cluster The cluster.
 * @param replicas The URLs of the blob.
 * @param options Where to start, what to avoid.
 * @throws {CommError} If no replica can be opened; the message has the reason of each.
 * @see PROTOCOL "Blob GET and HEAD"
 */
export async function openBlob(
  cluster: Cluster,
  replicas: readonly string[],
  options: OpenOptions = {},
): Promise<OpenBlob> {
  const first = await firstAnswer(cluster, replicas, options);
  return {
    url: first.replica,
    size: first.size,
    headers: first.response.headers,
    stream: continued(cluster, replicas, first, options),
  };
}

/** The bytes of a blob over as many replicas as it takes; no byte is delivered twice. */
function continued(
  cluster: Cluster,
  replicas: readonly string[],
  first: Answer,
  { start = 0, avoid = new Set(), signal }: OpenOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { settings } = cluster.transport;
  const mostFailures = replicas.length * (settings.retries + 1);
  const failed = new Set(avoid);
  let answer = first;
  let reader = answer.response.body?.getReader();
  let position = answer.start;
  let wanted = start;
  let failures = 0;
  let ended = false;

  const goOn = async (cause: unknown): Promise<void> => {
    signal?.throwIfAborted();
    answer.abort(cause);
    cluster.health.failed(answer.replica);
    failed.add(answer.replica);
    failures++;
    const error = cause instanceof DataError ? cause : new CommError(
      `GET ${answer.replica}: broken off at byte ${position}${answer.size === undefined ? "" : ` of ${answer.size}`}: ${
        cause instanceof Error ? cause.message : String(cause)
      }`,
      { code: cause instanceof TimeUp ? "timeout" : "unreachable", url: answer.replica, cause },
    );
    if (failures >= mostFailures) throw error;
    settings.onEvent({ type: "failover", url: error.url, attempt: failures, status: 0, delay: 0, cause: error });
    const other = await firstAnswer(cluster, replicas, { start: wanted, avoid: failed, signal });
    // A replica that broke off where the other one ends had announced too much, but gave all.
    if (answer.size !== undefined && other.size !== undefined && ![answer.size, wanted].includes(other.size)) {
      other.abort(error);
      const sizes = `${answer.size} bytes at ${answer.replica}, ${other.size} at ${other.replica}`;
      throw new DataError(`The replicas of a blob differ in size: ${sizes}`, {
        code: "bad-answer",
        url: other.replica,
        cause: error,
      });
    }
    answer = other;
    reader = answer.response.body?.getReader();
    position = answer.start;
  };

  /** The next bytes that were not delivered yet, or nothing when there are none among those that came. */
  const next = async (): Promise<Uint8Array<ArrayBuffer> | "end" | undefined> => {
    const read = await reader?.read();
    if (read === undefined || read.done) {
      if (answer.size !== undefined && position !== answer.size) throw new TypeError("the answer is too short");
      return "end";
    }
    const value = read.value as Uint8Array<ArrayBuffer>;
    position += value.length;
    if (answer.size !== undefined && position > answer.size) throw new TypeError("the answer is too long");
    const fresh = position - wanted;
    if (fresh <= 0) return undefined;
    wanted = position;
    return fresh === value.length ? value : value.subarray(value.length - fresh);
  };

  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      for (;;) {
        const value = await next().catch(async (cause) => {
          // An error here ends the stream: no replica was found to go on with.
          if (!ended) await goOn(cause);
        });
        if (ended) return;
        if (value === "end") {
          answer.abort("read to its end");
          return controller.close();
        }
        if (value !== undefined) return controller.enqueue(value);
      }
    },
    async cancel(reason) {
      ended = true;
      await reader?.cancel(reason).catch(() => {});
      answer.abort(reason);
    },
  }, { highWaterMark: 0 });
}

/** The first good answer of any replica, in a few rounds with pauses. */
async function firstAnswer(cluster: Cluster, replicas: readonly string[], options: OpenOptions): Promise<Answer> {
  const { transport } = cluster;
  const { avoid = new Set<string>() } = options;
  for (let attempt = 1;; attempt++) {
    const sorted = cluster.health.sorted(replicas);
    const order = [...sorted.filter((url) => !avoid.has(url)), ...sorted.filter((url) => avoid.has(url))];
    const errors: CommError[] = [];
    const answer = await race(cluster, order, options, errors);
    if (answer !== undefined) return answer;
    const error = noneLeft(replicas, errors);
    const passing = errors.find(isPassing);
    if (passing === undefined || attempt > transport.settings.retries) throw error;
    const delay = transport.pause(attempt, passing);
    transport.settings.onEvent({ type: "retry", url: error.url, attempt, status: error.status, delay, cause: error });
    await sleep(transport.settings.clock, delay, options.signal);
  }
}

/** Asks one replica after the other; while one is slow to answer, the next one too. The first that answers wins, the others are called off. */
function race(
  cluster: Cluster,
  order: readonly string[],
  options: OpenOptions,
  errors: CommError[],
): Promise<Answer | undefined> {
  const { clock, onEvent } = cluster.transport.settings;
  const running = new Map<string, AbortController>();
  return new Promise((resolve, reject) => {
    let next = 0;
    let cancelTimer = () => {};
    const settle = (finish: () => void, winner?: string) => {
      cancelTimer();
      for (const [url, controller] of running) {
        controller.abort(new DOMException("another replica was faster", "AbortError"));
        // Only who lost in spite of a head start is slow.
        if (winner !== undefined && order.indexOf(url) < order.indexOf(winner)) cluster.health.failed(url);
      }
      running.clear();
      finish();
    };
    const ask = () => {
      const replica = order[next++];
      if (replica === undefined) {
        if (running.size === 0) settle(() => resolve(undefined));
        return;
      }
      const controller = new AbortController();
      running.set(replica, controller);
      ask1(cluster, replica, options, controller).then((answer) => {
        if (!running.delete(replica)) return answer.abort("another replica was faster");
        cluster.health.answered(replica);
        settle(() => resolve(answer), replica);
      }, (error) => {
        if (!running.delete(replica)) return;
        if (!(error instanceof CommError)) return settle(() => reject(error));
        cluster.health.failed(replica);
        errors.push(error);
        const another = order[next];
        if (another !== undefined && running.size === 0) {
          onEvent({
            type: "failover",
            url: error.url,
            attempt: errors.length,
            status: error.status,
            delay: 0,
            cause: error,
          });
        }
        if (running.size === 0) ask();
      });
      cancelTimer();
      if (cluster.hedgeAfter > 0 && next < order.length) cancelTimer = clock.after(cluster.hedgeAfter, hedge);
    };
    const hedge = () => {
      if (running.size === 0 || next >= order.length || !cluster.health.takeHedge()) return;
      const [url = ""] = running.keys();
      onEvent({ type: "hedge", url: withoutTokens(url), attempt: next, status: 0, delay: 0, cause: undefined });
      ask();
    };
    ask();
  });
}

/** Asks one replica. */
async function ask1(
  cluster: Cluster,
  replica: string,
  options: OpenOptions,
  controller: AbortController,
): Promise<Answer> {
  const { start = 0, signal } = options;
  const url = cluster.resolve(replica);
  const abort = (reason: unknown) => controller.abort(reason);
  // The body obeys the caller's signal too; the listener goes when the request has ended.
  const follow = () => abort(signal?.reason);
  signal?.throwIfAborted();
  signal?.addEventListener("abort", follow, { once: true });
  controller.signal.addEventListener("abort", () => signal?.removeEventListener("abort", follow), { once: true });
  try {
    const headers: Record<string, string> = start > 0 ? { range: `bytes=${start}-` } : {};
    const call = { method: "GET", url, toMaster: false, repeatable: true, headers, signal: controller.signal } as const;
    const response = await cluster.transport.send(call);
    const said = response.headers.get("content-range");
    const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(said ?? "");
    const position = response.status === 206 ? Number(range?.[1] ?? NaN) : 0;
    if (!(position <= start)) {
      const message = `GET ${url}: asked for the bytes from ${start} on, the answer is for ${said}`;
      throw new CommError(message, { code: "bad-answer", url, status: response.status });
    }
    return {
      replica,
      response,
      start: position,
      size: range === null ? announcedSize(response) : Number(range[2]),
      abort,
    };
  } catch (error) {
    abort(error);
    throw error;
  }
}

function noneLeft(replicas: readonly string[], errors: readonly CommError[]): CommError {
  const [only] = errors;
  if (only !== undefined && errors.length === 1) return only;
  const last = errors.find((error) => error.code !== "not-found") ?? only;
  const reasons = errors.map((error) => `  ${error.message}`).join("\n");
  return new CommError(
    replicas.length === 0
      ? "A blob without replicas cannot be read"
      : `None of the ${replicas.length} replicas of a blob can be read:\n${reasons}`,
    { code: last?.code ?? "not-found", url: last?.url ?? "", status: last?.status ?? 0, cause: last },
  );
}
