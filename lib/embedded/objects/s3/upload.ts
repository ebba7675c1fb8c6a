import { joined } from "../../../base/bytes.ts";
import { sleep, systemClock } from "../../../base/clock.ts";
import { CommError, DiscoError } from "../../../errors.ts";
import type { S3Requests } from "./requests.ts";
import { escapeXml, textIn } from "./xml.ts";

/** The size of a part in bytes; the last one may be smaller. S3 wants at least 5 MiB, and at most 10,000 parts. */
const PART = 8 * 2 ** 20;
/** The most parts of an object. */
const MOST_PARTS = 10_000;
/** The parts that are on their way at a time. */
const AT_ONCE = 3;
/** The most times that a part is sent: one of the same number takes the place of another. */
const TRIES = 4;

/** Options of an upload. */
export interface S3UploadOptions {
  /** The headers of the conditions under which the object is completed. */
  readonly conditions?: Readonly<Record<string, string>>;
  /** Ends each request of it. */
  readonly signal?: AbortSignal | undefined;
}

/** An object that is stored in parts. */
export class S3Upload {
  readonly #requests: S3Requests;
  readonly #key: string;
  readonly #uploadId: string;
  readonly #options: S3UploadOptions;

  private constructor(requests: S3Requests, key: string, uploadId: string, options: S3UploadOptions) {
    this.#requests = requests;
    this.#key = key;
    this.#uploadId = uploadId;
    this.#options = options;
  }

  /** Begins an upload. */
  static async begin(
    requests: S3Requests,
    key: string,
    headers: Readonly<Record<string, string>>,
    options: S3UploadOptions = {},
  ): Promise<S3Upload> {
    const { signal } = options;
    const answer = await requests.send({ method: "POST", key, query: { uploads: "" }, headers, signal });
    const uploadId = textIn(await requests.document(answer, "InitiateMultipartUploadResult"), "UploadId");
    return new S3Upload(requests, key, uploadId, options);
  }

  /** Stores a part; gives its ETag. */
  async part(number: number, body: Uint8Array<ArrayBuffer>): Promise<string> {
    const query = { partNumber: String(number), uploadId: this.#uploadId };
    const { signal } = this.#options;
    const answer = await this.#requests.send({ method: "PUT", key: this.#key, query, body, signal });
    if (!answer.ok) throw await this.#requests.refused(answer);
    await answer.stream.cancel();
    return answer.headers.get("etag") ?? "";
  }

  /** Makes the object of its parts, where the conditions hold. */
  async complete(parts: readonly string[]): Promise<{ etag: string } | "lost"> {
    const listed = parts.map((etag, index) =>
      `<Part><PartNumber>${index + 1}</PartNumber><ETag>${escapeXml(etag)}</ETag></Part>`
    );
    const text = `<CompleteMultipartUpload>${listed.join("")}</CompleteMultipartUpload>`;
    const { conditions = {}, signal } = this.#options;
    const answer = await this.#requests.send({
      ...{ method: "POST", key: this.#key, query: { uploadId: this.#uploadId }, headers: conditions, signal },
      body: new TextEncoder().encode(text),
    });
    if (answer.status === 412 && Object.keys(conditions).length > 0) {
      await answer.stream.cancel();
      return "lost";
    }
    const document = await this.#requests.document(answer, "CompleteMultipartUploadResult");
    return { etag: textIn(document, "ETag").replaceAll('"', "") };
  }

  /** Drops all parts. */
  async abort(): Promise<void> {
    const query = { uploadId: this.#uploadId };
    const answer = await this.#requests.send({ method: "DELETE", key: this.#key, query });
    if (!answer.ok && answer.status !== 404) throw await this.#requests.refused(answer);
    await answer.stream.cancel();
  }
}

/**
 * Stores a stream: in one piece where it is short, else in parts, of which some are in memory at a time. A stream itself is never a body: not every
 * runtime tells its length, and S3 wants that.
 *
 * @param put Stores the bytes of a short one.
 * @param begin Begins an upload; `undefined` where the object may not be stored.
 */
export async function storeStream(
  { stream, size }: { readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>; readonly size: number },
  put: (bytes: Uint8Array<ArrayBuffer>) => Promise<{ etag: string } | "lost">,
  begin: () => Promise<S3Upload | undefined>,
): Promise<{ etag: string } | "lost"> {
  const pieces = new Pieces(stream);
  try {
    if (size <= PART) return await put(await pieces.whole(size));
    const upload = await begin();
    if (upload === undefined) return "lost";
    try {
      return await upload.complete(await storeParts(pieces, size, upload));
    } catch (error) {
      // An answer that was lost may have been a success, after which there is nothing to abort.
      await upload.abort().catch(() => {});
      throw error;
    }
  } finally {
    await pieces.cancel();
  }
}

async function storeParts(pieces: Pieces, size: number, upload: S3Upload): Promise<string[]> {
  // All parts but the last have one size, and there is a most of them.
  const partSize = Math.max(PART, Math.ceil(size / MOST_PARTS));
  const parts: Promise<string>[] = [];
  try {
    for (let start = 0; start < size; start += partSize) {
      const end = Math.min(size, start + partSize);
      const bytes = end === size ? await pieces.whole(end - start) : await pieces.next(end - start);
      const part = sentAgain(() => upload.part(start / partSize + 1, bytes));
      // Its error is kept until it is waited for.
      part.catch(() => {});
      parts.push(part);
      await parts.at(-AT_ONCE);
    }
    return await Promise.all(parts);
  } catch (error) {
    // What arrives after the upload was given up would stay.
    await Promise.allSettled(parts);
    throw error;
  }
}

/** Sends a part again after an error that may pass. */
async function sentAgain(send: () => Promise<string>): Promise<string> {
  for (let tries = 1;; tries++) {
    try {
      return await send();
    } catch (error) {
      const mayPass = error instanceof CommError && (error.status === 0 || error.status === 429 || error.status >= 500);
      if (!mayPass || tries === TRIES) throw error;
      await sleep(systemClock, error.retryAfter ?? 2 ** tries * 50 * (1 + Math.random()));
    }
  }
}

/** A stream, taken in pieces of given sizes. */
class Pieces {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  #rest: Uint8Array<ArrayBuffer> = new Uint8Array(0);

  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.getReader();
  }

  /** Takes so many bytes. */
  async next(size: number): Promise<Uint8Array<ArrayBuffer>> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    while (length < size) {
      const { done, value = new Uint8Array(0) } = this.#rest.length > 0
        ? { done: false, value: this.#rest }
        : await this.#reader.read();
      if (done) throw wrongSize("ends before");
      const part = value.subarray(0, size - length);
      this.#rest = value.subarray(part.length);
      length += part.length;
      parts.push(part);
    }
    return joined(parts, size);
  }

  /** Takes so many bytes, which must be the last. */
  async whole(size: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = await this.next(size);
    let rest: Uint8Array<ArrayBuffer> | undefined = this.#rest;
    // A stream may end with pieces without bytes.
    while (rest !== undefined) {
      if (rest.length > 0) throw wrongSize("goes on after");
      rest = (await this.#reader.read()).value;
    }
    return bytes;
  }

  /** Lets go of what was not read. */
  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }
}

function wrongSize(what: string): DiscoError {
  return new DiscoError(`a stream ${what} the bytes that were announced`, { code: "invalid-argument" });
}
