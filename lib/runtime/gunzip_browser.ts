// Decompression of gzip as browsers have it, in place of gunzip.ts. Bundles for browsers take this file instead.

/** Decompresses gzip of one member; the bytes fail where it is not valid, or cut short. */
export function gunzip(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  return stream.pipeThrough(new DecompressionStream("gzip") as TransformStream<Uint8Array, Uint8Array>);
}
