import { builtin } from "../runtime/host.ts";

type Bytes = AsyncIterable<Uint8Array>;

interface Zlib {
  createGunzip?(): unknown;
}

interface Streams {
  Readable?: { fromWeb?(stream: ReadableStream<Uint8Array>): unknown };
  pipeline?(from: unknown, to: unknown, ended: () => void): unknown;
}

/**
 * Decompresses gzip; the bytes fail where it is not valid, or cut short. Where the runtime has node:zlib that is used: it reads files of several members,
 * as logs often are, and DecompressionStream reads one.
 */
export function gunzip(stream: ReadableStream<Uint8Array>): Bytes | ReadableStream<Uint8Array> {
  const { createGunzip } = builtin<Zlib>("node:zlib") ?? {};
  const { Readable, pipeline } = builtin<Streams>("node:stream") ?? {};
  if (createGunzip === undefined || Readable?.fromWeb === undefined || pipeline === undefined) {
    return stream.pipeThrough(new DecompressionStream("gzip") as TransformStream<Uint8Array, Uint8Array>);
  }
  // Its error comes to who reads.
  return pipeline(Readable.fromWeb(stream), createGunzip(), () => {}) as Bytes;
}
