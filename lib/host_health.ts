import type { Clock } from "./clock.ts";
import { hostOf } from "./urls.ts";

const MOST_HEDGES = 5;

/** Remembers which hosts failed or were slow, and how many second requests may be made in a hurry. */
export class HostHealth {
  readonly #clock: Clock;
  readonly #until = new Map<string, number>();
  #hedges = MOST_HEDGES;

  /** Makes one for which all hosts are well. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes that a host failed: it is tried last for a minute. */
  failed(url: string): void {
    this.#until.set(hostOf(url), this.#clock.now() + 60_000);
  }

  /** Notes that a host answered, which allows a tenth of a hedge. */
  answered(url: string): void {
    this.#until.delete(hostOf(url));
    this.#hedges = Math.min(MOST_HEDGES, this.#hedges + 0.1);
  }

  /** The URLs, those on hosts that failed of late behind the others, and those to avoid last. */
  sorted(urls: readonly string[], avoid?: ReadonlySet<string>): string[] {
    const now = this.#clock.now();
    const isIll = (url: string) => (this.#until.get(hostOf(url)) ?? 0) > now;
    const rank = (url: string) => (avoid?.has(url) ? 2 : 0) + (isIll(url) ? 1 : 0);
    return [...urls].sort((one, other) => rank(one) - rank(other));
  }

  /** Takes one of the hedges that are allowed: in the long run one for ten answers. */
  takeHedge(): boolean {
    if (this.#hedges < 1) return false;
    this.#hedges--;
    return true;
  }
}
