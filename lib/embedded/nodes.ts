import { invalid } from "../check.ts";
import type { Volume } from "./stores/store.ts";

/** The way a request came: the host that it asked, and the beginning of URLs for its answer. */
export interface Place {
  /** The host's name, as URLs have it. */
  readonly host: string;
  /** `:PORT`; empty for the scheme's own. */
  readonly port: string;
  /** `http:` or `https:`. */
  readonly protocol: string;
}

const HOST = /^[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?$/;

/**
 * The nodes of a DDFS. A single node without a name is called whatever a request calls it.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#allocating-a-blob PROTOCOL: Allocating a blob}
 */
export class Nodes {
  /** The names of the nodes, which are those of their volumes; one empty name when there is a single node without one. */
  readonly names: readonly string[];
  /** The master's name; empty when the only node is the master. */
  readonly master: string;
  /** The nodes that get nothing new. */
  readonly blacklist: Set<string> = new Set();
  /** The nodes that are about to be removed, which get nothing new, either. */
  readonly gcBlacklist: Set<string> = new Set();
  readonly #random: () => number;

  /** @throws {DiscoError} If the names are none that hosts can have (code `invalid-argument`). */
  constructor(nodes: number | readonly string[], master: string | undefined, random: () => number) {
    this.#random = random;
    const isCount = Number.isInteger(nodes) && Number(nodes) >= 1 && Number(nodes) <= 254;
    if (!isCount && !Array.isArray(nodes)) {
      throw invalid("nodes", nodes, "it must be a whole number from 1 to 254, or a list of host names");
    }
    const names = typeof nodes === "number"
      ? nodes === 1 && master === undefined ? [""] : Array.from({ length: nodes }, (_, i) => `127.0.0.${i + 1}`)
      : nodes.map((name) => checked("node name", name));
    if (names.length === 0 || new Set(names).size !== names.length) {
      throw invalid("nodes", nodes, "it must have at least one host name, and each once");
    }
    this.names = names;
    this.master = master === undefined ? names[0] ?? "" : checked("master", master);
  }

  /** Gives the node that a host name stands for; `undefined` if that is no node. */
  nodeAt(host: string): string | undefined {
    if (this.names[0] === "") return "";
    const name = this.names.includes(host) ? host : this.master;
    return this.names.includes(name) ? name : undefined;
  }

  /** Tells whether a host name stands for the master or a node. */
  isKnown(host: string): boolean {
    return this.master === "" || host === this.master || this.names.includes(host);
  }

  /** Tells whether requests to a host reach the master: those to the master itself, and those to no node. */
  isMaster(host: string): boolean {
    return this.master === "" || host === this.master || !this.isKnown(host);
  }

  /** Gives a node's name as a request knows it. */
  hostOf(node: string, place: Place): string {
    return node === "" ? place.host : node;
  }

  /** Gives the node that a request means by a name; `undefined` if there is none. */
  named(host: string, place: Place): string | undefined {
    if (this.names[0] === "") return host === place.host ? "" : undefined;
    return this.names.includes(host) ? host : undefined;
  }

  /** Lists the nodes that may get new objects, in random order. */
  writable(): string[] {
    return this.shuffled(this.names.filter((name) => !this.blacklist.has(name) && !this.gcBlacklist.has(name)));
  }

  /**
   * Chooses nodes for a blob: first those that must be among them, then others by chance.
   *
   * @returns The nodes; all that may be used if `replicas` is smaller than the number of those in `include`; `undefined` if there are too few.
   */
  choose(replicas: number, include: readonly string[], exclude: readonly string[]): string[] | undefined {
    if (replicas > this.names.length) return undefined;
    const others = this.writable().filter((name) => !include.includes(name) && !exclude.includes(name));
    const more = replicas - include.length;
    const chosen = [...include, ...(more < 0 ? others : others.slice(0, more))];
    return chosen.length < replicas ? undefined : chosen;
  }

  private shuffled(names: string[]): string[] {
    for (let i = names.length - 1; i > 0; i--) {
      const j = Math.floor(this.#random() * (i + 1));
      [names[i], names[j]] = [names[j] ?? "", names[i] ?? ""];
    }
    return names;
  }
}

/** Gives the volume of a node. */
export function volumeOf(volumes: ReadonlyMap<string, Volume>, node: string): Volume {
  const volume = volumes.get(node);
  if (volume === undefined) throw invalid("store", node, "it has no volume of that node");
  return volume;
}

function checked(what: string, name: unknown): string {
  const host = typeof name === "string" ? name.toLowerCase() : "";
  if (!HOST.test(host)) throw invalid(what, name, "it must be a host name, without a port");
  return host;
}
