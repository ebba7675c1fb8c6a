// Chunks a stream of lines, or reads it back, and prints the peak of resident memory in bytes: load.ts MASTER chunk|records SIZE
import { DDFS } from "../../mod.ts";

const [master = "", job, size = ""] = Deno.args;
const ddfs = new DDFS(master, { settings: {} });
let [peak, bytes] = [0, 0];
const look = () => peak = Math.max(peak, Deno.memoryUsage().rss);

if (job === "chunk") await ddfs.chunk("data:large", [[lines(Number(size)), "large"]], { onProgress: look });
else {
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
      text += `${(made + text.length).toString(36)} GET /path/${seed.toString(36)}/${seed & 1023} HTTP/1.1 200 ${
        seed % 9973
      }\n`;
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
