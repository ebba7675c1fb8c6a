// Chunk logs, and read their lines
import { DDFS } from "@ddfs/client";
import { embedded } from "@ddfs/client/embedded";

const { fetch, master } = embedded({ nodes: 3, replicas: 3 });
const ddfs = new DDFS(master, { fetch }); // a real cluster: new DDFS("disco://localhost")

const lines = Array.from({ length: 50_000 }, (_, i) => `${i} GET /page/${i % 100} ${i % 7 === 0 ? 404 : 200}\n`);
const log = new Blob(lines);
const { blobs } = await ddfs.chunk("data:logs", [[log, "access"]], { update: true });
let stored = 0;
for await (const { size } of ddfs.sizes("data:logs")) stored += size ?? 0;
console.log(
  `${log.size} bytes became ${blobs.length} chunk, which is ${stored < log.size / 3 ? "much" : "not much"} smaller`,
);

let count = 0;
for await (const line of ddfs.records("tag://data:logs", { text: true })) {
  if (++count <= 3) console.log(line.trimEnd());
}
console.log(count, "records");

// Prints:
// 1133890 bytes became 1 chunk, which is much smaller
// 0 GET /page/0 404
// 1 GET /page/1 200
// 2 GET /page/2 200
// 50000 records
