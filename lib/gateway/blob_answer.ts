import type { DDFSReader } from "../client/reader.ts";
import { rangeHeader, unmetCondition } from "./conditions.ts";
import { contentType } from "./content_type.ts";
import { spanOf } from "./ranges.ts";
import type { StoredBlob } from "./stored_blob.ts";

/** Headers that keep what strangers have stored from running as a page of the site that passes it on. */
export const HARMLESS = { "x-content-type-options": "nosniff", "content-security-policy": "sandbox" } as const;

/** An answer without the blob: the range is not in it, or a condition is not met. */
export type Refusal = (status: 412 | 416, headers: Record<string, string>) => Response;

/**
 * Answers a GET or HEAD of a blob: with the whole of it, the range that is asked for, its headers alone, or that the client has it already.
 *
 * @param refuse Makes the answer to a range that is not in the blob, or to a condition that is not met.
 * @param cacheControl The value of Cache-Control; none by default.
 * @throws {CommError} If no replica can be read.
 */
export async function answerBlob(
  request: Request,
  ddfs: DDFSReader,
  { object, name, time, replicas }: StoredBlob,
  refuse: Refusal,
  cacheControl?: string,
): Promise<Response> {
  const etag = `"${object}"`;
  const headers: Record<string, string> = {
    ...HARMLESS,
    ...cacheControl !== undefined && { "cache-control": cacheControl },
    "accept-ranges": "bytes",
    "etag": etag,
    "last-modified": new Date(time / 1000).toUTCString(),
  };
  const unmet = unmetCondition(request, etag, time / 1000);
  if (unmet === 304) return new Response(null, { status: 304, headers });
  if (unmet === 412) return refuse(412, {});
  headers["content-type"] = contentType(name);
  if (request.method === "HEAD") return new Response(null, { headers: withLength(headers, await sizeOf()) });

  const wanted = rangeHeader(request, etag);
  // The size is only asked for where the header is to be understood.
  const size = wanted === null ? undefined : await sizeOf();
  const span = size === undefined ? "all" : spanOf(wanted, size);
  if (span === "none") return refuse(416, { "content-range": `bytes */${size}` });
  if (span === "all") {
    const blob = await ddfs.open(replicas);
    return sized(new Response(blob.stream(), { headers: withLength(headers, blob.size) }));
  }
  const blob = await ddfs.open(replicas, { range: span });
  headers["content-range"] = `bytes ${span.start}-${span.end - 1}/${size}`;
  return sized(
    new Response(blob.stream(), { status: 206, headers: withLength(headers, span.end - span.start) }),
  );

  async function sizeOf(): Promise<number | undefined> {
    for await (const { size, error } of ddfs.sizes([replicas])) {
      if (error !== undefined) throw error;
      return size;
    }
    return undefined;
  }
}

function withLength(headers: Record<string, string>, size: number | undefined): Record<string, string> {
  return size === undefined ? headers : { ...headers, "content-length": `${size}` };
}

/** workerd's stream of a known size. */
type SizedStream = new (size: number) => TransformStream<Uint8Array, Uint8Array>;

/** Makes workerd send the Content-Length that an answer has; without this, it leaves it out where the body is a stream. */
function sized(response: Response): Response {
  const { FixedLengthStream } = globalThis as { FixedLengthStream?: SizedStream };
  const size = response.headers.get("content-length");
  if (FixedLengthStream === undefined || size === null || response.body === null) return response;
  const { readable, writable } = new FixedLengthStream(Number(size));
  // What fails here ends the answer, whose reader is told.
  pump(response.body, writable).catch(() => {});
  return new Response(readable, response);
}

/** Writes one part after the other. workerd's own pipe reads ahead of a slow reader: with it, a Worker took 50 MiB more for the same blobs. */
async function pump(from: ReadableStream<Uint8Array>, to: WritableStream<Uint8Array>): Promise<void> {
  const [reader, writer] = [from.getReader(), to.getWriter()];
  // A reader that gives up while no part comes is noticed at once.
  writer.closed.catch((reason) => reader.cancel(reason)).catch(() => {});
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) await writer.write(part.value);
    await writer.close();
  } catch (error) {
    await Promise.allSettled([writer.abort(error), reader.cancel(error)]);
  }
}
