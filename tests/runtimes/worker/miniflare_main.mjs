// Runs a Worker with an R2 bucket in workerd, by miniflare, until its standard input ends. Started beside an installed miniflare:
//   node miniflare_main.mjs OPTIONS        (as JSON; prints where the Worker answers)
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const { Miniflare } = createRequire(import.meta.url)("miniflare");

const [options = "{}"] = process.argv.slice(2);
const worker = new Miniflare({
  ...JSON.parse(options),
  // Of each client that goes away, workerd tells at length.
  handleRuntimeStdio(stdout, stderr) {
    const isTold = (line) => !/disconnected: |^stack: /.test(line);
    for (const input of [stdout, stderr]) {
      createInterface({ input }).on("line", (line) => isTold(line) && console.error(line));
    }
  },
});
console.log(JSON.stringify({ origin: (await worker.ready).origin }));
process.stdin.on("end", async () => {
  await worker.dispose();
  process.exit(0);
}).resume();
