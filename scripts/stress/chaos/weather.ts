import { type Fault, FAULTS } from "../../../tests/faults/faults.ts";
import { NODES } from "../../../tests/faults/nodes.ts";
import type { Decide } from "../../../tests/faults/proxy.ts";
import type { Random } from "./random.ts";

/** Faults that a node in bad weather does not have: they are refusals, or would last. */
const LEFT_OUT: readonly Fault[] = ["refused", "404", "403 busy", "503 Retry-After", "redirect loop"];
const POSSIBLE = FAULTS.filter((fault) => !LEFT_OUT.includes(fault));
/** How likely a request to a node that is unwell meets its fault. */
const LIKELY = 0.7;

/** Which node is unwell now, and how. */
export class Weather {
  readonly #random: Random;
  #node = "";
  #fault: Fault | undefined;
  /** How many requests met a fault. */
  met = 0;

  /** Makes fine weather. */
  constructor(random: Random) {
    this.#random = random;
  }

  /** Another node becomes unwell, or none. */
  change(): void {
    this.#node = this.#random.pick(NODES);
    this.#fault = this.#random.next() < 0.3 ? undefined : this.#random.pick(POSSIBLE);
  }

  /** Heals all nodes. */
  clear(): void {
    this.#fault = undefined;
  }

  /** What a request meets. */
  readonly decide: Decide = ({ host, path, method }) => {
    const fault = this.#fault;
    if (fault === undefined || host !== this.#node || this.#random.next() > LIKELY) return undefined;
    // A bit that turns in a blob which is no chunk, or in a JSON answer's letters, is nothing that DDFS lets anybody see.
    if (fault === "flipped byte" && !(method === "GET" && path.includes("/blob/") && path.includes("/chunk"))) {
      return undefined;
    }
    this.met++;
    return fault;
  };
}
