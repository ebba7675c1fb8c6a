import type { Cluster } from "./cluster.ts";
import { DiscoError, InvalidNameError } from "./errors.ts";
import { checkBlobName, safeName, show } from "./names.ts";
import type { Progress, Replicas, WriteOptions } from "./options.ts";
import {
  type Bytes,
  fileBytes,
  type FileSource,
  isPath,
  labelled,
  type Named,
  plainBytes,
  splitNamed,
} from "./sources.ts";
import { leftBehind } from "./left_behind.ts";
import { type Upload, writeBlob } from "./write_replicas.ts";

const AT_ONCE = 3;

interface File {
  readonly name: string;
  readonly bytes: Bytes;
}

/** Looks at everything that is to be pushed, before anything is sent: names, and that files are there. */
export async function filesToPush(sources: readonly Named<FileSource>[], update: boolean): Promise<File[]> {
  const files = await Promise.all(sources.map(async (item) => {
    const { source, name } = splitNamed(item);
    const bytes = plainBytes(source) ?? await pathBytes(source);
    if (name === undefined && bytes.name === "") {
      throw new InvalidNameError(`${bytes.label} has no name of its own: write [source, "name"]`);
    }
    return { name: checkBlobName(name ?? safeName(bytes.name)), bytes };
  }));
  if (update) checkDifferent(files.map(({ name, bytes }) => [name, bytes.label]));
  return files;
}

/** With `update`, DDFS keeps one of several blobs of a name: the others would be lost. */
export function checkDifferent(named: readonly (readonly [name: string, label: string])[]): void {
  const seen = new Map<string, string>();
  for (const [name, label] of named) {
    const other = seen.get(name);
    if (other !== undefined) {
      throw new DiscoError(
        `${show(other)} and ${show(label)} would both be stored as ${
          show(name)
        }, and update: true keeps one of them; give names: [source, "name"]`,
        { code: "invalid-argument" },
      );
    }
    seen.set(name, label);
  }
}

/** Writes files as blobs, a few at once; the result is in their order. */
export async function pushFiles(cluster: Cluster, files: readonly File[], options: WriteOptions): Promise<Replicas[]> {
  const { onProgress } = options;
  const sizes = files.map(({ bytes }) => bytes.size);
  const total = sizes.every((size) => size !== undefined) ? sizes.reduce((sum, size) => sum + size, 0) : undefined;
  const results: Replicas[] = [];
  const stop = new AbortController();
  const abort = () => stop.abort(options.signal?.reason);
  if (options.signal?.aborted) abort();
  options.signal?.addEventListener("abort", abort, { once: true });
  let [bytesIn, bytesOut, blobs, next] = [0, 0, 0, 0];
  const report = (name: string, replicas: Replicas) => {
    const progress: Progress = { bytesIn, bytesOut, records: 0, blobs, name, replicas, total };
    onProgress?.(progress);
  };

  const work = async () => {
    for (let i = next++; i < files.length; i = next++) {
      const file = files[i];
      if (file === undefined) return;
      const upload = await uploadOf(file, stop.signal, (size) => {
        bytesIn += size;
        report(file.name, []);
      });
      const replicas = await writeBlob(cluster, upload, { ...options, signal: stop.signal });
      results[i] = replicas;
      bytesOut += upload.size;
      blobs++;
      report(file.name, replicas);
    }
  };
  try {
    const workers = Array.from({ length: Math.min(AT_ONCE, files.length) }, () =>
      work().catch((error) => {
        stop.abort(error);
        throw error;
      }));
    // All have ended before the error goes on: what they wrote is known then.
    await Promise.allSettled(workers);
    await Promise.all(workers);
    return results;
  } catch (error) {
    throw leftBehind(stop.signal.reason ?? error, results);
  } finally {
    options.signal?.removeEventListener("abort", abort);
  }
}

/** Makes a file's bytes something that can be sent several times, and counts them once. */
async function uploadOf({ name, bytes }: File, signal: AbortSignal, onBytes: (size: number) => void): Promise<Upload> {
  const { blob, size } = bytes;
  if (blob !== undefined || size === undefined) {
    const whole = blob ?? await spooled(labelled(await bytes.open(), bytes.label, { onBytes }), signal);
    if (blob !== undefined) onBytes(blob.size);
    return { name, size: whole.size, body: () => whole };
  }
  let furthest = 0;
  let failure: unknown;
  return {
    name,
    size,
    failure: () => failure,
    async body() {
      let position = 0;
      return labelled(await bytes.open(), bytes.label, {
        onBytes: (read) => {
          position += read;
          if (position <= furthest) return;
          onBytes(position - furthest);
          furthest = position;
        },
        onError: (error) => failure = error,
      });
    },
  };
}

/** Gathers a one-shot stream, so that it can be sent to several nodes, and again. */
async function spooled(stream: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<Blob> {
  const parts: Blob[] = [];
  const reader = stream.getReader();
  const abort = () => reader.cancel(signal.reason).catch(() => {});
  signal.addEventListener("abort", abort, { once: true });
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return new Blob(parts);
      parts.push(new Blob([value as Uint8Array<ArrayBuffer>]));
    }
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

async function pathBytes(source: unknown): Promise<Bytes> {
  const text = source instanceof URL ? source.href : source;
  if (typeof text !== "string" || text === "") {
    throw new DiscoError(
      `Invalid source ${show(text)}: push() takes paths, Files, Blobs, bytes, streams, and [source, "name"]`,
      {
        code: "invalid-argument",
      },
    );
  }
  if (!isPath(text)) {
    throw new DiscoError(`Invalid source ${show(text)}: push() stores files; chunk() reads URLs and tags`, {
      code: "invalid-argument",
    });
  }
  return await fileBytes(text);
}
