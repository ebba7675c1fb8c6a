import { describe, it } from "@std/testing/bdd";
import { s3Objects, type S3ObjectsOptions } from "@ddfs/client/s3";
import { expect } from "../helpers/expect.ts";
import { type Asked, bytes, engineAt, failure, OBJECT, s3Error, SECRET, withServer } from "./odd_server.ts";

describe("s3Objects() at a store that is odd", () => {
  /** Answers with some bytes, after which something happens to the stream. */
  const answering = (then: (controller: ReadableStreamDefaultController) => void, headers: Record<string, string>) => {
    let pulls = 0;
    return () =>
      Promise.resolve(
        new Response(
          new ReadableStream({
            pull(controller) {
              if (pulls++ > 0) return then(controller);
              controller.enqueue(bytes("some"));
            },
          }, { highWaterMark: 0 }),
          { headers },
        ),
      );
  };

  it("tells an answer that is cut off from one that ends", async () => {
    const cut = answering((controller) => controller.error(new TypeError("connection reset")), {
      ...OBJECT,
      "content-length": "8",
    });
    const found = await engineAt("http://store", { fetch: cut }).get("a");

    expect(found?.size).toBe(8);
    expect(await failure(new Response(found?.stream).text())).toMatch(/^unreachable 0 .*connection reset/);
    const list = Array.fromAsync(engineAt("http://store", { fetch: cut }).list({ prefix: "" }));
    expect(await failure(list)).toMatch(/^unreachable 0 .*connection reset/);
  });

  it("gives up an answer of which no more comes", async () => {
    const fetch = answering(() => {}, { ...OBJECT, "content-length": "8" });
    const after = (milliseconds: number, run: () => void) => {
      const timer = setTimeout(run, milliseconds / 1000);
      return () => clearTimeout(timer);
    };
    const found = await engineAt("http://store", { fetch, after }).get("a");

    expect(await failure(new Response(found?.stream).text())).toMatch(/^timeout 0 /);
  });

  it("refuses an object without a size, a time or an ETag", async () => {
    const all = { ...OBJECT, "content-length": "4" };
    for (const [name] of Object.entries(all)) {
      const fetch = answering((controller) => controller.close(), { ...all, [name]: "" });
      expect(await failure(engineAt("http://store", { fetch }).get("a"))).toMatch(/^bad-answer 200 /);
    }
  });

  it("asks for the next page from after the last key, and refuses a list that does not go on", () => {
    const page = (keys: readonly string[]) => {
      const listed = keys.map((key) =>
        `<Contents><Key>ddfs/${key}</Key><LastModified>2026-11-30T10:00:00Z</LastModified><Size>3</Size></Contents>`
      );
      return `<ListBucketResult><IsTruncated>${keys.length > 0}</IsTruncated>${listed.join("")}</ListBucketResult>`;
    };
    return withServer(
      (_, number) => new Response(page([["a", "b"], ["c"], []][number - 1] ?? ["c"])),
      async (endpoint, asked) => {
        const keys = async () => (await Array.fromAsync(engineAt(endpoint).list({ prefix: "" }))).map(({ key }) => key);
        expect(await keys()).toEqual(["a", "b", "c"]);
        const after = ({ path }: Asked) => new URLSearchParams(path.slice(path.indexOf("?"))).get("start-after");
        expect(asked.map(after)).toEqual([null, "ddfs/b", "ddfs/c"]);
        expect(await failure(keys())).toMatch(/^bad-answer 200 .*a list that does not go on/);
      },
    );
  });

  it("refuses a list of keys that were not asked for", () =>
    withServer(() =>
      new Response(
        "<ListBucketResult><Contents><Key>other/a</Key><LastModified>2026-11-30T10:00:00Z</LastModified><Size>3</Size></Contents></ListBucketResult>",
      ), async (endpoint) => {
      expect(await failure(Array.fromAsync(engineAt(endpoint).list({ prefix: "" })))).toMatch(/^bad-answer .*other\/a/);
    }));

  it("refuses a store that passes over Range", () =>
    withServer(() => new Response("0123456789", { headers: OBJECT }), async (endpoint) => {
      const range = { start: 2, end: 4 };
      expect(await failure(engineAt(endpoint).get("a", { range }))).toMatch(/^bad-answer 200 .*Range/);
    }));

  it("sends a part of a stream again when the store is busy, and nothing else", () =>
    withServer(({ method, path }, number) => {
      if (path.endsWith("?uploads=")) {
        return new Response(
          "<InitiateMultipartUploadResult><UploadId>u&amp;1</UploadId></InitiateMultipartUploadResult>",
        );
      }
      if (method === "PUT") return number < 4 ? s3Error(503, "SlowDown") : new Response(null, { headers: OBJECT });
      return new Response('<CompleteMultipartUploadResult><ETag>"e-2"</ETag></CompleteMultipartUploadResult>');
    }, async (endpoint, asked) => {
      const size = 9_000_000;
      const stream = new Blob([new Uint8Array(size)]).stream();

      expect(await engineAt(endpoint).put("a", { stream, size })).toEqual({ etag: "e-2" });
      const parts = asked.filter(({ method }) => method === "PUT").map(({ path, size }) => `${path} ${size}`);
      expect([...new Set(parts)].sort()).toEqual([
        "/data/ddfs/a?partNumber=1&uploadId=u%261 8388608",
        "/data/ddfs/a?partNumber=2&uploadId=u%261 611392",
      ]);
      expect(parts.length).toBe(4);
      expect(asked.at(-1)).toMatchObject({ method: "POST", path: "/data/ddfs/a?uploadId=u%261" });
    }));

  it("gives up an upload in parts whose completion fails with 200", () =>
    withServer(({ method, path }) => {
      if (path.endsWith("?uploads=")) {
        return new Response("<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>");
      }
      if (method === "POST") return s3Error(200, "InternalError");
      return new Response(null, { status: method === "DELETE" ? 204 : 200, headers: OBJECT });
    }, async (endpoint, asked) => {
      const size = 9_000_000;
      const stream = new Blob([new Uint8Array(size)]).stream();

      expect(await failure(engineAt(endpoint).put("a", { stream, size }))).toMatch(/InternalError/);
      expect(asked.at(-1)).toMatchObject({ method: "DELETE", path: "/data/ddfs/a?uploadId=u" });
    }));

  it("ends with the signal's reason, before an answer and in the midst of one", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const fetch = answering(() => controller.abort(reason), { ...OBJECT, "content-length": "8" });
    const engine = engineAt("http://store", { fetch });
    const thrown = (work: Promise<unknown>) => work.catch((error) => error);

    expect(await thrown(engine.get("a", { signal: AbortSignal.abort(reason) }))).toBe(reason);
    const found = await engine.get("a", { signal: controller.signal });
    expect(await thrown(Array.fromAsync(found?.stream ?? []))).toBe(reason);
  });

  it("asks for the credentials before each request", () =>
    withServer(() => s3Error(404, "NoSuchKey"), async (endpoint, asked) => {
      let number = 0;
      const credentials = () => {
        number++;
        return { accessKeyId: `KEY${number}`, secretAccessKey: SECRET + number, sessionToken: `token-${number}` };
      };
      const engine = engineAt(endpoint, { credentials });
      await engine.get("a");
      await engine.get("a");

      const sent = ({ headers }: Asked) => [headers.get("x-amz-security-token"), headers.get("authorization")];
      expect(asked.map(sent)).toEqual([
        ["token-1", expect.stringMatching(/KEY1\//)],
        ["token-2", expect.stringMatching(/KEY2\//)],
      ]);
    }));

  it("stands the bucket's name before the host's where the store wants that", () => {
    const asked: string[] = [];
    const fetch = (request: Request) => {
      asked.push(request.url);
      return Promise.resolve(s3Error(404, "NoSuchKey"));
    };
    const credentials = { accessKeyId: "KEY", secretAccessKey: SECRET };
    const ask = async (options: Partial<S3ObjectsOptions>) =>
      await s3Objects({ bucket: "data", credentials, fetch, ...options }).get("a");
    return Promise.all([
      ask({ region: "eu-central-1" }),
      ask({ bucket: "a.b" }),
      ask({ endpoint: "https://s3.example.org:8443/base/" }),
      ask({ endpoint: "https://s3.example.org", pathStyle: false }),
    ]).then(() =>
      expect(asked.sort()).toEqual([
        "https://data.s3.eu-central-1.amazonaws.com/a",
        "https://data.s3.example.org/a",
        "https://s3.example.org:8443/base/data/a",
        "https://s3.us-east-1.amazonaws.com/a.b/a",
      ])
    );
  });
});

describe("s3Objects()", () => {
  const credentials = { accessKeyId: "KEY", secretAccessKey: SECRET };

  it("refuses options that cannot be, by their names and without a secret", () => {
    const wrong: readonly (readonly [Partial<Record<keyof S3ObjectsOptions | "buckett", unknown>>, RegExp])[] = [
      [{ buckett: "a" }, /Invalid option of s3Objects\(\) "buckett"/],
      [{ bucket: "" }, /bucket/],
      [{ bucket: "a/b" }, /bucket/],
      [{ prefix: "a//b" }, /prefix/],
      [{ prefix: "/a" }, /prefix/],
      [{ prefix: "../a" }, /prefix/],
      [{ endpoint: "s3.example.org" }, /endpoint/],
      [{ endpoint: `https://KEY:${encodeURIComponent(SECRET)}@s3.example.org` }, /endpoint.*no user/],
      [{ endpoint: "https://s3.example.org?a=b" }, /endpoint/],
      [{ region: "" }, /region/],
      [{ timeout: 0 }, /timeout/],
      [{ pathStyle: "yes" }, /pathStyle/],
      [{ fetch: 1 }, /fetch/],
      [{ credentials: { accessKeyId: "KEY" } }, /credentials.*secretAccessKey/],
      [{ credentials: undefined }, /credentials.*accessKeyId/],
      [{ credentials: { ...credentials, sessionToken: "" } }, /sessionToken/],
    ];
    for (const [options, rule] of wrong) {
      const make = () => s3Objects({ bucket: "data", credentials, ...options } as S3ObjectsOptions);
      expect(make).toThrow(rule);
      expect(make).not.toThrow(/sEcReT/);
    }
  });
});
