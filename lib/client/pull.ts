import type { Cluster } from "../cluster/cluster.ts";
import { blobName, parseTag, type Tag } from "../names.ts";
import type { Replicas, WalkOptions } from "../options.ts";
import { firstAnswer } from "../cluster/first_answer.ts";
import { blobStream } from "../cluster/read_replicas.ts";
import { walkTags } from "../cluster/walk.ts";

/** A blob that pull() found: its first bytes are on their way, or not asked for yet; its content can be read again and again. */
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
  stream(): ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Reads the content. */
  bytes(): Promise<Uint8Array<ArrayBuffer>>;
  /** Reads the content as UTF-8 text. */
  text(): Promise<string>;
  /** Gives a response with the content as its body, for a Worker to pass on. */
  response(): Response;
}

/** Opens the blobs of a tag and of all that it links to, one after the other; ends the request of one that nobody has read. */
export async function* pullBlobs(
  cluster: Cluster,
  tag: Tag,
  filter: (name: string) => boolean,
  options: WalkOptions,
  later?: AbortSignal,
): AsyncGenerator<PulledBlob, void, undefined> {
  for await (const { blobs } of walkTags(cluster, [parseTag(tag)], options)) {
    for (const replicas of blobs) {
      if (!filter(blobName(replicas[0] ?? ""))) continue;
      const [blob, end] = await pulled(cluster, replicas, options, later);
      try {
        yield blob;
      } finally {
        end();
      }
    }
  }
}

/**
 * Opens a blob by its replicas.
 *
 * @param options The signal of the operation.
 * @param later The caller's own signal, which ends a read after the operation, too.
 * @returns The blob, and a function that ends its first request if it was not read.
 */
export async function pulled(
  cluster: Cluster,
  replicas: Replicas,
  options: Pick<WalkOptions, "signal">,
  later?: AbortSignal,
): Promise<[blob: PulledBlob, end: () => void]> {
  const opened = await firstAnswer(cluster, replicas, options);
  const { url, size } = opened;
  const unread = [opened];
  const signal = later && options.signal ? AbortSignal.any([later, options.signal]) : options.signal;
  const stream = () => blobStream(cluster, replicas, { signal }, unread.pop());
  const response = () =>
    new Response(stream(), {
      headers: {
        "content-type": "application/octet-stream",
        ...size !== undefined && { "content-length": `${size}` },
      },
    });
  const blob: PulledBlob = {
    name: blobName(url),
    url,
    replicas,
    size,
    stream,
    response,
    bytes: async () => new Uint8Array(await response().arrayBuffer()),
    text: () => response().text(),
  };
  return [blob, () => unread.pop()?.end()];
}
