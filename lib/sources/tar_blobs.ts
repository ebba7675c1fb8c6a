/**
 * Tar archives, for push(): a blob for each file in them.
 *
 * @example The files of an archive as blobs
 * ```ts
 * import { DDFS } from "@ddfs/client";
 * import { embedded } from "@ddfs/client/embedded";
 * import { tarBlobs } from "@ddfs/client/tar";
 * import { expect } from "@std/expect";
 *
 * const archive = new Uint8Array(1024); // an empty one
 * const { fetch, master } = embedded();
 * const ddfs = new DDFS(master, { fetch });
 * for await (const { name, blob } of tarBlobs(archive)) await ddfs.push("data:files", [[blob, name]]);
 * expect(await ddfs.exists("data:files")).toBe(false);
 * ```
 *
 * @module
 */
import { createTarDecoder } from "modern-tar";
import { ByteReader, type ByteSource, sourceFailed } from "../base/byte_reader.ts";
import { answered, check, checkOptions, FLAG, SIGNAL } from "../check.ts";
import { DiscoError } from "../errors.ts";
import { safeName } from "../names.ts";
import { gunzip } from "./gunzip.ts";

export { DataError, DiscoError } from "../errors.ts";
export type { DataErrorOptions, DiscoErrorOptions, ErrorCode } from "../errors.ts";
export type { ByteSource } from "../base/byte_reader.ts";
export type { Memory } from "../base/bytes.ts";

/** Options of {@linkcode tarBlobs}. */
export interface TarOptions {
  /**
   * Gzips each file; its name then ends in `_gz`.
   *
   * @default {true}
   */
  compress?: boolean | undefined;
  /** Takes only files whose paths contain this text, or for whose paths this function says so. */
  include?: string | ((path: string) => boolean) | undefined;
  /** Leaves out files whose paths contain this text. */
  exclude?: string | undefined;
  /** Ends the work and the source when it is aborted; its reason is thrown. */
  signal?: AbortSignal | undefined;
}

/** A file of an archive. */
export interface TarBlob {
  /** A name that DDFS accepts, made of the file's path in the archive. */
  readonly name: string;
  /** Its path in the archive. */
  readonly path: string;
  /** Its content, gzipped if that is wanted. */
  readonly blob: Blob;
  /** The size of the blob in bytes. */
  readonly size: number;
}

/**
 * Reads the files of a tar archive, one after the other; folders, links and devices are passed over.
 *
 * @param source The archive, plain or gzipped; a stream is cancelled when it is not read to its end.
 * @param options Which files, and whether they are gzipped.
 * @returns The files, in the order of the archive. Only one is in memory at a time.
 * @throws {DataError} If the source fails, or is no archive (code `source-failed`).
 *
 * @example What is in an archive
 * ```ts
 * import { tarBlobs } from "@ddfs/client/tar";
 * import { expect } from "@std/expect";
 *
 * const names: string[] = [];
 * for await (const { name } of tarBlobs(new Uint8Array(1024), { compress: false })) names.push(name);
 * expect(names).toEqual([]);
 * ```
 */
export async function* tarBlobs(
  source: ByteSource,
  options: TarOptions = {},
): AsyncGenerator<TarBlob, void, undefined> {
  checkOptions("tarBlobs()", options, { compress: FLAG, include: true, exclude: true, signal: SIGNAL });
  const { compress = true, include = "", exclude, signal } = options;
  const isText = (value: unknown) => typeof value === "string";
  check("include", include, (value) => isText(value) || typeof value === "function", "write a text or a function");
  check("exclude", exclude, isText, "write a text");
  const label = "the archive";
  const reader = new ByteReader(source, { label, signal });
  try {
    const [first, second] = await reader.peek(2) ?? [];
    const isZipped = first === 0x1f && second === 0x8b;
    const archive = isZipped ? new ByteReader(gunzip(reader.stream()), { label, signal }) : reader;
    const entries = archive.stream().pipeThrough(createTarDecoder({ strict: true })).getReader();
    for (let { value } = await entries.read(); value !== undefined; { value } = await entries.read()) {
      const { header: { name, type }, body } = value;
      const isIncluded = typeof include === "string" ? name.includes(include) : answered("include", include(name));
      const isWanted = type === "file" && isIncluded && (exclude === undefined || !name.includes(exclude));
      if (!isWanted) {
        await body.cancel();
        continue;
      }
      const content = body as ReadableStream<Uint8Array<ArrayBuffer>>;
      const blob = await new Response(compress ? content.pipeThrough(new CompressionStream("gzip")) : content).blob();
      yield { name: safeName(name) + (compress ? "_gz" : ""), path: name, blob, size: blob.size };
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw cause instanceof DiscoError ? cause : sourceFailed(label, cause);
  } finally {
    reader.cancel();
  }
}
