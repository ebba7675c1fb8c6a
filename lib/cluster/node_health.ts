import type { Clock } from "../base/clock.ts";
import { isDown } from "../http/causes.ts";
import type { CommError } from "../errors.ts";
import { hostOf, nodeOf } from "../urls.ts";

/** Milliseconds that a node which does not answer is tried last, and gets no blobs. */
const ILL = 60_000;
/** The same for one that is silent again and again: it may be back at any time. */
const MOST_ILL = 120_000;
/** Milliseconds for which a silence says how a node is now. */
const NEWS = 10_000;
/** Milliseconds that a node may take at first until it shows a sign of life. */
const PATIENCE = 1_500;
/** The most times that this is doubled: 12 seconds. */
const MOST_DOUBLINGS = 3;
/** The most second requests that may be made in a hurry at a time. */
const MOST_HEDGES = 5;

/** Knowledge of a node. */
interface Node {
  /** The address that blobs are sent to, once the master has named it for a blob; reads go to others where the node has two ports. */
  isTarget: boolean;
  /** Until when it counts as dead. */
  illUntil: number;
  /** Until when it counts as slow. */
  slowUntil: number;
  /** When it answered last. */
  answeredAt: number;
  /** The number of times that it was silent since it answered last. */
  silences: number;
  /** When it was silent last. */
  silentAt: number;
  /** The number of requests to it that failed since it answered last. */
  failures: number;
}

/**
 * Remembers for all operations of a client which nodes do not answer or are slow, and how many second requests may be made in a hurry. A node is the
 * host and the port of its stored URLs; the port that its blobs are sent to belongs to it once it has stored one.
 */
export class NodeHealth {
  readonly #clock: Clock;
  readonly #port: string;
  readonly #nodes = new Map<string, Node>();
  #hedges = MOST_HEDGES;

  /**
   * Makes a memory for which all nodes are well.
   *
   * @param port The port of a `disco://` URL that has none.
   */
  constructor(clock: Clock, port: string) {
    this.#clock = clock;
    this.#port = port;
  }

  /** Notes that a request to a node failed. */
  failed(url: string, error: CommError): void {
    const { code, status, cause } = error;
    // Nobody was asked.
    if (code === "invalid-url") return;
    const node = this.#at(url);
    if (status > 0 && code !== "timeout") {
      // It lives; with 404 it lacks the blob, with another status it may be busy.
      if (status === 404) return this.answered(url);
      this.slow(url);
      // A proxy before it says that it does not answer; once, that may pass.
      if ((status === 502 || status === 504) && ++node.failures > 1) node.illUntil = this.#clock.now() + ILL;
    } else {
      node.failures++;
      if (code === "timeout") {
        node.silences++;
        node.silentAt = this.#clock.now();
      }
      // A single connection that broke may have been an idle one.
      const isIll = code === "timeout" || isDown(cause) || node.failures > 1;
      const until = this.#clock.now() + Math.min(MOST_ILL, Math.max(ILL, 20 * this.#patienceWith(node.silences)));
      node[isIll ? "illUntil" : "slowUntil"] = until;
    }
  }

  /** Notes that a node was overtaken: it is tried last for a while. */
  slow(url: string): void {
    this.#at(url).slowUntil = this.#clock.now() + ILL;
  }

  /** Notes that a node answered, which allows a tenth of a hedge. */
  answered(url: string): void {
    const fresh = {
      illUntil: -Infinity,
      slowUntil: -Infinity,
      answeredAt: this.#clock.now(),
      silentAt: -Infinity,
      silences: 0,
      failures: 0,
    };
    Object.assign(this.#at(url), fresh);
    this.#hedges = Math.min(MOST_HEDGES, this.#hedges + 0.1);
  }

  /** Notes which addresses the master named for a blob. */
  named(targets: readonly string[]): void {
    for (const target of targets) this.#at(target).isTarget = true;
  }

  /** Notes that a node stored what it was sent: the address that it was sent to and the stored URL are of one node. */
  stored(target: string, url: string): void {
    this.#nodes.set(nodeOf(url, this.#port), this.#at(target));
    this.answered(target);
  }

  /** Tells whether a node has not answered of late, neither where it is read from nor where blobs are sent to. */
  isIll(url: string): boolean {
    const now = this.#clock.now();
    const node = this.#at(url);
    if (node.illUntil > now) return true;
    if (!node.isTarget || node.answeredAt > -Infinity) return false;
    // Nothing is known of the port that blobs are sent to: what is known of its host counts.
    const others = this.#onHost(hostOf(url)).filter(({ isTarget }) => !isTarget);
    return others.length > 0 && others.every(({ illUntil }) => illUntil > now);
  }

  /** Tells whether a node was silent a moment ago, and since some time: to ask it again would take time, and bring nothing new. */
  isSilent(url: string, since: number): boolean {
    const { silentAt } = this.#at(url);
    return this.isIll(url) && silentAt >= since && silentAt > this.#clock.now() - NEWS;
  }

  /** Gives the hosts that the master has named for blobs and all of whose nodes are ill. */
  illHosts(): string[] {
    const hosts = new Map<string, boolean>();
    for (const [address, { isTarget }] of this.#nodes) {
      const host = hostOf(`http://${address}`);
      if (isTarget) hosts.set(host, (hosts.get(host) ?? true) && this.isIll(`http://${address}`));
    }
    return [...hosts].filter(([, isIll]) => isIll).map(([host]) => host);
  }

  /** Counts the ill nodes that the master has named for blobs and whose hosts have others that are well. */
  illBesideWell(): number {
    const hosts = this.illHosts();
    const urls = [...this.#nodes].filter(([, { isTarget }]) => isTarget).map(([address]) => `http://${address}`);
    return urls.filter((url) => this.isIll(url) && !hosts.includes(hostOf(url))).length;
  }

  /**
   * Gives the milliseconds that a node may take until it shows a sign of life: few at first, and twice as many after each silence, as it may be far away; nothing
   * for a node that has answered of late.
   *
   * @param since Silences before this time do not count.
   */
  patience(url: string, since: number = -Infinity): number | undefined {
    const node = this.#at(url);
    const { answeredAt } = node;
    const silences = node.silentAt >= since ? node.silences : 0;
    const isKnown = silences === 0 && answeredAt > this.#clock.now() - ILL;
    return isKnown ? undefined : this.#patienceWith(silences);
  }

  /** Gives URLs in the order to try them in: those on slow or ill nodes behind the others, and those to avoid last. */
  sorted(urls: readonly string[], avoid?: ReadonlySet<string>): string[] {
    const now = this.#clock.now();
    const rank = (url: string) => {
      const { illUntil, slowUntil } = this.#at(url);
      return (avoid?.has(url) ? 4 : 0) + (illUntil > now ? 2 : 0) + (slowUntil > now ? 1 : 0);
    };
    return [...urls].sort((one, other) => rank(one) - rank(other));
  }

  /** Takes one of the hedges that are allowed: in the long run one for ten answers. */
  takeHedge(): boolean {
    if (this.#hedges < 1) return false;
    this.#hedges--;
    return true;
  }

  /** Gives a hedge back that has won. */
  returnHedge(): void {
    this.#hedges++;
  }

  #patienceWith(silences: number): number {
    return PATIENCE * 2 ** Math.min(silences, MOST_DOUBLINGS);
  }

  #onHost(host: string): Node[] {
    const found = [...this.#nodes].filter(([address]) => hostOf(`http://${address}`) === host);
    return [...new Set(found.map(([, node]) => node))];
  }

  #at(url: string): Node {
    const address = nodeOf(url, this.#port);
    const never = { illUntil: -Infinity, slowUntil: -Infinity, answeredAt: -Infinity, silentAt: -Infinity };
    const node = this.#nodes.get(address) ?? { ...never, isTarget: false, silences: 0, failures: 0 };
    this.#nodes.set(address, node);
    return node;
  }
}
