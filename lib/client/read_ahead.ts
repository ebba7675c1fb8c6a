import { dropped } from "../base/abort.ts";
import { ByteReader, type ByteSource } from "../base/byte_reader.ts";
import { pulledStream } from "../base/streams.ts";
import type { Input, Opened } from "../sources/input.ts";

/** Bytes that are read ahead of each input: enough to hide its start. What waits longer is collected late, and costs memory. */
const BUFFER = 1 << 17;

/** An input that is open, and read ahead. */
interface Buffered extends Opened {
  readonly bytes: ReadableStream<Uint8Array>;
}

/**
 * Opens stored inputs before their turn, and reads 128 KiB of each ahead; their order stays.
 *
 * @param width The number of inputs that are open at a time, the present one included.
 * @returns The same inputs. One that is open already gives its open stream when it is opened at its start.
 */
export function* readAhead(inputs: readonly Input[], width: number): Generator<Input, void, undefined> {
  const opening = new Map<Input, Promise<Buffered>>();
  try {
    for (const [place, input] of inputs.entries()) {
      for (const next of inputs.slice(place, place + width)) {
        if (!next.isStored || opening.has(next)) continue;
        const opened = next.open().then(({ bytes, url }) => ({ bytes: buffered(bytes), url }));
        // Its turn may never come.
        dropped(() => opened);
        opening.set(next, opened);
      }
      yield { ...input, open: (start, avoid) => taken(input, start ?? 0, avoid) };
      drop(input);
    }
  } finally {
    for (const input of [...opening.keys()]) drop(input);
  }

  function taken(input: Input, start: number, avoid: ReadonlySet<string> | undefined): Promise<Opened> {
    const opened = start === 0 ? opening.get(input) : undefined;
    opening.delete(input);
    return opened ?? input.open(start, avoid);
  }

  function drop(input: Input): void {
    const opened = opening.get(input);
    dropped(() => opened?.then(({ bytes }) => bytes.cancel()));
    opening.delete(input);
  }
}

/** Makes a stream that reads ahead, up to a limit. */
function buffered(bytes: ByteSource): ReadableStream<Uint8Array> {
  const strategy = new ByteLengthQueuingStrategy({ highWaterMark: BUFFER });
  const stream = bytes instanceof ReadableStream ? bytes : new ByteReader(bytes).stream();
  const reader = stream.getReader();
  return pulledStream(async () => (await reader.read()).value, (reason) => reader.cancel(reason), strategy);
}
