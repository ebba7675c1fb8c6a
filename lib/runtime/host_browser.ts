// What a browser offers in place of host.ts: no environment. Bundles for browsers take this file instead.
import type { SizedBody } from "./host.ts";

/** Reads a variable of the environment; there is none in a browser. */
export function environment(_name: string): string | undefined {
  return undefined;
}

/** Tells whether a variable of the environment may be read; there are none to be asked for. */
export function mayRead(_name: string): boolean {
  return true;
}

/** Tells whether fetch sends a stream as it comes; browsers do not over HTTP/1.1. */
export function sendsStreams(): boolean {
  return false;
}

/** Tells whether this is Deno. */
export function isDeno(): boolean {
  return false;
}

/** The number of requests to a server that a browser sends at a time over HTTP/1.1. */
export const MOST_AT_ONCE = 6;

/** Sends a request. */
export const send = (request: Request): Promise<Response> => fetch(request);

/** Makes a connection of its own for a request; pages have no choice. */
export function freshConnection(): RequestInit {
  return {};
}

/** Announces the length of a stream that is sent; browsers send none. */
export function sizedBody(stream: ReadableStream<Uint8Array>): SizedBody {
  return { body: stream, headers: {} };
}

/** Finds a module of Node's; browsers have none. */
export function builtin(_name: string): undefined {
  return undefined;
}

/** Gives the number of threads that the machine runs at a time. */
export function cores(): number {
  return navigator.hardwareConcurrency;
}

/** Finds the runtime's own CRC-32; browsers have none. */
export function nativeCrc32(): undefined {
  return undefined;
}

/** Finds the runtime's own way from ASCII to text; browsers have none. */
export function nativeAscii(): undefined {
  return undefined;
}

/** Tells whether a request with headers of our own has to be allowed by another request first: one to another origin than the page's has. */
export function asksBeforeHeaders(url: string): boolean {
  return new URL(url).origin !== (globalThis as { origin?: string }).origin;
}
