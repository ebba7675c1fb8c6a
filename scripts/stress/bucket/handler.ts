// A process that serves a DDFS in a bucket; started by appends.ts with its settings as JSON. It prints its port.
import { embedded } from "@ddfs/client/embedded";
import { s3Objects } from "@ddfs/client/s3";
import { Random } from "../chaos/random.ts";
import { faultyFetch, type FetchFaults } from "./faulty_fetch.ts";

/** The settings of a handler. */
export interface HandlerSettings {
  readonly endpoint: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly faults: FetchFaults;
  readonly seed: number;
}

const { seed, faults, ...s3 }: HandlerSettings = JSON.parse(Deno.args[0] ?? "{}");
const ddfs = embedded({
  objects: s3Objects({ ...s3, fetch: faultyFetch(new Random(seed), faults) }),
  nodes: ["ddfs.example.org"],
});
await ddfs.ready();
Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(port) }, ddfs.fetch);
// It ends with the process that started it.
void Deno.stdin.readable.pipeTo(new WritableStream()).finally(() => Deno.exit());
