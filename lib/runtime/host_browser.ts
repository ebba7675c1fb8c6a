// What a browser offers in place of host.ts: no environment. Bundles for browsers take this file instead.
import type { SizedBody } from "./host.ts";

/** A variable of the environment; there is none. */
export function environment(_name: string): string | undefined {
  return undefined;
}

/** Tells whether fetch sends a stream as it comes; browsers do not over HTTP/1.1. */
export function sendsStreams(): boolean {
  return false;
}

/** A stream that is sent; that is not done here. */
export function sizedBody(stream: ReadableStream<Uint8Array>): SizedBody {
  return { body: stream, headers: {} };
}

/** Gives the number of threads that the machine runs at a time. */
export function cores(): number {
  return navigator.hardwareConcurrency;
}

/** The runtime's own CRC-32; there is none. */
export function nativeCrc32(): undefined {
  return undefined;
}
