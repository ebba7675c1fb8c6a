import { AwsClient } from "aws4fetch";
import { onAbort } from "../../../base/abort.ts";
import { pulledStream } from "../../../base/streams.ts";
import { type Clock, systemClock, timeUp } from "../../../base/clock.ts";
import { type CommError, DiscoError } from "../../../errors.ts";
import { remembered } from "../../../secrets.ts";
import { foreign, refused, type S3Asked, unanswered } from "./errors.ts";
import { parseXml, type XmlElement } from "./xml.ts";

/** A key to an object store. */
export interface S3Credentials {
  /** The name of the key. */
  readonly accessKeyId: string;
  /** The key itself: a secret. */
  readonly secretAccessKey: string;
  /** Belongs to a key that ends; a secret, too. */
  readonly sessionToken?: string | undefined;
}

/** The address of a bucket, and all that requests to it need. */
export interface S3Address {
  /** The address of the bucket, with a slash at its end. */
  readonly base: string;
  /** Each key begins with it; it is empty, or has a slash at its end. */
  readonly folder: string;
  /** The store's name for errors. */
  readonly store: string;
  readonly region: string;
  readonly credentials: S3Credentials | (() => S3Credentials | Promise<S3Credentials>);
  /** The milliseconds that an answer, or more of a body, may take. */
  readonly timeout: number;
  readonly fetch: (request: Request) => Promise<Response>;
  readonly after: Clock["after"];
}

/** A request. */
export interface S3Request {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** The key of the object; the bucket itself where there is none. */
  readonly key?: string;
  /** Names and values that stand in the query. */
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** An answer, whose body ends as the request does. */
export interface S3Answer {
  readonly status: number;
  readonly ok: boolean;
  readonly headers: Headers;
  /** The request, for errors. */
  readonly asked: S3Asked;
  readonly response: Response;
  /** The body; an error in it is one of this library. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** The slowest upload that is waited for, in bytes a millisecond. */
const SLOWEST = 16;
/** The longest answer that is read as a text, in bytes. */
const LONGEST_TEXT = 2 ** 24;

/** Sends signed requests, each once: who sends one again has to know what became of it. */
export class S3Requests {
  /** The store's name for errors. */
  readonly store: string;
  /** Each key begins with it. */
  readonly folder: string;
  readonly #address: S3Address;
  /** It remembers the keys that it derives for a day. */
  #client: { readonly of: S3Credentials; readonly client: AwsClient } | undefined;

  constructor(address: S3Address) {
    this.#address = address;
    this.store = address.store;
    this.folder = address.folder;
  }

  /** Names a request for errors. */
  asked({ method, key }: S3Request): S3Asked {
    const what = key === undefined ? `${method} of the bucket` : `${method} of ${JSON.stringify(key)}`;
    return { store: this.store, what, url: this.#urlOf(key).href };
  }

  /** Makes the error of an answer that is no success. */
  async refused(answer: S3Answer): Promise<CommError> {
    return refused(answer.asked, answer.response, await this.text(answer));
  }

  /**
   * Sends a request.
   *
   * @returns The answer, whatever its status.
   * @throws {CommError} If no answer came: what became of the request is unknown then.
   * @throws The reason of the signal, when that is aborted.
   */
  async send(request: S3Request): Promise<S3Answer> {
    const { method, key, query = {}, headers = {}, body, signal } = request;
    const { timeout, fetch, after } = this.#address;
    signal?.throwIfAborted();
    const asked = this.asked(request);
    const url = this.#urlOf(key);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    const client = await this.#signer();
    const controller = new AbortController();
    const letGo = onAbort(signal, (reason) => controller.abort(reason));
    const limit = timeout + (body?.length ?? 0) / SLOWEST;
    const stop = after(limit, () => controller.abort(timeUp(limit)));
    try {
      const signed = await client.sign(url, {
        ...{ method, headers: { ...headers }, redirect: "manual" as const, signal: controller.signal },
        ...(body === undefined ? {} : { body }),
      });
      const response = await fetch(signed);
      const { status, ok } = response;
      return { status, ok, headers: response.headers, asked, response, stream: this.#body(response, asked, signal) };
    } catch (error) {
      signal?.throwIfAborted();
      throw unanswered(asked, controller.signal.aborted ? controller.signal.reason : error);
    } finally {
      stop();
      letGo();
    }
  }

  /**
   * Reads the body of an answer as a text.
   *
   * @throws {CommError} If it is cut off, or too long to be an answer of S3.
   */
  async text({ stream, asked, status }: S3Answer): Promise<string> {
    const decoder = new TextDecoder();
    let text = "";
    for (const reader = stream.getReader();;) {
      const { done, value } = await reader.read();
      if (done) return text + decoder.decode();
      text += decoder.decode(value, { stream: true });
      if (text.length <= LONGEST_TEXT) continue;
      await reader.cancel();
      throw foreign(asked, status, "it is too long");
    }
  }

  /**
   * Reads the document that an answer consists of.
   *
   * @param name The name of its outermost element.
   * @throws {CommError} If the answer is no success, or another document.
   */
  async document(answer: S3Answer, name: string): Promise<XmlElement> {
    if (!answer.ok) throw await this.refused(answer);
    const text = await this.text(answer);
    const document = parseXml(text.trimStart());
    if (document?.name === name) return document;
    // What fails late is answered by 200 all the same.
    if (document?.name === "Error") throw refused(answer.asked, answer.response, text);
    throw foreign(answer.asked, answer.status, `no ${name}`);
  }

  /** Makes a URL by which anybody may GET an object. */
  async link(key: string, seconds: number): Promise<string> {
    const url = this.#urlOf(key);
    url.searchParams.set("X-Amz-Expires", String(seconds));
    const client = await this.#signer();
    return (await client.sign(url, { method: "GET", aws: { signQuery: true } })).url;
  }

  #urlOf(key: string | undefined): URL {
    const { base, folder } = this.#address;
    return new URL(key === undefined ? base.replace(/\/$/, "") : base + encodedKey(folder + key));
  }

  async #signer(): Promise<AwsClient> {
    const { credentials, region } = this.#address;
    const of = typeof credentials === "function" ? await credentials() : credentials;
    checkCredentials(of);
    const { accessKeyId, secretAccessKey, sessionToken } = of;
    const known = this.#client;
    if (known?.of.secretAccessKey === secretAccessKey && known.of.sessionToken === sessionToken) return known.client;
    remembered(secretAccessKey);
    remembered(sessionToken);
    const client = new AwsClient({
      ...{ accessKeyId, secretAccessKey, service: "s3", region, retries: 0 },
      ...(sessionToken === undefined ? {} : { sessionToken }),
    });
    this.#client = { of, client };
    return client;
  }

  /** The body of an answer, which ends with an error when nothing more comes of it, or the signal is aborted. */
  #body(response: Response, asked: S3Asked, signal?: AbortSignal): ReadableStream<Uint8Array<ArrayBuffer>> {
    const { timeout, after } = this.#address;
    const reader = response.body?.getReader();
    return pulledStream(async () => {
      if (reader === undefined) return undefined;
      let late: DiscoError | undefined;
      const end = (reason: DiscoError) => {
        late ??= reason;
        reader.cancel(reason).catch(() => {});
      };
      const letGo = onAbort(signal, () => reader.cancel(signal?.reason).catch(() => {}));
      const stop = after(timeout, () => end(timeUp(timeout)));
      try {
        const { value } = await reader.read();
        signal?.throwIfAborted();
        if (late !== undefined) throw late;
        return value;
      } catch (error) {
        signal?.throwIfAborted();
        throw unanswered(asked, late ?? error);
      } finally {
        stop();
        letGo();
      }
    }, (reason) => reader?.cancel(reason));
  }
}

/**
 * Checks a key.
 *
 * @throws {DiscoError} If a part of it is missing; the error names the part, never a value.
 */
export function checkCredentials(credentials: S3Credentials): void {
  const has = (name: keyof S3Credentials) => typeof credentials?.[name] === "string" && credentials[name] !== "";
  const part = (["accessKeyId", "secretAccessKey"] as const).find((name) => !has(name)) ??
    (credentials.sessionToken === undefined || has("sessionToken") ? undefined : "sessionToken");
  if (part === undefined) return;
  throw new DiscoError(`credentials of s3Objects() have no ${part}: it must be a text that is not empty`, {
    code: "invalid-argument",
  });
}

/** The clock of a program, where it gives none. */
export const AFTER: Clock["after"] = systemClock.after;

/** Writes a key as a path: S3 signs every character but these few as its bytes in percent. */
function encodedKey(key: string): string {
  return encodeURIComponent(key).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16)}`)
    .replaceAll("%2F", "/");
}
