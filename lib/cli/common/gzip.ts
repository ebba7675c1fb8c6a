import { joined } from "./bytes.ts";
import { partsOf, unzipped } from "./readers.ts";

/** Tells whether bytes begin as a gzip does. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 8;
}

/** Bytes as they are; of a gzip what is in it. */
export async function* ungzipped(
  parts: AsyncGenerator<Uint8Array<ArrayBuffer>, void>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  let first = new Uint8Array();
  while (first.length < 3) {
    const { done, value } = await parts.next();
    if (done) break;
    first = joined([first, value]);
  }
  const all = async function* (): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    if (first.length > 0) yield first;
    yield* parts;
  };
  if (!isGzip(first)) return yield* all();
  const rest = all();
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: async (controller) => {
      const { done, value } = await rest.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => void await rest.return(),
  }, { highWaterMark: 0 });
  yield* partsOf(unzipped(stream));
}
