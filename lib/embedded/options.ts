import { DiscoError } from "../errors.ts";
import type { Origins } from "./cors.ts";
import type { Store, StoreSetup } from "./stores/store.ts";

/** The limits beyond which an embedded DDFS refuses a request. The defaults are those of Disco. */
export interface EmbeddedLimits {
  /**
   * The most bytes of a blob.
   *
   * @default {1099511627776}
   */
  blobBody?: number;
  /**
   * The most bytes of a body with URLs or an attribute, and of all that are sent at the same time.
   *
   * @default {536870912}
   */
  tagBody?: number;
  /**
   * The most sets and URLs, both counted, of a body.
   *
   * @default {8388608}
   */
  tagItems?: number;
  /**
   * The most attributes of a tag.
   *
   * @default {1000}
   */
  attributes?: number;
  /**
   * The most bytes of an attribute's name.
   *
   * @default {1024}
   */
  attributeName?: number;
  /**
   * The most bytes of an attribute's value, as JSON.
   *
   * @default {4096}
   */
  attributeValue?: number;
  /**
   * The most milliseconds that pass without a byte of a body.
   *
   * @default {60000}
   */
  stall?: number;
}

/** Options of {@linkcode embedded}. */
export interface EmbeddedOptions {
  /** The folder that holds the data, as a real node's does; without one, everything is in memory. Deno and Node only. */
  root?: string;
  /**
   * A store of your own in place of memory or a folder, or a function that opens it. It is opened before the first request, or by
   * {@linkcode Embedded.ready}; a function is called again when it failed. {@linkcode Embedded.close} closes it.
   */
  store?: Store | ((setup: StoreSetup) => Promise<Store>);
  /**
   * The nodes: their host names, or how many there are: `127.0.0.1`, `127.0.0.2` and so on. A single one, given as a
   * number, answers to every name; its data is in `root/vol0`. Named ones have `root/NAME/vol0`.
   *
   * @default {1}
   */
  nodes?: number | readonly string[];
  /**
   * The master's host name. It may be one of the nodes, or none. Hosts that are no nodes lead to the master, too.
   *
   * @default {the first node}
   */
  master?: string;
  /**
   * The number of nodes that hold a blob, unless a request says otherwise.
   *
   * @default {1}
   */
  replicas?: number;
  /**
   * The number of nodes that hold a tag.
   *
   * @default {replicas}
   */
  tagReplicas?: number;
  /**
   * Lets pages of other origins use it: of all (`true`), of one, or of those listed.
   *
   * @default {false}
   */
  cors?: boolean | string | readonly string[];
  /**
   * Milliseconds that a blob is kept when no tag has it: as long may pass between its upload and the tag that gets it.
   *
   * @default {432000000}
   */
  orphanAge?: number;
  /** The limits beyond which requests are refused. */
  limits?: EmbeddedLimits;
  /**
   * Tells the time, in milliseconds since 1970.
   *
   * @default {Date.now}
   */
  now?: () => number;
  /**
   * Gives a number from 0 up to 1: nodes are chosen by it.
   *
   * @default {Math.random}
   */
  random?: () => number;
  /** Calls a function after some milliseconds, and gives one that calls it off. The default is `setTimeout`. */
  after?: (milliseconds: number, run: () => void) => () => void;
}

/** Checks that data is kept in one place. */
export function checkPlace({ root, store }: EmbeddedOptions): void {
  if (root === undefined || store === undefined) return;
  throw new DiscoError("Give either root or store, not both: they say where the data is", { code: "invalid-argument" });
}

/** Checks the age of orphans. */
export function checkedAge(age: number): number {
  if (typeof age === "number" && age >= 0) return age;
  throw new DiscoError(`Invalid orphanAge ${age}: milliseconds, 0 or more`, { code: "invalid-argument" });
}

/** Checks a number of replicas. */
export function checkedCount(name: string, value: number, nodes: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= nodes) return value;
  throw new DiscoError(
    `Invalid ${name} ${value}: a whole number from 1 to ${nodes}, which is how many nodes there are`,
    {
      code: "invalid-argument",
    },
  );
}

/** Checks that origins are some. */
export function checkOrigins(origins: Origins): void {
  const listed = typeof origins === "boolean" ? [] : typeof origins === "string" ? [origins] : origins;
  for (const origin of listed) {
    if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+$/.test(origin)) {
      throw new DiscoError(`Invalid cors ${JSON.stringify(origin)}: an origin like "https://example.org"`, {
        code: "invalid-argument",
      });
    }
  }
}
