// Measures how long records() over 100 chunks waits whose first replica is on a dead host: over real sockets, by a clock that stands still
// while a request is on its way, so that the machine's speed is not part of it.
//   deno run -A scripts/stress/dead_host.ts
import { embedded } from "../../lib/embedded/mod.ts";
import { DDFS } from "../../mod.ts";
import type { Fault } from "../../tests/faults/faults.ts";
import { NODES } from "../../tests/faults/nodes.ts";
import { PatientNetwork } from "../../tests/faults/patient_network.ts";

const BLOBS = 100;
const TAG = "data:lines";

const store = embedded({ nodes: NODES, replicas: 2 });
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, store.fetch);
let fault: Fault | undefined;
const network = await PatientNetwork.listen(
  NODES,
  server.addr.port,
  ({ url }) => new URL(url).hostname === "127.0.0.3" ? fault : undefined,
);
const master = `disco://127.0.0.1:${network.port}`;
const well = new DDFS(master, { settings: {} });
const text = Array.from({ length: 2000 }, (_, i) => `line ${i}\n`).join("");
const sets: string[][] = [];
for (let i = 0; i < BLOBS; i++) {
  const { blobs: [replicas = []] } = await well.chunk("data:made", [new Blob([text])], {
    forceOn: ["127.0.0.2", "127.0.0.3"],
  });
  sets.push(replicas.toSorted().reverse());
}
await well.put(TAG, sets);

const alive = await measured("all alive");
fault = "reset before";
const refused = await measured("resets");
fault = "never answers";
const silent = await measured("never answers");
// Nobody listens on this address: connections are refused.
await well.put(TAG, sets.map(([url = "", ...others]) => [url.replace("127.0.0.3", "127.0.0.9"), ...others]));
const absent = await measured("refuses");
await network.close();
await server.shutdown();
await store.close();
const most = Math.max(refused, silent, absent) - alive;
console.log(`A dead host costs at most ${most.toFixed(2)} s`);
Deno.exit(most <= 2 ? 0 : 1);

/** Reads all records with a new client, which has not met the host yet; gives the seconds that it waited. */
async function measured(label: string): Promise<number> {
  const { clock, fetch } = network;
  const ddfs = new DDFS(master, { settings: {}, clock, fetch });
  const began = clock.now();
  const batches = await network.passUntil(Array.fromAsync(ddfs.recordBatches(`tag://${TAG}`, { workers: 0 })));
  const records = batches.reduce((count, batch) => count + batch.length, 0);
  const seconds = (clock.now() - began) / 1000;
  console.log(`${label.padEnd(14)} ${records.toLocaleString("en")} records, ${seconds.toFixed(2)} s of waiting`);
  return seconds;
}
