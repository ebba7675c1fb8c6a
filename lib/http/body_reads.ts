import { isDeno } from "../runtime/host.ts";

/** Reads a body part by part; `value` is missing at the end. */
export interface BodyReads {
  /** Gives the next bytes. */
  read(): Promise<{ readonly value?: Uint8Array<ArrayBuffer> | undefined }>;
  /** Ends the body. */
  cancel(reason: unknown): Promise<void>;
}

/** The fewest and the most bytes that are asked for at a time where a body comes in small parts. */
const [FEWEST, MOST] = [4096, 131072];

/** True in workerd: a plain read there gives 4 KiB at most, and a blob took three times as long as with larger ones. */
const COMES_SMALL = "readAtLeast" in Object(globalThis.ReadableStreamBYOBReader?.prototype);

/**
 * Tells whether a body is better read in small parts: where a plain read gives little, and a small one in Deno, where a plain read clears 64 KiB of memory, and
 * so does the one that finds the end.
 */
export function comesSmall({ headers }: Response, clearsMuch: boolean = isDeno()): boolean {
  return COMES_SMALL || clearsMuch && Number(headers.get("content-length") ?? Infinity) <= FEWEST;
}

/**
 * Begins to read a body.
 *
 * @param isSmall Says that it comes in small parts: more is asked for then, if as much comes.
 */
export function bodyReads(body: ReadableStream<Uint8Array<ArrayBuffer>>, isSmall: boolean): BodyReads {
  const reader = isSmall ? byteReader(body) : undefined;
  if (reader === undefined) return body.getReader();
  let size = FEWEST;
  return {
    read: async () => {
      const { done, value } = await reader.read(new Uint8Array(size));
      if (done || value === undefined) return {};
      // What is asked for is allocated: a slow body is not to take much memory for little.
      size = value.length === size ? Math.min(2 * size, MOST) : Math.max(FEWEST, size / 2);
      return { value };
    },
    cancel: (reason) => reader.cancel(reason),
  };
}

/** Gives nothing for a stream of another kind, as a fetch of the user's own may answer with. */
function byteReader(body: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}
