import type { Input } from "../sources/inputs.ts";
import { streamOf } from "../base/streams.ts";

/** Bytes that are read ahead of each input: enough to hide its start. What waits longer is collected late, and costs memory. */
const BUFFER = 1 << 17;

type Opened = Awaited<ReturnType<Input["open"]>>;

/**
 * Opens stored inputs before their turn, and reads 128 KiB of each ahead; their order stays.
 *
 * @param inputs The inputs.
 * @param width How many are open at a time, the present one too.
 * @returns The same inputs; one that is open already gives what it has when it is opened at its start.
 */
export function* readAhead(inputs: readonly Input[], width: number): Generator<Input, void, undefined> {
  const opening = new Map<Input, Promise<Opened>>();
  try {
    for (const [place, input] of inputs.entries()) {
      for (const next of inputs.slice(place, place + width)) {
        if (!next.isStored || opening.has(next)) continue;
        const opened = next.open(0).then(({ stream, url }) => ({ stream: buffered(stream), url }));
        // Its turn may never come.
        opened.catch(() => {});
        opening.set(next, opened);
      }
      yield { ...input, open: (start, avoid) => taken(input, start, avoid) };
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
    opening.get(input)?.then(({ stream }) => stream.cancel(), () => {});
    opening.delete(input);
  }
}

/** A stream that is read before anybody asks, up to a limit. */
function buffered(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = stream.getReader();
  const strategy = new ByteLengthQueuingStrategy({ highWaterMark: BUFFER });
  return streamOf(async () => (await reader.read()).value, (reason) => reader.cancel(reason), strategy);
}
