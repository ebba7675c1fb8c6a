import { isOnItsWay } from "../base/byte_reader.ts";
import { DataError } from "../errors.ts";
import { type Input, plainInput } from "./input.ts";

/** Streams and iterables that are being read, or have been. */
const taken = new WeakSet<object>();

/** Makes the input of a stream, or of another async iterable such as Node's `Readable`, which is read once; `undefined` if the source is of another kind. */
export function streamInput(source: unknown): Input | undefined {
  if (!isOnItsWay(source)) return undefined;
  return plainInput({
    label: "a stream",
    name: "",
    size: undefined,
    bytes: () => {
      if (taken.has(source) || "getReader" in source && source.locked) {
        const message = "A stream can be read once, and this one is in use already";
        throw new DataError(message, { code: "source-failed", url: "stream" });
      }
      taken.add(source);
      return source;
    },
  });
}
