import { timeUp } from "../base/clock.ts";
import type { Answer } from "../http/call.ts";
import type { Cluster } from "./cluster.ts";
import { partFrom, rangeHeaders } from "./byte_ranges.ts";
import { CommError } from "../errors.ts";
import { requestError } from "../http/error_answer.ts";
import { lifeWatch } from "../http/life_watch.ts";
import { isPassing } from "../http/retry.ts";

/** Options for opening a blob. */
export interface OpenOptions {
  /** HEAD for the size alone; GET by default. */
  readonly method?: "GET" | "HEAD";
  /** The first byte to read, counted from 0. */
  readonly start?: number;
  /** True if what is before it was read already: an answer that ends there is too short. */
  readonly isLater?: boolean;
  /** The size of the whole, where an earlier answer has said it. */
  readonly size?: number | undefined;
  /** One past the last byte to read; by default all are read. */
  readonly end?: number | undefined;
  /** Tells the version that the bytes from a replica are to be of. */
  readonly version?: (url: string) => string | undefined;
  /** Replicas not to read from, unless there is no other. */
  readonly avoid?: ReadonlySet<string>;
  /**
   * Asks each node once, and none that has been silent since this time: for a caller that wants to know how each replica is. In milliseconds of the
   * client's clock; without it, nodes are waited for.
   */
  readonly hastySince?: number | undefined;
  /** Ends it. */
  readonly signal?: AbortSignal | undefined;
}

/** The answer of a replica. */
export interface ReplicaAnswer extends Answer {
  /** The URL of the replica, as it is stored. */
  readonly url: string;
}

/**
 * Gets the first good answer of any replica, in rounds with pauses. Each round asks one replica after the other; while one is slow to answer, the next one,
 * too. The first that answers wins, the others are called off.
 *
 * @throws {CommError} If none can be opened.
 */
export async function firstAnswer(
  cluster: Cluster,
  replicas: readonly string[],
  options: OpenOptions,
): Promise<ReplicaAnswer> {
  const { avoid, hastySince, signal } = options;
  const retries = cluster.transport.retries({});
  for (let round = 1;; round++) {
    const order = cluster.health.sorted(replicas, avoid);
    try {
      return await new Round(cluster, order, options).run();
    } catch (error) {
      // A connection that broke is worth a second try at once; all else is a wait.
      const isBroken = error instanceof CommError && error.code === "unreachable" && isPassing(error);
      await retries.next(error, signal, hastySince === undefined ? undefined : isBroken && round === 1);
    }
  }
}

/** A round over the replicas of a blob. */
class Round {
  readonly #cluster: Cluster;
  readonly #order: readonly string[];
  readonly #options: OpenOptions;
  readonly #running = new Map<string, AbortController>();
  readonly #errors: CommError[] = [];
  #asked = 0;
  #cancelHedge = () => {};
  #resolve!: (answer: ReplicaAnswer) => void;
  #reject!: (error: unknown) => void;

  constructor(cluster: Cluster, order: readonly string[], options: OpenOptions) {
    this.#cluster = cluster;
    this.#order = order;
    this.#options = options;
  }

  run(): Promise<ReplicaAnswer> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#askNext();
    });
  }

  /** Asks the next replica; without one left, the round has failed. */
  #askNext(): void {
    const url = this.#order[this.#asked++];
    if (url === undefined) return this.#settle(() => this.#reject(noneLeft(this.#errors)));
    this.#ask(url).catch((error) => this.#settle(() => this.#reject(error)));
  }

  async #ask(url: string): Promise<void> {
    const { health } = this.#cluster;
    const attempt = new AbortController();
    this.#running.set(url, attempt);
    this.#awaitHedge();
    try {
      const answer = await this.#send(url, attempt);
      if (!this.#running.delete(url)) return answer.end();
      health.answered(url);
      this.#overtake(url);
      this.#settle(() => this.#resolve({ ...answer, url }));
    } catch (error) {
      if (!this.#running.delete(url)) return;
      if (this.#options.signal?.aborted || !(error instanceof CommError)) throw error;
      health.failed(url, error);
      this.#errors.push(error);
      if (this.#running.size > 0) return;
      const { transport } = this.#cluster;
      const attempt = this.#errors.length;
      if (this.#asked < this.#order.length) transport.tell({ type: "failover", about: error, attempt });
      this.#askNext();
    }
  }

  async #send(url: string, attempt: AbortController): Promise<Answer> {
    const { transport, health } = this.#cluster;
    const { method = "GET", start = 0, isLater, end, version, hastySince, signal } = this.#options;
    const target = this.#cluster.resolve(url);
    if (hastySince !== undefined && health.isSilent(url, hastySince)) {
      throw requestError({ method, url: target }, "its node does not answer, as was found out before", "unreachable");
    }
    const limit = lifeWatch(transport, target, { first: health.patience(url, hastySince) });
    const headers = (to: URL) => rangeHeaders(to, start, end, version?.(url));
    const answer = await transport.send({ method, url: target, headers, limit, signal }, attempt);
    return partFrom(answer, { method, url: target, start, isLater });
  }

  /** Sees to it that another replica is asked, too, when none has answered for a while. */
  #awaitHedge(): void {
    const { transport, hedgeAfter } = this.#cluster;
    this.#cancelHedge();
    if (hedgeAfter === 0 || this.#asked >= this.#order.length) return;
    this.#cancelHedge = transport.settings.clock.after(hedgeAfter, () => {
      if (this.#cluster.health.takeHedge()) this.#hedge();
    });
  }

  #hedge(): void {
    const { transport, hedgeAfter } = this.#cluster;
    const [url = ""] = this.#running.keys();
    const about = requestError({ url }, timeUp(hedgeAfter).message, "timeout");
    try {
      transport.tell({ type: "hedge", about, attempt: this.#asked });
    } catch (error) {
      return this.#settle(() => this.#reject(error));
    }
    this.#askNext();
  }

  /** Notes which replicas have lost in spite of a head start: only those are slow. A hedge that has won costs nothing. */
  #overtake(winner: string): void {
    const { health } = this.#cluster;
    const place = this.#order.indexOf(winner);
    const slow = [...this.#running.keys()].filter((url) => this.#order.indexOf(url) < place);
    for (const url of slow) health.slow(url);
    if (slow.length > 0) health.returnHedge();
  }

  /** Ends the round. */
  #settle(how: () => void): void {
    this.#cancelHedge();
    for (const attempt of this.#running.values()) attempt.abort();
    this.#running.clear();
    how();
  }
}

/** Of several errors the one that says most: one that may pass, else any but that a replica is missing. */
function noneLeft(errors: readonly CommError[]): CommError {
  const last = errors.find((error) => isPassing(error)) ?? errors.find(({ code }) => code !== "not-found") ?? errors[0];
  if (last && errors.length === 1) return last;
  const reasons = errors.map(({ message }) => message).join("\n  ");
  return new CommError(`None of the ${errors.length} replicas can be read:\n  ${reasons}`, {
    ...{ code: "not-found", url: "", ...last },
    cause: last,
  });
}
