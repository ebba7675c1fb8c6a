import { DDFS } from "@ddfs/client";
import { LineProcess } from "../../../tests/helpers/line_process.ts";
import { Random } from "../chaos/random.ts";
import type { FetchFaults } from "./faulty_fetch.ts";
import type { HandlerSettings } from "./handler.ts";

/** The size and the faults of a run. */
export interface AppendsOptions {
  /** The gateways of the object store, and the key to a bucket in it. */
  readonly s3: Pick<HandlerSettings, "bucket" | "credentials"> & { readonly endpoints: readonly string[] };
  /** Processes that serve the DDFS. */
  readonly handlers: number;
  /** Those who append, one append after the other. */
  readonly clients: number;
  /** The number of appends of all together. */
  readonly appends: number;
  readonly faults?: FetchFaults;
  readonly seed: number;
  /** Called with the number of appends that have ended. */
  readonly onProgress?: (done: number, handlers: readonly LineProcess[]) => void | Promise<void>;
}

/** The outcome of a run. */
export interface AppendsOutcome {
  readonly acknowledged: number;
  /** Appends that ended with an error: they are there or not. */
  readonly unknown: number;
  /** Acknowledged appends that are not there. */
  readonly lost: number;
  /** Appends that are there more than once. */
  readonly doubled: number;
  /** Milliseconds that the appends took. */
  readonly took: number;
  /** The errors, each once. */
  readonly errors: readonly string[];
}

/** Appends to one tag from many clients through several handler processes, and looks what is there in the end. */
export async function appendAll(options: AppendsOptions): Promise<AppendsOutcome> {
  const { s3: { endpoints, bucket, credentials }, handlers: count, clients, appends, faults = {}, seed, onProgress } =
    options;
  const prefix = `appends-${crypto.randomUUID()}`;
  const main = new URL("./handler.ts", import.meta.url).pathname;
  const config = new URL("../../../deno.tools.json", import.meta.url).pathname;
  const start = (seed: number, faults: FetchFaults) => {
    const endpoint = endpoints[seed % endpoints.length] ?? "";
    const settings: HandlerSettings = { bucket, credentials, endpoint, prefix, faults, seed };
    return new LineProcess(Deno.execPath(), [
      ...["run", "-A", "--no-check", `--config=${config}`, main, JSON.stringify(settings)],
    ]);
  };
  const handlers = Array.from({ length: count }, (_, i) => start(seed + i, faults));
  try {
    const ports = await Promise.all(handlers.map((handler) => handler.line()));
    if (ports.includes("")) throw new Error("a handler did not start");
    const random = new Random(seed);
    // As a balancer does, requests are given to those that listen.
    const refused = (port: string) => {
      const index = ports.indexOf(port);
      if (index >= 0) ports.splice(index, 1);
    };
    const results = new Map<string, boolean>();
    const errors = new Set<string>();
    let next = 0;
    const began = performance.now();
    await Promise.all(Array.from({ length: clients }, async () => {
      const ddfs = clientOf(() => random.pick(ports), refused);
      for (let i = next++; i < appends; i = next++) {
        const url = `disco://ddfs.example.org/ddfs/vol0/blob/00/append${i}$703-1-1`;
        try {
          await ddfs.tag("hot", [[url]]);
          results.set(url, true);
        } catch (error) {
          results.set(url, false);
          errors.add(String(error));
        }
        await onProgress?.(results.size, handlers);
      }
    }));
    const took = performance.now() - began;
    const checker = start(seed, {});
    handlers.push(checker);
    const port = await checker.line();
    const counts = new Map<string, number>();
    for (const [url = ""] of await clientOf(() => port).urls("hot")) counts.set(url, (counts.get(url) ?? 0) + 1);
    const acknowledged = [...results].filter(([, isAcknowledged]) => isAcknowledged).map(([url]) => url);
    return {
      acknowledged: acknowledged.length,
      unknown: results.size - acknowledged.length,
      lost: acknowledged.filter((url) => !counts.has(url)).length,
      doubled: [...counts.values()].filter((count) => count > 1).length,
      took,
      errors: [...errors],
    };
  } finally {
    await Promise.all(handlers.map((handler) => handler.kill()));
  }
}

/** Makes a client each of whose requests goes to one of several handlers, as behind a balancer. */
function clientOf(pick: () => string, refused: (port: string) => void = () => {}): DDFS {
  return new DDFS("http://ddfs.example.org:8989", {
    settings: {},
    retry: { within: 120_000, tries: 100 },
    fetch: async (request) => {
      const url = new URL(request.url);
      const port = pick();
      url.host = `127.0.0.1:${port}`;
      try {
        return await fetch(new Request(url, request));
      } catch (error) {
        if (/refused/i.test(`${error} ${Object(error).cause}`)) refused(port);
        throw error;
      }
    },
  });
}
