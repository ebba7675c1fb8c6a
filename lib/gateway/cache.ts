import { rangeHeader, unmetCondition } from "./conditions.ts";

/** A cache of answers, as the Cache API has it: `caches.default` in a Worker, `await caches.open("blobs")` elsewhere. */
export interface BlobCache {
  /** Finds the answer to a request. */
  match(request: Request): Promise<Response | undefined>;
  /** Keeps an answer. */
  put(request: Request, response: Response): Promise<unknown>;
}

/** The largest blob that is kept, in bytes: keeping one holds back the slower of its two readers. */
const LARGEST = 32 * 1024 * 1024;

/** Keeps answers that never change in a cache at the edge. */
export class EdgeCache {
  readonly #cache: BlobCache | undefined;

  /**
   * Takes a cache.
   *
   * @param cache The cache; by default the platform's, where there is one.
   */
  constructor(cache: BlobCache | false | undefined) {
    this.#cache = cache === false ? undefined : cache ?? ofPlatform();
  }

  /**
   * Finds the answer to a request for something with this ETag.
   *
   * @returns `undefined` where it is not kept, or cannot be had as it was asked for.
   */
  async find(request: Request, etag: string): Promise<Response | undefined> {
    if (request.method !== "GET" || this.#cache === undefined) return undefined;
    const range = rangeHeader(request, etag);
    const kept = await this.#cache.match(keyOf(request, range)).catch(() => undefined);
    if (kept === undefined) return undefined;
    const unmet = unmetCondition(request, etag, Date.parse(kept.headers.get("last-modified") ?? ""));
    if (unmet === 304) {
      letGo(kept);
      const headers = new Headers(kept.headers);
      for (const name of ["content-length", "content-range", "content-type"]) headers.delete(name);
      return new Response(null, { status: 304, headers });
    }
    // Not every cache cuts ranges.
    if (unmet === undefined && kept.status === (range === null ? 200 : 206)) return kept;
    letGo(kept);
    return undefined;
  }

  /**
   * Keeps an answer, if it is a whole blob and not too large, while it is sent.
   *
   * @param context The platform's context, among others: it is told to wait until the answer is kept.
   */
  keep(request: Request, answer: Response, context: readonly unknown[]): Response {
    const size = answer.headers.get("content-length");
    const isKept = request.method === "GET" && answer.status === 200 && size !== null && Number(size) <= LARGEST;
    if (!isKept || this.#cache === undefined) return answer;
    const copy = answer.clone();
    // What nobody reads would be kept in memory beside what is sent.
    const kept = this.#cache.put(keyOf(request, null), copy).catch(() => letGo(copy));
    const waiting = context.find((value): value is Context => typeof Object(value).waitUntil === "function");
    waiting?.waitUntil(kept);
    return answer;
  }
}

/** Gives the cache of a Worker. A page in a frame without an origin may not even look whether there is one. */
function ofPlatform(): BlobCache | undefined {
  try {
    return (globalThis as { caches?: { readonly default?: BlobCache } }).caches?.default;
  } catch {
    return undefined;
  }
}

/** Lets go of an answer. That is not waited for: what a clone was made of may never be read, and ends the clone only then. */
export function letGo({ body }: Response): void {
  body?.cancel().catch(() => {});
}

/** The part of a Worker's context that matters here. */
interface Context {
  waitUntil(work: Promise<unknown>): void;
}

/** The request that an answer is kept under: nothing of it but its path and the range matters. */
function keyOf({ url }: Request, range: string | null): Request {
  const { origin, pathname } = new URL(url);
  return new Request(origin + pathname, range === null ? {} : { headers: { range } });
}
