import { invalid, show } from "../check.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { DiscoError, InvalidNameError } from "../errors.ts";
import { checkBlobName, safeName } from "../names.ts";
import type { Replicas, WriteOptions } from "../options.ts";
import { SourceReader } from "../base/byte_reader.ts";
import {
  type Bytes,
  fileBytes,
  type FileSource,
  isPath,
  type Named,
  plainBytes,
  splitNamed,
} from "../sources/bytes.ts";
import { resumed } from "./resume.ts";
import { storeBlobs } from "./store_blobs.ts";
import type { Upload } from "../cluster/write_replicas.ts";
import { streamOf } from "../base/streams.ts";

const AT_ONCE = 3;

interface File {
  readonly name: string;
  readonly bytes: Bytes;
}

/** Looks at everything that is to be pushed, before anything is sent: names, and that files are there. */
export async function filesToPush(sources: readonly Named<FileSource>[], update: boolean): Promise<File[]> {
  const files = await Promise.all(sources.map(async (item) => {
    const [source, name] = splitNamed(item);
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
        }, and update: true keeps one: write [source, "name"]`,
        { code: "invalid-argument" },
      );
    }
    seen.set(name, label);
  }
}

/** Writes files as blobs, a few at once; the result is in their order. */
export async function pushFiles(cluster: Cluster, files: readonly File[], options: WriteOptions): Promise<Replicas[]> {
  const before = resumed(options, files.length);
  const left = files.map((file, place) => ({ file, place })).filter(({ place }) => !before.has(place)).values();
  const stored = await storeBlobs(
    cluster,
    options,
    files.map(({ bytes }) => bytes.size),
    async ({ stop, count, write }) => {
      const work = async () => {
        for (const { file, place } of left) {
          const upload = await uploadOf(file, stop.signal, (bytesIn) => count(file.name, { bytesIn }));
          await write(upload, place, { source: place });
        }
      };
      // All have ended before an error goes on: what they wrote is known then.
      await Promise.all(Array.from({ length: AT_ONCE }, () => work().catch((error) => stop.abort(error))));
    },
  );
  for (const [place, { stored: [replicas = []] }] of before) stored[place] = [...replicas];
  return stored;
}

/** Makes a file's bytes something that can be sent several times, and counts them once. */
async function uploadOf({ name, bytes }: File, signal: AbortSignal, onBytes: (size: number) => void): Promise<Upload> {
  const { label, size } = bytes;
  if (bytes.blob !== undefined || size === undefined) {
    const onPart = (part: Uint8Array) => onBytes(part.length);
    const blob = bytes.blob?.() ?? await spooled(new SourceReader(await bytes.open(), { label, signal, onPart }));
    if (bytes.blob !== undefined) onBytes(blob.size);
    return { name, size: blob.size, body: () => blob };
  }
  let furthest = 0;
  let failure: unknown;
  const failed = (error: unknown) => {
    failure = error;
    throw error;
  };
  const body = async () => {
    const source = new SourceReader(await bytes.open().catch(failed), { label, size });
    const read = async () => {
      const part = await source.read();
      const more = source.position - furthest;
      if (more > 0) onBytes(more);
      furthest += Math.max(0, more);
      return part;
    };
    return streamOf(() => read().catch(failed), (reason) => source.cancel(reason));
  };
  return { name, size, failure: () => failure, body };
}

/** Gathers a one-shot stream, so that it can be sent to several nodes, and again. */
async function spooled(source: SourceReader): Promise<Blob> {
  const parts: Blob[] = [];
  for (let part = await source.read(); part !== undefined; part = await source.read()) {
    parts.push(new Blob([part as Uint8Array<ArrayBuffer>]));
  }
  return new Blob(parts);
}

async function pathBytes(source: unknown): Promise<Bytes> {
  const text = source instanceof URL ? source.href : source;
  if (typeof text === "string" && text !== "" && isPath(text)) return await fileBytes(text);
  const rule = 'write [source, "name"], a path, a Blob, bytes, or a stream';
  throw invalid("source", text, `push() stores files; chunk() reads URLs and tags; ${rule}`);
}
