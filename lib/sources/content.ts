import { ByteReader } from "../base/byte_reader.ts";
import type { Cluster } from "../cluster/cluster.ts";
import { DataError } from "../errors.ts";
import type { DecompressOptions } from "../options.ts";
import { gunzip } from "./gunzip.ts";

/** Settings of {@linkcode contentOf}. */
export interface ContentOptions extends DecompressOptions {
  /** The source's name. */
  readonly label: string;
  /** True if it is to be split into lines, which would not mean anything in what is compressed. */
  readonly isSplit?: boolean;
  /** Ends the reading. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Gives what is to be read of a source: what is in it where it is compressed and that is wanted, else itself. An event of type `hint` tells of one
 * that is compressed and is split as it is.
 *
 * @param cluster The client's cluster.
 * @param source The source; what was looked at stays in it.
 */
export async function contentOf(
  cluster: Cluster,
  source: ByteReader,
  { decompress = false, isSplit = false, label, signal }: ContentOptions,
): Promise<ByteReader> {
  if (!(decompress || isSplit) || !await isGzip(source)) return source;
  if (decompress) return new ByteReader(gunzip(source.stream()), { label, signal });
  const message = `${label} is gzipped, and is split into lines as it is: decompress: true reads what is in it`;
  const cause = new DataError(message, { code: "unsupported", url: label });
  cluster.transport.tell({ type: "hint", about: { url: label }, attempt: 1, cause });
  return source;
}

async function isGzip(source: ByteReader): Promise<boolean> {
  const [first, second, method] = await source.peek(3) ?? [];
  return first === 0x1f && second === 0x8b && method === 8;
}
