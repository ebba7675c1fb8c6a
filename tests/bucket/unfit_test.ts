import { describe, it } from "@std/testing/bdd";
import { embedded } from "@ddfs/client/embedded";
import { s3Objects } from "@ddfs/client/s3";
import { stored, toTag, urlsOf } from "../helpers/embedded_stores.ts";
import { expect } from "../helpers/expect.ts";
import { type Asked, engineAt, failure, s3Error, withServer } from "./odd_server.ts";
import { REAL_S3, type RealS3 } from "./real_s3.ts";

/** Answers as a store that keeps objects and passes over what it does not know: conditions. */
function withoutConditions(): (asked: Asked) => Response {
  const etags = new Map<string, string>();
  let count = 0;
  return ({ method, path }) => {
    if (method === "PUT") etags.set(path, `"${++count}"`);
    if (method === "DELETE") etags.delete(path);
    const etag = etags.get(path);
    if (method !== "PUT" && etag === undefined) {
      return method === "DELETE" ? new Response(null, { status: 204 }) : s3Error(404, "NoSuchKey");
    }
    const headers = { etag: etag ?? "", "last-modified": new Date(0).toUTCString(), "content-length": "0" };
    return new Response(null, { status: 200, headers });
  };
}

describe("a DDFS in a store that is not fit for it", () => {
  const cases: readonly (readonly [name: string, answer: (asked: Asked) => Response, said: RegExp])[] = [
    ["has no bucket of that name", () => s3Error(404, "NoSuchBucket"), /^not-found .*make the bucket/],
    ["does not know the key", () => s3Error(403, "InvalidAccessKeyId"), /^unauthorized .*check the access key/],
    ["refuses the key", () => s3Error(403, "SignatureDoesNotMatch"), /^unauthorized .*check the secret key/],
    [
      "does not allow writing",
      ({ method }) => s3Error(method === "GET" ? 404 : 403, method === "GET" ? "NoSuchKey" : "AccessDenied"),
      /^forbidden .*the key may not do this/,
    ],
    [
      "answers pages",
      () => new Response("<!doctype html><p>Hello</p>", { headers: { "content-type": "text/html" } }),
      /^bad-answer .*is this the address of the store itself/,
    ],
    ["has no conditions", withoutConditions(), /^unsupported .*ignores If-None-Match/],
  ];
  for (const [name, answer, said] of cases) {
    it(`does not open where it ${name}, and leaves nothing there`, () =>
      withServer(answer, async (endpoint, asked) => {
        const after = (milliseconds: number, run: () => void) => {
          const timer = setTimeout(run, milliseconds / 20);
          return () => clearTimeout(timer);
        };
        const ddfs = embedded({ objects: engineAt(endpoint), nodes: ["localhost"], after });

        expect(await failure(ddfs.ready())).toMatch(said);
        const answered = await ddfs.fetch("http://localhost:8989/ddfs/log$1-1-1", { method: "PUT", body: "1" });
        expect([answered.status, (await answered.text()).length > 20]).toEqual([503, true]);
        const written = asked.filter(({ method }) => method === "PUT").map(({ path }) => path);
        expect(written.filter((path) => !/^\/data\/ddfs\/trial\/[\w.-]+$/.test(path))).toEqual([]);
        const removed = asked.filter(({ method }) => method === "DELETE").map(({ path }) => path);
        expect(written.filter((path) => !removed.includes(path))).toEqual([]);
        await ddfs.close();
      }));
  }
});

if (REAL_S3 === undefined) console.log("SKIPPED: a real store whose lists are old; `deno task test:bucket` runs it");
else describeOldLists(REAL_S3);

function describeOldLists({ endpoints: [endpoint], bucket, credentials }: RealS3): void {
  describe("a DDFS in a real store whose lists are old", () => {
    it("loses nothing, and collects nothing that is in a tag", async () => {
      const prefix = `stale-test/${crypto.randomUUID()}`;
      /** Lists as they were when they were asked for first. */
      const lists = new Map<string, Promise<readonly [string, number]>>();
      const objects = s3Objects({
        ...{ endpoint, bucket, prefix, credentials },
        async fetch(request) {
          const { searchParams } = new URL(request.url);
          if (!searchParams.has("list-type")) return await fetch(request);
          const key = `${searchParams.get("prefix")} ${searchParams.get("start-after")}`;
          const first = lists.get(key) ??
            fetch(request).then(async (response) => [await response.text(), response.status] as const);
          lists.set(key, first);
          const [text, status] = await first;
          return new Response(text, { status });
        },
      });
      const ddfs = embedded({ objects, nodes: ["localhost"], orphanAge: 1 });
      const orphan = await stored(ddfs, "orphan$1-1-1", "nobody's");
      const tagged = await stored(ddfs, "tagged$1-1-1", "somebody's");
      // From here on no list has a tag, and each has both blobs.
      await ddfs.gc().catch(() => {});
      const tagOf = `disco://localhost/ddfs/${new URL(tagged).pathname.slice("/ddfs/".length)}`;
      for (let i = 0; i < 20; i++) await toTag(ddfs, "POST", "data:log", [[i === 7 ? tagOf : `disco://a/${i}`]]);

      expect(await failure(ddfs.gc())).toMatch(/its listing lags behind/);

      expect((await urlsOf(ddfs, "data:log")).length).toBe(20);
      const answer = await ddfs.fetch(tagged);
      expect([orphan.length > 0, answer.status, await answer.text()]).toEqual([true, 200, "somebody's"]);
      await ddfs.close();
    });
  });
}
