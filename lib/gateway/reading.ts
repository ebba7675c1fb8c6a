import type { DDFSReader } from "../client/reader.ts";
import type { Explorer } from "../explorer_page/mod.ts";
import { answerBlob, HARMLESS } from "./blob_answer.ts";
import type { EdgeCache } from "./cache.ts";
import { unmetCondition } from "./conditions.ts";
import { answerRecords } from "./records_answer.ts";
import { plain } from "./refusals.ts";
import { openTags } from "./open_tags.ts";
import { newestOfEach, type StoredBlob } from "./stored_blob.ts";
import type { ReadTag, TagReads } from "./tag_reads.ts";
import { answerReplica, answerTags, jsonAnswer, UI_API, uiRequest, withTag } from "./ui_answers.ts";

/** The path of a tag, of its records, or of a blob in it, perhaps by its whole name. */
const TAG_PATH = /^\/(tag|records)\/([\w@:-]+)$/;
const BLOB_PATH = /^\/blob\/([\w@:-]+)\/([\w@:-]+)(\$[\da-f-]+)?$/;

/** A request that was let in, and what it is answered from. */
export interface ReadingParts {
  /** The token that opens the tag. */
  readonly token: string | undefined;
  readonly ddfs: DDFSReader;
  readonly reads: TagReads;
  readonly isOpen: (tag: string) => boolean;
  /** The beginnings of open tags. */
  readonly open: readonly string[];
  /** The explorer page, if it is served. */
  readonly ui: Explorer | undefined;
  readonly edge: EdgeCache;
  readonly request: Request;
  readonly context: readonly unknown[];
  /** Called with an error that ends an answer after it has begun. */
  readonly onError: (error: unknown) => void;
}

/** Answers a request to read that was let in. */
export class Reading {
  readonly #parts: ReadingParts;

  constructor(parts: ReadingParts) {
    this.#parts = parts;
  }

  async answer(): Promise<Response> {
    const { request, isOpen, ui } = this.#parts;
    const { pathname } = new URL(request.url);
    const path = decoded(pathname);
    if (ui && path.startsWith(`${UI_API}/`)) return await this.#ui(path);
    const [, kind, tag = ""] = TAG_PATH.exec(path) ?? [];
    const [, holder = "", name = "", stamp] = BLOB_PATH.exec(path) ?? [];
    if (!isOpen(tag || holder)) return plain(404);
    if (kind === "tag") return await this.#tag(tag);
    if (kind === "records") return await this.#records(tag);
    if (holder === "") return plain(404);
    return stamp === undefined ? await this.#newest(holder, name) : await this.#object(holder, name + stamp);
  }

  /** Answers what the explorer page asks for. */
  async #ui(path: string): Promise<Response> {
    const { request, ddfs, reads, isOpen, open, token } = this.#parts;
    const asked = uiRequest(path);
    if (asked?.kind === "tags") return await answerTags(ddfs, asked.prefix, open, this.#revalidated());
    if (asked === undefined || !isOpen(asked.tag)) return plain(404);
    if (asked.kind === "tag") return await this.#tag(asked.tag, (url) => withTag(url, asked.tag));
    const access = { token, refuse: plain, cacheControl: this.#forGood() };
    return await answerReplica(request, { ddfs, reads }, asked, access) ?? plain(404);
  }

  async #tag(tag: string, shown: (url: string) => string = (url) => url): Promise<Response> {
    const { reads, request, token } = this.#parts;
    const { version, id, lastModified, urls, userData } = (await reads.read(tag, token)).tag;
    const etag = `"${id}"`;
    const headers = { etag, "cache-control": this.#revalidated() };
    const unmet = unmetCondition(request, etag);
    if (unmet === 304) return new Response(null, { status: 304, headers: { ...HARMLESS, ...headers } });
    if (unmet === 412) return plain(412);
    return jsonAnswer({
      ...{ version, id, "last-modified": lastModified, "user-data": userData },
      urls: urls.map((set) => set.map((url) => shown(withoutToken(url)))),
    }, headers);
  }

  async #records(tag: string): Promise<Response> {
    const { request, ddfs, onError } = this.#parts;
    // A tag that is locked ends it: nobody would see that its records are not there.
    const tags = openTags(this.#parts, tag);
    const blobs = async function* (signal: AbortSignal) {
      for await (const { blobs } of tags) {
        signal.throwIfAborted();
        yield* blobs;
      }
    };
    return await answerRecords(request, { blobs, cacheControl: this.#revalidated(), ddfs, onError });
  }

  /** Answers with the newest blob of a name. */
  async #newest(tag: string, name: string): Promise<Response> {
    const found: StoredBlob[] = [];
    for await (const blob of this.#fitting(tag, ({ newest }) => newest.get(name))) found.push(blob);
    const [newest] = newestOfEach(found);
    return newest === undefined ? plain(404) : await this.#blob(newest, this.#revalidated());
  }

  /** Answers with a blob that is named so exactly that it never changes. */
  async #object(tag: string, object: string): Promise<Response> {
    const { edge, request, context, token } = this.#parts;
    const isPublic = token === undefined;
    const kept = isPublic ? await edge.find(request, `"${object}"`) : undefined;
    if (kept !== undefined) return kept;
    for await (const blob of this.#fitting(tag, (read) => read.object(object))) {
      const answer = await this.#blob(blob, this.#forGood());
      return isPublic ? edge.keep(request, answer, context) : answer;
    }
    return plain(404);
  }

  async #blob(blob: StoredBlob, cacheControl: string): Promise<Response> {
    const { ddfs, request } = this.#parts;
    return await answerBlob(request, ddfs, blob, plain, cacheControl);
  }

  /**
   * Finds blobs that fit. Links to tags that a token locks are passed over: else who may add a link could lock all behind them. But where nothing fits, it may
   * be in one of these, and is not said to be missing.
   */
  async *#fitting(
    tag: string,
    find: (read: ReadTag) => StoredBlob | undefined,
  ): AsyncGenerator<StoredBlob, void, undefined> {
    const locked: unknown[] = [];
    let isFound = false;
    for await (const read of openTags(this.#parts, tag, (error) => locked.push(error))) {
      const blob = find(read);
      if (blob === undefined) continue;
      isFound = true;
      yield blob;
    }
    if (!isFound && locked.length > 0) throw locked[0];
  }

  /** The Cache-Control of what never changes. */
  #forGood(): string {
    return `${this.#parts.token === undefined ? "public" : "private"}, max-age=31536000, immutable`;
  }

  /** The Cache-Control of what may change: it is asked about again each time, and kept by the reader alone where a token opened it. */
  #revalidated(): string {
    return this.#parts.token === undefined ? "no-cache" : "private, no-cache";
  }
}

/** Removes the token that a link to a tag may have: what stands before the host. A name may have an `@`, too. */
function withoutToken(url: string): string {
  return url.replace(/^(\w[\w+.-]*:\/\/).*@(?=[^/@]*\/)/s, "$1");
}

/** A path as text; one that cannot be decoded stays as it is. */
export function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
