import { describe, it } from "@std/testing/bdd";
import { embedded } from "@ddfs/client/embedded";
import { type R2BucketLike, r2Objects } from "@ddfs/client/r2";
import { MASTER, stored, toTag } from "../../helpers/embedded_stores.ts";
import { expect } from "../../helpers/expect.ts";

/** A binding that answers what R2 does, as far as conditions and errors go. The real one is asked in `deno task test:workerd`. */
class FakeBinding implements R2BucketLike {
  readonly objects = new Map<
    string,
    { bytes: Uint8Array<ArrayBuffer>; etag: string; metadata: Record<string, string> }
  >();
  readonly puts: string[] = [];
  refuse: string | undefined;
  #version = 0;

  head(key: string) {
    const found = this.objects.get(key);
    return Promise.resolve(found === undefined ? null : this.#told(key, found));
  }

  get(key: string, { range }: { range?: { offset: number; length: number } } = {}) {
    const found = this.objects.get(key);
    if (found === undefined) return Promise.resolve(null);
    const { offset = 0, length = found.bytes.length } = range ?? {};
    if (offset > 0 && offset >= found.bytes.length) {
      return Promise.reject(new Error("get: The requested range is not satisfiable (10039)"));
    }
    const body = new Blob([found.bytes.subarray(offset, offset + length)]).stream();
    return Promise.resolve({ ...this.#told(key, found), body });
  }

  async put(key: string, value: ArrayBufferView | ReadableStream, options: Parameters<R2BucketLike["put"]>[2] = {}) {
    this.puts.push(key);
    if (this.refuse !== undefined) throw new Error(this.refuse);
    const { etagMatches, etagDoesNotMatch } = options.onlyIf ?? {};
    const there = this.objects.get(key);
    if (etagDoesNotMatch === "*" && there !== undefined) return null;
    if (etagMatches !== undefined && there?.etag !== etagMatches) return null;
    const bytes = new Uint8Array(await new Response(value as BodyInit).arrayBuffer());
    const object = { bytes, etag: `${++this.#version}`, metadata: options.customMetadata ?? {} };
    this.objects.set(key, object);
    return this.#told(key, object);
  }

  createMultipartUpload(): Promise<never> {
    return Promise.reject(new Error("createMultipartUpload: not here (10001)"));
  }

  delete(key: string) {
    this.objects.delete(key);
    return Promise.resolve();
  }

  list({ prefix = "", startAfter = "", cursor = startAfter }: Parameters<R2BucketLike["list"]>[0] = {}) {
    const all = [...this.objects].filter(([key]) => key.startsWith(prefix) && key > cursor).sort();
    const page = all.slice(0, 2).map(([key, object]) => this.#told(key, object));
    const truncated = all.length > 2;
    return Promise.resolve({ objects: page, truncated, ...(truncated ? { cursor: page.at(-1)?.key ?? "" } : {}) });
  }

  #told(key: string, { bytes, etag, metadata }: { bytes: Uint8Array; etag: string; metadata: Record<string, string> }) {
    return { key, size: bytes.length, etag, uploaded: new Date(1000), customMetadata: metadata };
  }
}

/** An object, with much that is in no need here. */
interface WorkersObject {
  readonly key: string;
  readonly version: string;
  readonly size: number;
  readonly etag: string;
  readonly httpEtag: string;
  readonly uploaded: Date;
  readonly customMetadata?: Record<string, string>;
  readonly range?: { offset: number; length?: number } | { offset?: number; length: number } | { suffix: number };
  writeHttpMetadata(headers: Headers): void;
}

interface WorkersConditional {
  etagMatches?: string;
  etagDoesNotMatch?: string;
  uploadedBefore?: Date;
}

interface WorkersPut {
  onlyIf?: WorkersConditional | Headers;
  customMetadata?: Record<string, string>;
  storageClass?: string;
}

type WorkersBody = WorkersObject & { readonly body: ReadableStream; readonly bodyUsed: boolean };

/** A binding by the types that Workers have: with overloads, and with more than is used. The real types were tried, too. */
interface WorkersBucket {
  head(key: string): Promise<WorkersObject | null>;
  get(
    key: string,
    options: { onlyIf: WorkersConditional | Headers; range?: WorkersObject["range"] | Headers },
  ): Promise<WorkersBody | WorkersObject | null>;
  get(
    key: string,
    options?: { onlyIf?: WorkersConditional | Headers; range?: WorkersObject["range"] | Headers },
  ): Promise<WorkersBody | null>;
  put(
    key: string,
    value: ReadableStream | ArrayBuffer | ArrayBufferView | string | null | Blob,
    options?: WorkersPut & { onlyIf: WorkersConditional | Headers },
  ): Promise<WorkersObject | null>;
  put(
    key: string,
    value: ReadableStream | ArrayBuffer | ArrayBufferView | string | null | Blob,
    options?: WorkersPut,
  ): Promise<WorkersObject>;
  createMultipartUpload(key: string, options?: { customMetadata?: Record<string, string> }): Promise<{
    readonly key: string;
    readonly uploadId: string;
    uploadPart(
      partNumber: number,
      value: ReadableStream | (ArrayBuffer | ArrayBufferView) | string | Blob,
      options?: { ssecKey?: string },
    ): Promise<{ partNumber: number; etag: string }>;
    abort(): Promise<void>;
    complete(uploadedParts: { partNumber: number; etag: string }[]): Promise<WorkersObject>;
  }>;
  delete(keys: string | string[]): Promise<void>;
  list(
    options?: { limit?: number; prefix?: string; cursor?: string; delimiter?: string; startAfter?: string },
  ): Promise<
    & { objects: WorkersObject[]; delimitedPrefixes: string[] }
    & ({ truncated: true; cursor: string } | { truncated: false })
  >;
}

const bytes = (text: string) => new TextEncoder().encode(text);

describe("r2Objects()", () => {
  it("stores under conditions, and says when they do not hold", async () => {
    const engine = r2Objects(new FakeBinding());
    const first = await engine.put("a", bytes("one"), { ifNoneMatch: "*", metadata: { is: "new" } });
    if (first === "lost") throw new Error("lost");

    expect(await engine.put("a", bytes("two"), { ifNoneMatch: "*" })).toBe("lost");
    expect(await engine.put("a", bytes("two"), { ifMatch: "other" })).toBe("lost");
    expect(await engine.head("a")).toEqual({ size: 3, etag: first.etag, modified: 1000, metadata: { is: "new" } });
    expect(await engine.put("a", bytes("two"), { ifMatch: first.etag })).toEqual({ etag: "2" });
    expect(await engine.head("b")).toBe(undefined);
  });

  it("reads parts, also such as begin beyond the end or are empty", async () => {
    const engine = r2Objects(new FakeBinding());
    await engine.put("a", bytes("0123456789"));
    const part = async (start: number, end: number) => {
      const found = await engine.get("a", { range: { start, end } });
      return found && [found.size, await new Response(found.stream).text()];
    };

    expect(await part(2, 5)).toEqual([10, "234"]);
    expect(await part(8, Infinity)).toEqual([10, "89"]);
    expect([await part(10, 20), await part(4, 4)]).toEqual([[10, ""], [10, ""]]);
    expect(await engine.get("b")).toBe(undefined);
  });

  it("keeps to its folder, and lists all pages of it", async () => {
    const binding = new FakeBinding();
    const engine = r2Objects(binding, { prefix: "a/b/" });
    binding.objects.set("other", { bytes: bytes(""), etag: "x", metadata: {} });
    for (const key of ["k1", "k2", "k3", "k4", "k5", "l1"]) await engine.put(key, bytes(key));

    expect([...binding.objects.keys()]).toContain("a/b/k1");
    expect((await Array.fromAsync(engine.list({ prefix: "k" }))).map(({ key }) => key)).toEqual([
      "k1",
      "k2",
      "k3",
      "k4",
      "k5",
    ]);
    expect((await Array.fromAsync(engine.list({ prefix: "k", after: "k3" }))).map(({ key }) => key)).toEqual([
      "k4",
      "k5",
    ]);
    await engine.delete("k1");
    expect(await engine.head("k1")).toBe(undefined);
  });

  it("says by its code and status why a request failed", async () => {
    const binding = new FakeBinding();
    const engine = r2Objects(binding, { prefix: "data" });
    for (
      const [message, code, status] of [
        ["put: Reduce your concurrent request rate for the same object. (10058)", "server-error", 429],
        ["put: Access Denied (10003)", "forbidden", 403],
        ["put: We encountered an internal error. Please try again. (10001)", "server-error", 500],
        ["Network connection lost.", "unreachable", 0],
      ] as const
    ) {
      binding.refuse = message;
      await expect(engine.put("a", bytes(""))).rejects.toMatchObject({
        message: `R2 (data/): PUT a: ${message}`,
        code,
        status,
      });
    }
  });

  it("refuses a stream that is shorter than announced", async () => {
    const engine = r2Objects(new FakeBinding());

    await expect(engine.put("a", { stream: new Blob(["123"]).stream(), size: 4 })).rejects.toThrow(
      "3 bytes came in place of 4",
    );

    expect(await engine.put("a", { stream: new Blob(["1234"]).stream(), size: 4 })).toEqual({ etag: "1" });
  });

  it("takes a binding of the type that Workers have", () => {
    const take: (bucket: WorkersBucket) => unknown = (bucket) => r2Objects(bucket);

    expect(() => take(undefined as never)).toThrow("it must be a Worker's binding");
  });

  it("refuses what is no binding, and options that it does not have", () => {
    expect(() => r2Objects("BUCKET" as never)).toThrow("it must be a Worker's binding to an R2 bucket");
    expect(() => r2Objects(new FakeBinding(), { prefix: "../a" })).toThrow("Invalid prefix");
    expect(() => r2Objects(new FakeBinding(), { folder: "a" } as never)).toThrow("it takes prefix");
  });

  it("has a DDFS wait when R2 wants fewer writes of a key, and write all changes that wait together", async () => {
    const binding = new FakeBinding();
    let now = Date.now();
    const ddfs = embedded({
      ...{ objects: r2Objects(binding), nodes: ["localhost"], now: () => now },
      after: (milliseconds, run) => {
        const timer = setTimeout(() => {
          now += milliseconds;
          run();
        }, 1);
        return () => clearTimeout(timer);
      },
    });
    const last = new Map<string, number>();
    const put = binding.put.bind(binding);
    binding.put = (key, ...rest) => {
      if (now - (last.get(key) ?? 0) < 900) return Promise.reject(new Error("put: Reduce your request rate (10058)"));
      last.set(key, now);
      return put(key, ...rest);
    };
    const url = await stored(ddfs, "log$703-1-1", "line");
    binding.puts.length = 0;

    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, i) => toTag(ddfs, "POST", "data", [[`${url}${i}`]])),
    );

    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect((await (await ddfs.fetch(`${MASTER}/ddfs/tag/data`)).json()).urls.length).toBe(40);
    expect(binding.puts.filter((key) => key === "tag/data").length).toBeLessThan(10);
    await ddfs.close();
  });
});
