import type { ReplicaAnswer } from "./first_answer.ts";

/** The version of a resource, as its server names it. */
interface Version {
  /** Its ETag. */
  readonly etag: string | null;
  /** Its Last-Modified. */
  readonly modified: string | null;
}

/** Remembers of which version of each replica bytes were read: those of another version are not to be put behind them. */
export class Versions {
  readonly #seen = new Map<string, Version>();

  /** Notes the version of an answer whose bytes are read, and gives the answer back. */
  noted(answer: ReplicaAnswer): ReplicaAnswer {
    this.#seen.set(answer.url, versionOf(answer));
    return answer;
  }

  /**
   * Gives the value of If-Range for a replica.
   *
   * @returns A strong ETag, or a date; `undefined` where there is neither.
   */
  condition(url: string): string | undefined {
    const { etag = null, modified = null } = this.#seen.get(url) ?? {};
    return (etag?.startsWith("W/") ? null : etag) ?? modified ?? undefined;
  }

  /** Tells whether an answer is of the version that was read before, as far as its server says. */
  isKnown(answer: ReplicaAnswer): boolean {
    const before = this.#seen.get(answer.url);
    if (before === undefined) return true;
    const { etag, modified } = versionOf(answer);
    if (before.etag !== null && etag !== null) return before.etag === etag;
    return before.modified === null || modified === null || before.modified === modified;
  }
}

function versionOf({ headers }: ReplicaAnswer): Version {
  return { etag: headers.get("etag"), modified: headers.get("last-modified") };
}
