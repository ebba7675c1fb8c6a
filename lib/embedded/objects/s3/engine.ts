import { check } from "../../../check.ts";
import { CommError } from "../../../errors.ts";
import type {
  ListedObject,
  MultipartUpload,
  ObjectBody,
  ObjectEngine,
  ObjectGetOptions,
  ObjectHead,
  ObjectPutOptions,
  StoredObject,
} from "../bucket/engine.ts";
import { foreign, refusalOf, refused } from "./errors.ts";
import type { S3Answer, S3Requests } from "./requests.ts";
import { S3Upload, storeStream } from "./upload.ts";
import { textIn } from "./xml.ts";

/** The headers of metadata begin with this. */
const META = "x-amz-meta-";

/** Options of requests that may be ended. */
interface Endable {
  readonly signal?: AbortSignal | undefined;
}

/** A bucket behind S3. */
export class S3Engine implements ObjectEngine {
  readonly name: string;
  readonly #requests: S3Requests;
  /** Writes an ETag as the store wants it in If-Match; found out at the first use. */
  #condition: Promise<(etag: string) => string> | undefined;

  constructor(requests: S3Requests) {
    this.#requests = requests;
    this.name = requests.store;
  }

  async get(key: string, { range, signal }: ObjectGetOptions = {}): Promise<StoredObject | undefined> {
    // S3 has no way to ask for no bytes.
    if (range !== undefined && range.start >= range.end) return withoutBytes(await this.head(key, { signal }));
    const last = range === undefined || range.end === Infinity ? "" : range.end - 1;
    const headers = range === undefined ? {} : { range: `bytes=${range.start}-${last}` };
    const answer = await this.#requests.send({ method: "GET", key, headers, signal });
    if (answer.status === 416) {
      await answer.stream.cancel();
      return withoutBytes(await this.head(key, { signal }));
    }
    if (answer.status === 404) return await this.#missing(answer);
    if (!answer.ok) throw await this.#requests.refused(answer);
    const [, size] = /^bytes \d+-\d+\/(\d+)$/.exec(answer.headers.get("content-range") ?? "") ?? [];
    if (range !== undefined && size === undefined) throw await this.#foreign(answer, "Range is passed over");
    return { ...await this.#headOf(answer, size), stream: answer.stream };
  }

  async head(key: string, { signal }: Endable = {}): Promise<ObjectHead | undefined> {
    const answer = await this.#requests.send({ method: "HEAD", key, signal });
    if (answer.status === 404) return undefined;
    if (!answer.ok) throw await this.#requests.refused(answer);
    return await this.#headOf(answer);
  }

  async put(key: string, body: ObjectBody, options: ObjectPutOptions = {}): Promise<{ etag: string } | "lost"> {
    const { ifMatch, ifNoneMatch, metadata = {}, signal } = options;
    const condition = ifMatch === undefined ? undefined : (await this.#conditions())(ifMatch);
    const conditions = {
      ...(condition === undefined ? {} : { "if-match": condition }),
      ...(ifNoneMatch === undefined ? {} : { "if-none-match": ifNoneMatch }),
    };
    const stored = (bytes: Uint8Array<ArrayBuffer>) =>
      this.#put(key, bytes, { ...conditions, ...headersOf(metadata) }, signal);
    if (body instanceof Uint8Array) return await stored(body);
    return await storeStream(body, stored, async () => {
      // Not every store looks at the condition of an upload in parts.
      if (ifNoneMatch !== undefined && await this.head(key, { signal }) !== undefined) return undefined;
      return await S3Upload.begin(this.#requests, key, headersOf(metadata), { conditions, signal });
    });
  }

  async *list({ prefix, after = "" }: { prefix: string; after?: string | undefined }): AsyncIterable<ListedObject> {
    for (let last = after, isMore = true; isMore;) {
      const before = last;
      const { keys, isCut, answer } = await this.#page(prefix, last);
      for (const object of keys) {
        last = object.key;
        yield object;
      }
      isMore = isCut;
      if (isMore && last === before) throw foreign(answer.asked, answer.status, "a list that does not go on");
    }
  }

  async delete(key: string): Promise<void> {
    const answer = await this.#requests.send({ method: "DELETE", key });
    if (answer.status === 404) await this.#missing(answer);
    else if (!answer.ok) throw await this.#requests.refused(answer);
    else if (answer.headers.get("content-type")?.includes("html")) throw await this.#foreign(answer, "a page");
    else await answer.stream.cancel();
  }

  async multipart(
    key: string,
    { metadata = {} }: { readonly metadata?: Readonly<Record<string, string>> | undefined } = {},
  ): Promise<MultipartUpload> {
    const upload = await S3Upload.begin(this.#requests, key, headersOf(metadata));
    return {
      part: (number, bytes) => upload.part(number, bytes),
      complete: async (parts) => void await upload.complete(parts),
      abort: () => upload.abort(),
    };
  }

  async link(key: string, seconds: number): Promise<string> {
    const isTime = (value: number) => Number.isInteger(value) && value >= 1 && value <= 604_800;
    check("seconds", seconds, isTime, "it must be a whole number from 1 to 604800");
    return await this.#requests.link(key, seconds);
  }

  async #put(
    key: string,
    body: Uint8Array<ArrayBuffer>,
    headers: Readonly<Record<string, string>>,
    signal?: AbortSignal,
  ): Promise<{ etag: string } | "lost"> {
    const answer = await this.#requests.send({ method: "PUT", key, body, headers, signal });
    if (answer.ok) {
      const etag = await this.#etagOf(answer);
      await answer.stream.cancel();
      return { etag };
    }
    const text = await this.#requests.text(answer);
    const { status, code } = refusalOf(answer.response, text);
    // 409: two that were sent at a time, and this one was not stored. 404: AWS, of If-Match where there is no object.
    const isLost = status === 412 || code === "ConditionalRequestConflict" || (status === 404 && code === "NoSuchKey");
    if (isLost && ("if-match" in headers || "if-none-match" in headers)) return "lost";
    throw refused(answer.asked, answer.response, text);
  }

  async #page(
    prefix: string,
    after: string,
  ): Promise<{ keys: ListedObject[]; isCut: boolean; answer: S3Answer }> {
    const { folder } = this.#requests;
    const start: Record<string, string> = after === "" ? {} : { "start-after": folder + after };
    const query = { "list-type": "2", "encoding-type": "url", prefix: folder + prefix, ...start };
    const answer = await this.#requests.send({ method: "GET", query });
    const result = await this.#requests.document(answer, "ListBucketResult");
    const isEncoded = textIn(result, "EncodingType") === "url";
    const keys: ListedObject[] = [];
    for (const object of result.children) {
      if (object.name !== "Contents") continue;
      const written = textIn(object, "Key");
      const key = isEncoded ? decodeURIComponent(written.replaceAll("+", " ")) : written;
      const size = Number(textIn(object, "Size") || NaN);
      const modified = Date.parse(textIn(object, "LastModified"));
      if (!key.startsWith(folder + prefix) || !(size >= 0) || !(modified >= 0)) {
        throw foreign(answer.asked, answer.status, `a list with ${JSON.stringify(key)}, of which this cannot be`);
      }
      keys.push({ key: key.slice(folder.length), size, modified });
    }
    return { keys, isCut: textIn(result, "IsTruncated") === "true", answer };
  }

  /** Finds out in which form the store takes an ETag: AWS in quotes, Ceph without them. It takes some requests, once, and an object of its own. */
  #conditions(): Promise<(etag: string) => string> {
    return this.#condition ??= this.#tried().catch((error) => {
      this.#condition = undefined;
      throw error;
    });
  }

  async #tried(): Promise<(etag: string) => string> {
    const key = `trial/${crypto.randomUUID()}`;
    const body = new TextEncoder().encode("a trial of conditions");
    const made = await this.#put(key, body, {});
    const etag = made === "lost" ? "" : made.etag;
    try {
      for (const form of [(etag: string) => `"${etag}"`, (etag: string) => etag]) {
        if (await this.#put(key, body, { "if-match": form(etag) }) !== "lost") return form;
      }
    } finally {
      await this.delete(key);
    }
    const what = "a PUT with If-Match and the object's own ETag is refused";
    throw new CommError(`${this.name}: ${what}: use a store that has conditional writes`, {
      code: "unsupported",
      url: this.#requests.asked({ method: "PUT", key }).url,
      status: 412,
    });
  }

  /** Takes a 404 for what it says: that there is no object, or else no bucket. */
  async #missing(answer: S3Answer): Promise<undefined> {
    const text = await this.#requests.text(answer);
    if (refusalOf(answer.response, text).code !== "NoSuchKey") throw refused(answer.asked, answer.response, text);
  }

  async #headOf(answer: S3Answer, size = answer.headers.get("content-length") ?? ""): Promise<ObjectHead> {
    const etag = await this.#etagOf(answer);
    const modified = Date.parse(answer.headers.get("last-modified") ?? "");
    if (!/^\d+$/.test(size) || !(modified >= 0)) throw await this.#foreign(answer, "no size or no time");
    const metadata = [...answer.headers].filter(([name]) => name.startsWith(META))
      .map(([name, value]) => [name.slice(META.length), value] as const);
    return { size: Number(size), etag, modified, metadata: Object.fromEntries(metadata) };
  }

  /** Gives the ETag without its quotes. A page that a proxy puts in place of an answer has none. */
  async #etagOf(answer: S3Answer): Promise<string> {
    const [, etag] = /^(?:W\/)?"?([^"]+)"?$/.exec(answer.headers.get("etag") ?? "") ?? [];
    return etag ?? Promise.reject(await this.#foreign(answer, "no ETag"));
  }

  async #foreign(answer: S3Answer, what: string): Promise<CommError> {
    await answer.stream.cancel();
    return foreign(answer.asked, answer.status, what);
  }
}

function headersOf(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [META + name, value]));
}

function withoutBytes(head: ObjectHead | undefined): StoredObject | undefined {
  return head && { ...head, stream: new Blob([]).stream() };
}
