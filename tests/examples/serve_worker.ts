// A Worker that is a whole DDFS, in the memory of one Durable Object: the isolates of a Worker share nothing.
import { embedded } from "@ddfs/client/embedded";
import { sized } from "./sized.ts";

interface Env {
  readonly STORE: {
    idFromName(name: string): unknown;
    get(id: unknown): { fetch(request: Request): Promise<Response> };
  };
}

/** The DDFS. */
export class Store {
  readonly #ddfs = embedded();

  /** Answers a request. */
  async fetch(request: Request): Promise<Response> {
    return sized(await this.#ddfs.fetch(request));
  }
}

export default {
  async fetch(request: Request, { STORE }: Env): Promise<Response> {
    return await STORE.get(STORE.idFromName("the one")).fetch(request);
  },
};
