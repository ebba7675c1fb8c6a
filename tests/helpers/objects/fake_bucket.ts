import { createHash } from "node:crypto";
import { CommError } from "../../../lib/errors.ts";
import type {
  ListedObject,
  MultipartUpload,
  ObjectBody,
  ObjectEngine,
  ObjectHead,
  ObjectPutOptions,
} from "../../../lib/embedded/objects/bucket/engine.ts";

type Bytes = Uint8Array<ArrayBuffer>;

interface FakeObject extends ObjectHead {
  readonly bytes: Bytes;
}

/** The faults of a store, each with its probability for one request; none by default. */
export interface ObjectFaults {
  /** A PUT is carried out, and its answer is lost. */
  readonly lostAnswer?: number;
  /** A PUT seems lost, and comes later. */
  readonly late?: number;
  /** A request is refused because there are too many (503). */
  readonly busy?: number;
  /** A request is never answered, whether or not it is carried out. */
  readonly silence?: number;
  /** A PUT whose condition does not hold is answered by 500, as Ceph does. */
  readonly vague?: number;
  /** A listing is that of a while ago. */
  readonly staleList?: number;
  /** A stream is stored under a condition; without it, no condition holds for streams, as they are stored in parts. */
  readonly conditionalStreams?: boolean;
  /** The milliseconds in which a key takes one write; those that come sooner are refused (429). */
  readonly pace?: number;
  /** Conditions are ignored. */
  readonly unconditional?: boolean;
  /** Makes a request take its time, before it is carried out and before it is answered. */
  readonly delay?: () => Promise<void>;
  /** Decides by chance; a number from 0 up to 1. */
  readonly random?: () => number;
}

/** An object store in memory, for any number of engines. */
export class FakeBucket {
  readonly objects: Map<string, FakeObject> = new Map();
  /** The requests that were made, by kind and key. */
  readonly requests: string[] = [];
  now: () => number;
  /** The listing before the last change, if an engine gives it. */
  #stale: ListedObject[] = [];
  #isStale = false;
  readonly #late = new Set<Promise<void>>();
  /** The times of the last writes, by key. */
  readonly #written = new Map<string, number>();

  /** @param now Its clock. */
  constructor(now: () => number = Date.now) {
    this.now = now;
  }

  /** Makes a way to it, with faults of its own. */
  engine(faults: ObjectFaults = {}): ObjectEngine {
    const { delay = () => Promise.resolve(), random = Math.random } = faults;
    this.#isStale ||= faults.staleList !== undefined;
    const happens = (probability = 0) => probability > 0 && random() < probability;
    const answered = async () => {
      await delay();
      if (happens(faults.silence)) await new Promise(() => {});
    };
    const arrive = async (kind: string, key: string) => {
      this.requests.push(`${kind} ${key}`);
      await answered();
      if (happens(faults.busy)) throw failed(503, key);
      if (faults.pace === undefined || !/^(PUT|DELETE)$/.test(kind)) return;
      const last = this.#written.get(key) ?? -Infinity;
      if (this.now() - last < faults.pace) throw failed(429, key);
      this.#written.set(key, this.now());
    };
    const put = async (key: string, body: ObjectBody, options: ObjectPutOptions = {}) => {
      await arrive("PUT", key);
      const bytes = await bytesOf(body, key);
      const { metadata = {}, ...conditions } = options;
      const isFree = faults.unconditional || (!(body instanceof Uint8Array) && !faults.conditionalStreams);
      const store = () => this.#store(key, bytes, metadata, isFree ? {} : conditions);
      if (happens(faults.late)) {
        const late = (async () => {
          for (let turns = Math.ceil(random() * 8); turns > 0; turns--) await delay();
          store();
        })();
        this.#late.add(late);
        late.finally(() => this.#late.delete(late));
        throw failed(0, key);
      }
      const answer = store();
      await answered();
      if (answer === "lost" ? happens(faults.vague) : happens(faults.lostAnswer)) throw failed(500, key);
      return answer;
    };
    return {
      name: "a fake bucket",
      conditionalStreams: faults.conditionalStreams ?? false,
      put,
      get: async (key, { range = { start: 0, end: Infinity } } = {}) => {
        await arrive("GET", key);
        const found = this.objects.get(key);
        await answered();
        if (found === undefined) return undefined;
        const { bytes, ...head } = found;
        return { ...head, stream: streamOf(bytes.slice(range.start, range.end)) };
      },
      head: async (key) => {
        await arrive("HEAD", key);
        const { bytes: _, ...head } = this.objects.get(key) ?? { bytes: undefined, size: 0 };
        await delay();
        return "etag" in head ? head : undefined;
      },
      list: ({ prefix, after }) => this.#list(prefix, after, arrive, () => happens(faults.staleList)),
      delete: async (key) => {
        await arrive("DELETE", key);
        this.objects.delete(key);
        await delay();
      },
      multipart: async (key, { metadata = {} } = {}) => {
        await arrive("POST", key);
        return this.#multipart(key, metadata, arrive);
      },
      link: (key, seconds) => Promise.resolve(`https://bucket.example/${key}?seconds=${seconds}`),
    };
  }

  /** Waits for all that comes late. */
  async settled(): Promise<void> {
    while (this.#late.size > 0) await Promise.all(this.#late);
  }

  /** Stores an object from outside. */
  place(key: string, text: string): void {
    this.#store(key, new TextEncoder().encode(text), {}, {});
  }

  /** Gives the text of an object. */
  textOf(key: string): string | undefined {
    const found = this.objects.get(key);
    return found && new TextDecoder().decode(found.bytes);
  }

  /** Lists the keys that begin with a prefix. */
  keys(prefix = ""): string[] {
    return [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
  }

  #store(
    key: string,
    bytes: Bytes,
    metadata: Readonly<Record<string, string>>,
    { ifMatch, ifNoneMatch }: ObjectPutOptions,
  ): { etag: string } | "lost" {
    const there = this.objects.get(key);
    if (ifNoneMatch !== undefined && there !== undefined) return "lost";
    if (ifMatch !== undefined && there?.etag !== ifMatch) return "lost";
    const etag = createHash("md5").update(bytes).digest("hex");
    if (this.#isStale) this.#stale = this.#listed();
    this.objects.set(key, { bytes: bytes.slice(), size: bytes.length, etag, modified: this.now(), metadata });
    return { etag };
  }

  #listed(): ListedObject[] {
    return Array.from(this.objects, ([key, { size, modified }]) => ({ key, size, modified }))
      .sort((a, b) => a.key < b.key ? -1 : 1);
  }

  async *#list(
    prefix: string,
    after: string | undefined,
    arrive: (kind: string, key: string) => Promise<void>,
    isStale: () => boolean,
  ): AsyncGenerator<ListedObject, void> {
    for (let last = after;;) {
      await arrive("LIST", prefix);
      const all = isStale() ? this.#stale : this.#listed();
      const page = all.filter(({ key }) => key.startsWith(prefix) && (last === undefined || key > last)).slice(0, 1000);
      yield* page;
      last = page.at(-1)?.key;
      if (page.length < 1000) return;
    }
  }

  #multipart(
    key: string,
    metadata: Readonly<Record<string, string>>,
    arrive: (kind: string, key: string) => Promise<void>,
  ): MultipartUpload {
    const parts = new Map<string, Bytes>();
    return {
      part: async (number, bytes) => {
        await arrive("PART", key);
        parts.set(`${number}`, bytes.slice());
        return `${number}`;
      },
      complete: async (names) => {
        await arrive("COMPLETE", key);
        const all = names.map((name) => parts.get(name) ?? new Uint8Array());
        if (all.slice(0, -1).some(({ length }) => length !== all[0]?.length)) throw failed(400, key);
        this.#store(key, new Uint8Array(await new Blob(all).arrayBuffer()), metadata, {});
      },
      abort: async () => {
        await arrive("ABORT", key);
        parts.clear();
      },
    };
  }
}

function streamOf(bytes: Bytes): ReadableStream<Bytes> {
  return new ReadableStream({
    pull(controller) {
      if (bytes.length > 0) controller.enqueue(bytes);
      controller.close();
    },
  }, { highWaterMark: 0 });
}

async function bytesOf(body: ObjectBody, key: string): Promise<Bytes> {
  if (body instanceof Uint8Array) return body.slice();
  const bytes = new Uint8Array(await new Response(body.stream).arrayBuffer());
  if (bytes.length !== body.size) throw failed(400, key);
  return bytes;
}

function failed(status: number, key: string): CommError {
  return new CommError("the bucket failed", {
    code: status === 0 ? "unreachable" : "server-error",
    url: `https://bucket.example/${key}`,
    status,
  });
}
