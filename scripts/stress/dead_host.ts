// Measures how long each operation over 100 blobs waits when one of three nodes is dead: by a clock that stands still but for what is waited
// for, so that the machine's speed is not part of it.
//   deno run -A scripts/stress/dead_host.ts
import { costOf, DEATHS, OPERATIONS, PLACES } from "../../tests/helpers/dead_node.ts";

let most = 0;
for (const place of PLACES) {
  for (const death of DEATHS) {
    for (const [name, operation] of Object.entries(OPERATIONS)) {
      const { milliseconds, asked } = await costOf(operation, place, death);
      most = Math.max(most, milliseconds);
      const seconds = (milliseconds / 1000).toFixed(2);
      console.log(
        `${place.padEnd(12)} ${death.padEnd(12)} ${name.padEnd(8)} ${seconds} s, ${asked.length} requests to it`,
      );
    }
  }
}
console.log(`A dead host costs at most ${(most / 1000).toFixed(2)} s`);
Deno.exit(most <= 2000 ? 0 : 1);
