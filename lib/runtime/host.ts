// What the runtime offers, asked by feature, so that every other room needs web standards alone. Bundles for browsers take host_browser.ts instead.
import { turn } from "../base/turn.ts";

type AskPermission = (descriptor: { name: string; variable: string }) => { state: string };

interface Runtime {
  Deno?: {
    env?: { get(name: string): string | undefined };
    createHttpClient?(options: { readonly poolMaxIdlePerHost: number }): unknown;
    permissions?: { querySync: AskPermission; requestSync: AskPermission };
  };
  process?: {
    env?: Record<string, string | undefined>;
    versions?: { node?: string };
    getBuiltinModule?(name: string): unknown;
  };
}

const runtime = globalThis as Runtime;

/** Reads a variable of the environment; `undefined` if there is none, if it is empty, or if reading it needs a permission that is not granted. */
export function environment(name: string): string | undefined {
  const { Deno, process } = runtime;
  if (Deno?.env === undefined) return process?.env?.[name] || undefined;
  return isGranted(Deno.permissions?.querySync, name) ? Deno.env.get(name) || undefined : undefined;
}

/** Asks the user for leave to read a variable of the environment, where the runtime wants that and can do it; tells whether it may be read. */
export function mayRead(name: string): boolean {
  const { Deno } = runtime;
  if (Deno?.env === undefined) return true;
  return isGranted(Deno.permissions?.querySync, name) || isGranted(Deno.permissions?.requestSync, name);
}

function isGranted(ask: AskPermission | undefined, variable: string): boolean {
  return ask?.call(runtime.Deno?.permissions, { name: "env", variable }).state === "granted";
}

/**
 * Tells whether fetch sends a stream as it comes. Where it does not, a body is a Blob: browsers refuse streams over HTTP/1.1, and workerd stores a truncated
 * one as success.
 */
export function sendsStreams(): boolean {
  return runtime.Deno !== undefined || runtime.process?.versions?.node !== undefined && !isWorkerd();
}

/** The number of requests that a server may be sent at a time; workerd makes the seventh wait, and browsers do over HTTP/1.1. */
export const MOST_AT_ONCE: number = sendsStreams() ? 16 : 6;

/** A body, and the headers that go with it. */
export interface SizedBody {
  readonly body: BodyInit;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Announces the length of a stream that is sent. Without it Node sends a hunk of 64 MiB as one HTTP chunk, which a real node refuses, and Deno.serve takes a
 * minute for a gigabyte, as it moves all that it has read ahead for each piece.
 *
 * @param size Its size in bytes.
 * @returns What is sent: in Node and Bun with a header, which Deno leaves out; there as a Blob, which Deno asks for its size and its stream.
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#storing-a-blob PROTOCOL: Storing a blob}
 */
export function sizedBody(stream: ReadableStream<Uint8Array>, size: number): SizedBody {
  if (runtime.Deno === undefined) return { body: stream, headers: { "content-length": String(size) } };
  asksBlobs ??= areBlobsAsked();
  return { body: asksBlobs ? likeBlob(() => size, () => stream) : stream, headers: {} };
}

let asksBlobs: boolean | undefined;

let freshClient: unknown;

/**
 * Makes a connection of its own for a request: one that was used before may be closed on its way. Deno always makes one. Node closes it after the answer, so
 * that a server has no idle one to which all requests go with this; an idle one of other requests may be used. Browsers offer no choice; Bun tries
 * again by itself (0 of 3000 PUTs to a real node were reset).
 *
 * @returns What goes into the request: in Deno a client without idle connections, in Node a header.
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#connections PROTOCOL: Connections}
 */
export function freshConnection(): RequestInit {
  const { Deno, process } = runtime;
  if (Deno !== undefined) {
    freshClient ??= Deno.createHttpClient?.({ poolMaxIdlePerHost: 0 });
    return freshClient === undefined ? {} : { client: freshClient } as RequestInit;
  }
  return process?.versions?.node !== undefined && !isWorkerd() ? { headers: { connection: "close" } } : {};
}

/**
 * Sends a request. In Node one that reads is sent once more where its connection broke before an answer came: a kept one, which the server closed in the same
 * moment. Deno, Bun and browsers do that by themselves.
 */
export async function send(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (cause) {
    const isRead = request.method === "GET" || request.method === "HEAD";
    const { code } = Object(Object(cause).cause);
    if (!isRead || request.signal.aborted || !["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes(code)) throw cause;
    // Others that the server closed with it are out of the way then.
    await turn();
    return await fetch(request);
  }
}

/** Tells whether a request asks a Blob for its size and its stream, and does not look inside. */
function areBlobsAsked(): boolean {
  const asked = new Set<string>();
  const blob = likeBlob(() => asked.add("size").size, () => (asked.add("stream"), new ReadableStream()));
  new Request("http://localhost/", { method: "PUT", body: blob });
  return asked.size === 2;
}

function likeBlob(size: () => number, stream: () => ReadableStream<Uint8Array>): Blob {
  return Object.defineProperties(new Blob(), { size: { get: size }, stream: { value: stream } });
}

/** Finds a module of Node's, by its name with `node:`; browsers and other runtimes have none. Its shape is what the caller looks for in it. */
export function builtin<Shape>(name: string): Shape | undefined {
  return runtime.process?.getBuiltinModule?.(name) as Shape | undefined;
}

/** Gives the number of threads that the machine runs at a time. */
export function cores(): number {
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
  const os = builtin<{ availableParallelism?(): number }>("node:os");
  return navigator?.hardwareConcurrency ?? os?.availableParallelism?.() ?? 1;
}

/**
 * Finds the runtime's own CRC-32 where it is quicker than WebAssembly's: Deno's multiplies without carries, for which WebAssembly has no instruction. Node 20's
 * does not.
 */
export function nativeCrc32(): ((bytes: Uint8Array, seed: number) => number) | undefined {
  if (runtime.Deno === undefined) return undefined;
  return builtin<{ crc32?(bytes: Uint8Array, seed: number): number }>("node:zlib")?.crc32;
}

/**
 * Finds the runtime's own way from ASCII to text, which gives nothing for other bytes. Node's TextDecoder makes each long text on the heap, in new memory;
 * this one makes it beside the heap.
 */
export function nativeAscii(): ((bytes: Uint8Array) => string | undefined) | undefined {
  const { Buffer, isAscii } = builtin<AsciiModule>("node:buffer") ?? {};
  const slice = Buffer?.prototype.latin1Slice;
  if (isAscii === undefined || slice === undefined) return undefined;
  return (bytes) => isAscii(bytes) ? slice.call(bytes, 0, bytes.length) : undefined;
}

/** A part of Node's module of buffers. */
interface AsciiModule {
  readonly Buffer?: { readonly prototype: { latin1Slice?(this: Uint8Array, start: number, end: number): string } };
  isAscii?(bytes: Uint8Array): boolean;
}

/** Tells whether this is Deno. */
export function isDeno(): boolean {
  return runtime.Deno !== undefined;
}

/** Tells whether this is workerd, which may have Node's globals too. */
function isWorkerd(): boolean {
  return (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent === "Cloudflare-Workers";
}

/** Tells whether a request with headers of our own has to be allowed by another request first; only pages need that, for other origins. */
export function asksBeforeHeaders(_url: string): boolean {
  return false;
}
