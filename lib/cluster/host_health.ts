import type { Clock } from "../base/clock.ts";
import { hostOf } from "../urls.ts";

/** Remembers which hosts failed or were slow, and how many second requests may be made in a hurry. */
export interface HostHealth {
  /** Notes that a host failed: it is tried last for a minute. */
  failed(url: string): void;
  /** Notes that a host answered, which allows a tenth of a hedge. */
  answered(url: string): void;
  /** Sorts URLs: those on hosts that failed recently come behind the others, and those to avoid come last. */
  sorted(urls: readonly string[], avoid?: ReadonlySet<string>): string[];
  /** Takes one of the hedges that are allowed: in the long run one for ten answers. */
  takeHedge(): boolean;
}

/** Makes a memory for which all hosts are well. */
export function hostHealth(clock: Clock): HostHealth {
  const mostHedges = 5;
  const illUntil = new Map<string, number>();
  let hedges = mostHedges;
  return {
    failed(url) {
      illUntil.set(hostOf(url), clock.now() + 60_000);
    },
    answered(url) {
      illUntil.delete(hostOf(url));
      hedges = Math.min(mostHedges, hedges + 0.1);
    },
    sorted(urls, avoid) {
      const now = clock.now();
      const rank = (url: string) => (avoid?.has(url) ? 2 : 0) + (Number(illUntil.get(hostOf(url))) > now ? 1 : 0);
      return [...urls].sort((one, other) => rank(one) - rank(other));
    },
    takeHedge() {
      if (hedges < 1) return false;
      hedges--;
      return true;
    },
  };
}
