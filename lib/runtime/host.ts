import { streamOf } from "../base/streams.ts";
// What the runtime offers, asked by feature, so that every other room needs web standards alone. Bundles for browsers take host_browser.ts instead.

/** A file that can be opened again and again. */
export interface LocalFile {
  /** The path as it was given. */
  readonly path: string;
  /** Its size in bytes when it was looked at. */
  readonly size: number;
  /** Opens it, from its first byte. */
  open(): Promise<ReadableStream<Uint8Array<ArrayBuffer>>>;
}

interface Runtime {
  Deno?: {
    env?: { get(name: string): string | undefined };
    permissions?: { querySync(descriptor: { name: string; variable: string }): { state: string } };
  };
  process?: {
    env?: Record<string, string | undefined>;
    versions?: { node?: string };
    getBuiltinModule?(name: string): unknown;
  };
}

/** What is used of node:fs/promises, which Deno and Bun have too. */
interface Files {
  stat(path: string): Promise<{ readonly size: number; isFile(): boolean }>;
  open(path: string): Promise<FileHandle>;
}

interface FileHandle {
  read(memory: Uint8Array, offset: number, length: number): Promise<{ readonly bytesRead: number }>;
  close(): Promise<void>;
}

/** Bytes of a file that are read at a time: in pieces of 64 KiB, a file takes three times as long. */
const READ_SIZE = 1 << 20;

const runtime = globalThis as Runtime;

/** A variable of the environment; nothing where there is none, where it is empty, or where reading it would need a permission that is not granted. */
export function environment(name: string): string | undefined {
  const { Deno, process } = runtime;
  if (Deno?.env !== undefined) {
    const granted = Deno.permissions?.querySync({ name: "env", variable: name }).state === "granted";
    return granted ? Deno.env.get(name) || undefined : undefined;
  }
  return process?.env?.[name] || undefined;
}

/** Looks at a file; nothing where the runtime has no files. Fails as the runtime does when the file cannot be read. */
export async function localFile(path: string): Promise<LocalFile | undefined> {
  const files = runtime.process?.getBuiltinModule?.("node:fs/promises") as Partial<Files> | undefined;
  const { open, stat } = files ?? {};
  if (open === undefined || stat === undefined) return undefined;
  const info = await stat(path);
  if (!info.isFile()) throw new TypeError(`${path} is no regular file`);
  const { size } = info;
  return { path, size, open: async () => streamed(await open(path), size) };
}

/** Reads a file that has some size, or had it; it is closed at its end, and when no more is wanted. */
function streamed(file: FileHandle, size: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  const next = async () => {
    const memory = new Uint8Array(Math.max(1, Math.min(READ_SIZE, size - at)));
    const { bytesRead } = await file.read(memory, 0, memory.length);
    at += bytesRead;
    if (bytesRead > 0) return memory.subarray(0, bytesRead);
    await file.close();
    return undefined;
  };
  const failed = async (cause: unknown) => {
    await file.close().catch(() => {});
    throw cause;
  };
  return streamOf(() => next().catch(failed), () => file.close());
}

/**
 * Whether fetch sends a stream as it comes. Where it does not, a body is a Blob: browsers refuse streams over HTTP/1.1, and workerd stores a truncated
 * one as success.
 */
export function sendsStreams(): boolean {
  return runtime.Deno !== undefined || runtime.process?.versions?.node !== undefined && !isWorkerd();
}

/** A body, and the headers that go with it. */
export interface SizedBody {
  readonly body: BodyInit;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Announces the length of a stream that is sent. Without it Node sends a hunk of 64 MiB as one HTTP chunk, which a real node refuses, and Deno.serve takes a
 * minute for a gigabyte, as it moves all that it has read ahead for each piece.
 *
 * @param stream The stream.
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

/** Whether a request asks a Blob for its size and its stream, and does not look inside. */
function areBlobsAsked(): boolean {
  const asked = new Set<string>();
  const blob = likeBlob(() => asked.add("size").size, () => (asked.add("stream"), new ReadableStream()));
  new Request("http://localhost/", { method: "PUT", body: blob });
  return asked.size === 2;
}

function likeBlob(size: () => number, stream: () => ReadableStream<Uint8Array>): Blob {
  return Object.defineProperties(new Blob(), { size: { get: size }, stream: { value: stream } });
}

/** How many threads the machine runs at a time. */
export function cores(): number {
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
  const os = runtime.process?.getBuiltinModule?.("node:os") as { availableParallelism?(): number } | undefined;
  return navigator?.hardwareConcurrency ?? os?.availableParallelism?.() ?? 1;
}

/**
 * The runtime's own CRC-32 where it is quicker than WebAssembly's: Deno's multiplies without carries, for which WebAssembly has no instruction. Node 20's
 * does not.
 */
export function nativeCrc32(): ((bytes: Uint8Array, seed: number) => number) | undefined {
  if (runtime.Deno === undefined) return undefined;
  const zlib = runtime.process?.getBuiltinModule?.("node:zlib") as { crc32?(bytes: Uint8Array, seed: number): number };
  return zlib?.crc32;
}

/** It may have Node's globals too. */
function isWorkerd(): boolean {
  return (globalThis as { navigator?: { userAgent?: string } }).navigator?.userAgent === "Cloudflare-Workers";
}
