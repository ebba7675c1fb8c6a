// Chunks a stream of lines, or reads it back, and prints the peak of resident memory in bytes: load.ts MASTER chunk|records SIZE
import { DDFS } from "../../mod.ts";

const [master = "", job, size = ""] = Deno.args;
const ddfs = new DDFS(master, { settings: {} });
let [peak, bytes] = [0, 0];
const look = () => peak = Math.max(peak, Deno.memoryUsage().rss);

if (job === "chunk") {
  await ddfs.delete("data:large");
  await ddfs.chunk("data:large", [[lines(Number(size)), "large"]], { onProgress: look });
} else {
  for await (const batch of ddfs.recordBatches("tag://data:large", { onProgress: look })) {
    for (const record of batch) bytes += (record as Uint8Array).length;
  }
  if (bytes !== Number(size)) throw new Error(`${bytes} bytes came back of ${size}`);
}
console.log(peak);

/** A stream of so many bytes of lines, a log's size each, no two blocks alike. */
function lines(size: number): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let [made, seed] = [0, 1];
  const block = () => {
    let text = "";
    while (text.length < 1 << 16) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      const path = `/path/${seed.toString(36)}/${seed & 1023}`;
      text +=
        `10.${seed & 255}.${(seed >> 8) & 255}.7 - - [23/Nov/2026:10:00:00 +0000] "GET ${path} HTTP/1.1" 200 ${
          seed % 99991
        } ` +
        `"https://www.example.com${path}" "Mozilla/5.0 (X11; Linux x86_64; rv:${seed % 99}.0) Gecko/20100101 Firefox/${
          seed % 99
        }.0"\n`;
    }
    return encoder.encode(text);
  };
  return new ReadableStream({
    pull(controller) {
      const next = block().subarray(0, size - made);
      made += next.length;
      controller.enqueue(next);
      if (made === size) controller.close();
    },
  }, { highWaterMark: 0 });
}
