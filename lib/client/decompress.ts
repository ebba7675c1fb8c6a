import { ByteReader, type ByteReaderOptions } from "../base/byte_reader.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { DataError } from "../errors.ts";
import { gunzip } from "../runtime/gunzip.ts";

/** Options for sources that may be compressed. */
export interface DecompressOptions {
  /**
   * Decompresses sources that begin as gzip does. Without it they are read as they are, and an event of type `hint` tells of it.
   *
   * @default {false}
   */
  decompress?: boolean | undefined;
}

/**
 * Looks whether a source is gzipped, and decompresses it where that is wanted.
 *
 * @param source The source; what was looked at stays in it.
 * @param options Whether to, and what ends it.
 * @returns What is to be read: the same source where it is not gzipped, or is to stay so.
 */
export async function decompressed(
  source: ByteReader,
  { decompress = false, label, signal }: DecompressOptions & Pick<ByteReaderOptions, "label" | "signal">,
): Promise<ByteReader> {
  if (!decompress || !await isGzip(source)) return source;
  return new ByteReader(gunzip(source.stream()), { label, signal });
}

/**
 * Tells that a source is read as lines though it is gzipped.
 *
 * @param cluster The client's cluster.
 * @param source The source; it keeps what was looked at.
 * @param label Its name.
 */
export async function hintAtGzip(cluster: Cluster, source: ByteReader, label: string): Promise<void> {
  if (!await isGzip(source)) return;
  const message = `${label} is gzipped, and is split into lines as it is: decompress: true reads what is in it`;
  const cause = new DataError(message, { code: "unsupported", url: label });
  cluster.transport.tell({ type: "hint", about: { url: label }, attempt: 1, cause });
}

async function isGzip(source: ByteReader): Promise<boolean> {
  const [first, second, method] = await source.peek(3) ?? [];
  return first === 0x1f && second === 0x8b && method === 8;
}
