// What chunks() makes of one text, as SHA-256: the same in every runtime, with each engine and any number of threads.
import { chunks } from "@ddfs/client/records";
import { codecName, useCodec } from "@ddfs/client/codec";
import { all, joined, sha256 } from "../helpers/bytes.ts";

/** Digests by engine and number of threads; only the js engine has one where WebAssembly is refused. */
export type Digests = Readonly<Record<string, string>>;

/** Makes the digests. */
export async function digests(): Promise<Digests> {
  const lines = Array.from(
    { length: 150_000 },
    (_, i) => `${i} GET /page/${(i * 7919) % 9973} ${i % 7 === 0 ? 404 : 200}\n`,
  );
  const text = new TextEncoder().encode(lines.join(""));
  // Threads start when there has been some work; the js engine never has any.
  const texts = { js: text, wasm: joined(Array.from({ length: 6 }, () => text)) };
  const made: Record<string, string> = {};
  const ownCodec = codecName();
  for (const engine of ownCodec === "wasm" ? ["wasm", "js"] as const : ["js"] as const) {
    useCodec(engine);
    for (const workers of [0, 2]) {
      made[`${engine}, ${workers} threads`] = await sha256(joined(await all(chunks(texts[engine], { workers }))));
    }
  }
  useCodec(ownCodec);
  return made;
}
