import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { bytes, engineAt, failure, OBJECT, REQUESTS, s3Error, withServer } from "./odd_server.ts";

describe("s3Objects() at a server that is no store", () => {
  for (const [name, request] of Object.entries(REQUESTS)) {
    for (const status of [200, 302, 400, 404]) {
      // The head of a page that is not there looks as that of an object.
      if (name === "head" && status === 404) continue;
      it(`says so when a page is the answer to ${name}, with ${status}`, () =>
        withServer(
          () =>
            new Response("<!doctype html><html><p>Log in, please.</html>", {
              status,
              headers: { "content-type": "text/html", location: "/login" },
            }),
          async (endpoint) => {
            expect(await failure(request(engineAt(endpoint)))).toMatch(
              /^bad-answer \d+ s3:\/\/data\/ddfs at http:\/\/127.*: is this the address of the store itself/,
            );
          },
        ));
    }

    it(`names the address when nobody answers to ${name}`, async () => {
      let dead = "";
      await withServer(() => new Response(), (endpoint) => Promise.resolve(void (dead = endpoint)));

      expect(await failure(request(engineAt(dead)))).toMatch(
        /^unreachable 0 s3:\/\/data\/ddfs at http:\/\/127.*no answer.*: check the address/,
      );
    });

    it(`gives up a server that says nothing to ${name}`, async () => {
      const never = Promise.withResolvers<Response>();
      // A server of Deno is shut down when all is answered.
      await withServer(() => never.promise, async (endpoint) => {
        const after = (milliseconds: number, run: () => void) => {
          const timer = setTimeout(run, milliseconds / 1000);
          return () => clearTimeout(timer);
        };
        expect(await failure(request(engineAt(endpoint, { timeout: 60_000, after })))).toMatch(
          /^timeout 0 .*no answer, nothing came for 600\d\d ms/,
        );
        never.resolve(new Response());
      });
    });
  }
});

describe("s3Objects() at a store that refuses", () => {
  const refusals: readonly (readonly [Response: () => Response, wanted: RegExp])[] = [
    [() => s3Error(404, "NoSuchBucket"), /^not-found 404 .*NoSuchBucket \(because\): make the bucket/],
    [() => s3Error(403, "InvalidAccessKeyId"), /^unauthorized 403 .*: check the access key/],
    [() => s3Error(403, "SignatureDoesNotMatch"), /^unauthorized 403 .*: check the secret key/],
    [() => s3Error(403, "AccessDenied"), /^forbidden 403 .*: the key may not do this/],
    [() => s3Error(400, "ExpiredToken"), /^unauthorized 400 .*: get new credentials/],
    [
      () => s3Error(301, "PermanentRedirect", { "x-amz-bucket-region": "eu-central-1" }),
      /^invalid-argument 301 .*: give the region .*: it is in eu-central-1$/,
    ],
    [() => s3Error(403, "RequestTimeTooSkewed"), /^forbidden 403 .*: set the clock: here it is .*, there /],
    [() => s3Error(501, "NotImplemented"), /^unsupported 501 /],
    [() => s3Error(503, "SlowDown"), /^server-error 503 .*SlowDown.*: try again later/],
    [() => new Response("bad gateway", { status: 502 }), /^server-error 502 /],
    [() => s3Error(418, "Teapot"), /^bad-answer 418 .*Teapot/],
  ];
  for (const [answer, wanted] of refusals) {
    it(`says what to do: ${wanted.source}`, () =>
      withServer(answer, async (endpoint) => {
        for (const [name, request] of Object.entries(REQUESTS)) {
          const said = await failure(request(engineAt(endpoint)));
          // The answer to HEAD has no body: there is only the status, and 404 may be that of the object.
          if (name === "head") continue;
          expect(said).toMatch(wanted);
          expect(said).not.toMatch(/none, but|sEcReT|Signature=/);
        }
      }));
  }

  it("tells how long a store wants to be left alone", () =>
    withServer(() => s3Error(503, "SlowDown", { "retry-after": "7" }), async (endpoint) => {
      const error = await engineAt(endpoint).put("a", bytes("1")).catch((error) => error);

      expect(error.retryAfter).toBe(7000);
    }));

  it("calls a PUT lost when its condition does not hold, and never one without a condition", () =>
    withServer(({ path }) => {
      const [, status = "", code = ""] = /(\d+)-(\w+)/.exec(path) ?? [];
      return s3Error(Number(status), code);
    }, async (endpoint) => {
      const engine = engineAt(endpoint);
      for (const key of ["412-PreconditionFailed", "409-ConditionalRequestConflict"]) {
        expect(await engine.put(key, bytes("1"), { ifNoneMatch: "*" })).toBe("lost");
        expect(await failure(engine.put(key, bytes("1")))).toMatch(/^bad-answer 4/);
      }
      for (const key of ["409-OperationAborted", "500-UnknownError", "404-NoSuchBucket"]) {
        expect(await failure(engine.put(key, bytes("1"), { ifNoneMatch: "*" }))).not.toMatch(/none/);
      }
    }));

  it("refuses a store that does not replace an object under its own ETag, and leaves nothing there", () =>
    withServer(({ headers, method }) => {
      if (headers.has("if-match")) return s3Error(412, "PreconditionFailed");
      return new Response(null, { status: method === "DELETE" ? 204 : 200, headers: OBJECT });
    }, async (endpoint, asked) => {
      const said = await failure(engineAt(endpoint).put("a", bytes("1"), { ifMatch: "e1" }));

      expect(said).toMatch(/^unsupported 412 .*: use a store that has conditional writes/);
      expect(asked.map(({ method, headers }) => [method, headers.get("if-match")])).toEqual([
        ["PUT", null],
        ["PUT", '"e1"'],
        ["PUT", "e1"],
        ["DELETE", null],
      ]);
    }));
});
