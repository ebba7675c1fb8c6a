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

interface DenoFile {
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
}

interface FileInfo {
  readonly size: number;
  isFile: boolean | (() => boolean);
}

interface Runtime {
  Deno?: {
    env?: { get(name: string): string | undefined };
    permissions?: { querySync(descriptor: { name: string; variable: string }): { state: string } };
    open?(path: string): Promise<DenoFile>;
    stat?(path: string): Promise<FileInfo>;
  };
  process?: {
    env?: Record<string, string | undefined>;
    versions?: { node?: string };
    getBuiltinModule?(name: string): unknown;
  };
}

interface NodeFs {
  createReadStream(path: string, options: { highWaterMark: number }): unknown;
  promises: { stat(path: string): Promise<FileInfo> };
}

interface NodeStream {
  Readable: { toWeb(stream: unknown): ReadableStream<Uint8Array<ArrayBuffer>> };
}

const READ_SIZE = 1 << 18;

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
  const { Deno, process } = runtime;
  if (Deno?.open !== undefined && Deno.stat !== undefined) {
    const { open, stat } = Deno;
    return { path, size: sizeOf(await stat(path), path), open: async () => (await open(path)).readable };
  }
  const fs = process?.getBuiltinModule?.("node:fs") as NodeFs | undefined;
  const stream = process?.getBuiltinModule?.("node:stream") as NodeStream | undefined;
  if (fs?.createReadStream === undefined || stream?.Readable.toWeb === undefined) return undefined;
  return {
    path,
    size: sizeOf(await fs.promises.stat(path), path),
    open: () => Promise.resolve(stream.Readable.toWeb(fs.createReadStream(path, { highWaterMark: READ_SIZE }))),
  };
}

/**
 * Whether fetch sends a stream as it comes. Where it does not, a body is a Blob: browsers refuse streams over HTTP/1.1, and workerd stores a truncated
 * one as success.
 */
export function sendsStreams(): boolean {
  return runtime.Deno?.open !== undefined || runtime.process?.versions?.node !== undefined && !isWorkerd();
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

function sizeOf(info: FileInfo, path: string): number {
  const isFile = typeof info.isFile === "function" ? info.isFile() : info.isFile;
  if (!isFile) throw new TypeError(`${path} is no regular file`);
  return info.size;
}
