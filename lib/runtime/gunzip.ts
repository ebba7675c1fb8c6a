// Decompression of gzip by node:zlib, which Deno and Bun have too: it reads files of several members, as logs often are. Bundles for browsers take
// gunzip_browser.ts instead.
import { gunzip as gunzipInBrowsers } from "./gunzip_browser.ts";

type Bytes = AsyncIterable<Uint8Array>;

interface Zlib {
  createGunzip?(): unknown;
}

interface Streams {
  Readable?: { fromWeb?(stream: ReadableStream<Uint8Array>): unknown };
  pipeline?(from: unknown, to: unknown, ended: () => void): unknown;
}

const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };

/** Decompresses gzip; the bytes fail where it is not valid, or cut short. */
export function gunzip(stream: ReadableStream<Uint8Array>): Bytes | ReadableStream<Uint8Array> {
  const zlib = process?.getBuiltinModule?.("node:zlib") as Zlib | undefined;
  const { Readable, pipeline } = process?.getBuiltinModule?.("node:stream") as Streams | undefined ?? {};
  if (zlib?.createGunzip === undefined || Readable?.fromWeb === undefined || pipeline === undefined) {
    return gunzipInBrowsers(stream);
  }
  // Its error comes to who reads.
  return pipeline(Readable.fromWeb(stream), zlib.createGunzip(), () => {}) as Bytes;
}
