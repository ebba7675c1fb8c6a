import { FlatIterator } from "../base/flat.ts";
import { lineBatches } from "../base/lines.ts";
import { gathered } from "../base/streams.ts";
import { checkOptions, type OptionNames, wholeNumber } from "../check.ts";
import { CommError, DiscoError } from "../errors.ts";
import { blobName } from "../names.ts";
import type { PullOptions, Range, RangeOptions, Replicas } from "../options.ts";
import type { Cluster } from "./cluster.ts";
import { firstAnswer, type ReplicaAnswer } from "./first_answer.ts";
import { blobStream } from "./read_replicas.ts";

/**
 * A blob that pull() found: its first bytes are on their way, or not asked for yet; its content can be read again and again. With a range, or made by
 * {@linkcode PulledBlob.slice}, it stands for a part of the blob, and ranges count from the beginning of that.
 */
export interface PulledBlob {
  /** The blob's name, without its time stamp. */
  readonly name: string;
  /** The replica that answered. */
  readonly url: string;
  /** All its replicas. */
  readonly replicas: Replicas;
  /** The size in bytes, where the server says it. */
  readonly size: number | undefined;
  /** Gives the content as a stream, which goes on with another replica when one fails. */
  stream(options?: RangeOptions): ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Reads the content. */
  bytes(options?: RangeOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads the content as UTF-8 text. */
  text(options?: RangeOptions): Promise<string>;
  /** Gives a response with the content as its body, for a Worker to pass on; of a part, with status 206 and Content-Range where the size is known. */
  response(options?: RangeOptions): Response;
  /** Reads the lines of UTF-8 text, one after the other; they end at `\n` only, and keep it. */
  lines(): AsyncIterableIterator<string>;
  /** Gives a part of the blob as a blob: the bytes from `start` up to `end`, which is not in it; to the blob's end by default. */
  slice(start: number, end?: number): PulledBlob;
}

/**
 * Opens a blob by its replicas.
 *
 * @param options The signal of the operation, and the part of the blob that is wanted.
 * @param later The caller's own signal, which ends a read after the operation, too.
 * @returns The blob, and a function that ends its first request if it was not read.
 */
export async function pulled(
  cluster: Cluster,
  replicas: Replicas,
  options: Pick<PullOptions, "signal" | "range">,
  later?: AbortSignal,
): Promise<[blob: PulledBlob, end: () => void]> {
  const part = checkedRange(options);
  // No byte at all cannot be asked for.
  const end = part.end === undefined ? undefined : Math.max(part.end, part.start + 1);
  // The first answer is read later, too: when the operation is over, only the caller's own signal ends it.
  const signal = later && options.signal ? AbortSignal.any([later, options.signal]) : options.signal;
  try {
    const opened = await firstAnswer(cluster, replicas, { start: part.start, end, signal });
    const { url, size } = opened;
    const source = { cluster, replicas, url, whole: size, signal, unread: [opened] };
    return [blobOf(source, within(WHOLE, part, size)), () => source.unread.pop()?.end()];
  } catch (error) {
    // So a node answers to a closed range past the end, and other servers to any part that has no bytes.
    if (!(error instanceof CommError && [403, 416].includes(error.status))) throw error;
    const head = await firstAnswer(cluster, replicas, { method: "HEAD", signal }).catch(() => undefined);
    head?.end();
    const { url, size } = head ?? {};
    if (url === undefined || size === undefined || part.start < size) throw error;
    return [blobOf({ cluster, replicas, url, whole: size, signal, unread: [] }, within(WHOLE, part, size)), () => {}];
  }
}

/** A blob that was opened. */
interface Source {
  readonly cluster: Cluster;
  readonly replicas: Replicas;
  readonly url: string;
  /** The size of the whole blob, where it is known. */
  readonly whole: number | undefined;
  readonly signal: AbortSignal | undefined;
  /** The first answer, until somebody reads it. */
  readonly unread: ReplicaAnswer[];
}

/** A part of a blob, in bytes from its beginning. */
interface Part {
  readonly start: number;
  readonly end: number | undefined;
}

const WHOLE: Part = { start: 0, end: undefined };

function blobOf(source: Source, part: Part, isFirst = true): PulledBlob {
  const { cluster, replicas, url, whole, signal, unread } = source;
  const partOf = (options: RangeOptions = {}) => {
    checkOptions("a blob", options, { range: true });
    return options.range === undefined ? part : within(part, checkedRange(options), whole);
  };
  const stream = (options?: RangeOptions) => {
    const wanted = partOf(options);
    const opened = unread.pop();
    const first = isFirst && wanted === part ? opened : undefined;
    // Who reads a part may never read the whole.
    if (first === undefined) opened?.end();
    return blobStream(cluster, replicas, { ...wanted, size: whole, signal }, first);
  };
  const response = (options?: RangeOptions) => {
    const wanted = partOf(options);
    const size = sizeOf(wanted, whole);
    const isPart = wanted.start > 0 || wanted.end !== undefined;
    const hasRange = isPart && whole !== undefined && size !== undefined && size > 0;
    return new Response(stream(options), {
      status: isPart ? 206 : 200,
      headers: {
        "content-type": "application/octet-stream",
        ...size !== undefined && { "content-length": `${size}` },
        ...hasRange && { "content-range": `bytes ${wanted.start}-${wanted.start + size - 1}/${whole}` },
      },
    });
  };
  const bytes = async (options?: RangeOptions) => {
    const size = sizeOf(partOf(options), whole);
    return await gathered(stream(options), size);
  };
  return {
    name: blobName(url),
    url,
    replicas,
    size: sizeOf(part, whole),
    stream,
    response,
    bytes,
    text: async (options) => textOf(await bytes(options), url),
    lines: () => new FlatIterator(lineBatches(stream()), signal),
    slice: (start, end) => blobOf(source, within(part, checkedRange({ range: { start, end } }), whole), false),
  };
}

/** Checks a range that was given. */
function checkedRange({ range = {} }: RangeOptions): Part {
  checkOptions("range", range, { start: true, end: true } satisfies OptionNames<Range>);
  return { start: wholeNumber(range, "start", 0) ?? 0, end: wholeNumber(range, "end", 0) };
}

/** Gives a part of a part; it ends where the blob does. */
function within(part: Part, { start, end }: Part, whole: number | undefined): Part {
  const last = Math.min(part.end ?? Infinity, whole ?? Infinity, end === undefined ? Infinity : part.start + end);
  const first = Math.min(part.start + start, last);
  // A server may answer to an open range that begins at the end with all of the blob.
  const isOpen = last === whole && (first < last || first === 0) && part.end === undefined && end === undefined;
  return { start: first, end: last === Infinity || isOpen ? undefined : last };
}

function sizeOf({ start, end }: Part, whole: number | undefined): number | undefined {
  if (whole === undefined) return undefined;
  return Math.max(0, Math.min(end ?? whole, whole) - start);
}

function textOf(bytes: Uint8Array, url: string): string {
  try {
    return new TextDecoder().decode(bytes);
  } catch (cause) {
    const message = `The ${bytes.length} bytes of ${url} are too many for one text: read its lines() or its stream()`;
    throw new DiscoError(message, { code: "unsupported", cause });
  }
}
