import { reworded } from "../cluster/reworded.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { DataError, DiscoError } from "../errors.ts";
import type { Replicas } from "../options.ts";

/** The most URLs in the message of an error; its `leftBehind` has all. */
const SHOWN = 10;

/** The blobs of an operation that are stored, and that no tag holds. */
export class LeftBehind {
  readonly #cluster: Cluster;
  readonly #sets = new Set<Replicas>();

  /** Makes an empty one. */
  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Notes what nodes have of a blob; nothing where none has any of it. */
  add(replicas: Replicas): void {
    if (replicas.length > 0) this.#sets.add(replicas);
  }

  /** Notes that a tag holds a blob. */
  remove(replicas: Replicas): void {
    this.#sets.delete(replicas);
  }

  /** Tells of what is left although all went well: blobs that were placed anew, or that others had stored meanwhile. */
  tell(cause?: unknown): void {
    const replicas = [...this.#sets];
    const url = replicas[0]?.[0];
    if (url === undefined) return;
    this.#cluster.transport.tell({ type: "left-behind", about: { url }, attempt: 1, cause, replicas });
  }

  /** The error of the operation, which names what is left. Of a signal's own reason, an event tells it. */
  namedIn(error: unknown): unknown {
    if (!(error instanceof DiscoError)) {
      this.tell(error);
      return error;
    }
    const sent = new Set((error.unconfirmed ?? []).map((set) => JSON.stringify(set)));
    const sets = [...this.#sets].filter((set) => !sent.has(JSON.stringify(set)));
    if (sets.length > 0) error.leftBehind = sets;
    if (!(error instanceof DataError)) return error;
    const facts = [
      sets.length === 0 ? "" : `Stored, in no tag, and to be collected: ${listed(sets)}`,
      sent.size === 0 ? "" : `Sent to the tag, which may hold it: ${listed(error.unconfirmed ?? [])}`,
    ].filter((fact) => fact !== "");
    return facts.length === 0 ? error : reworded(error, [error.message, ...facts].join("\n"));
  }
}

function listed(sets: readonly Replicas[]): string {
  const urls = sets.flat();
  return urls.slice(0, SHOWN).join(", ") + (urls.length > SHOWN ? `, and ${urls.length - SHOWN} more` : "");
}
