import { describe, it } from "@std/testing/bdd";
import { inPlaceWith } from "../helpers/command.ts";
import { expect } from "../helpers/expect.ts";
import { started } from "../cli/served.ts";
import { REAL_S3, type RealS3 } from "./real_s3.ts";

/** Runs a test in a place of its own. */
const within = inPlaceWith({ "a.log": "one\ntwo\n", "big.log": "0123456789abcde\n".repeat(1_000_000) });

if (REAL_S3 === undefined) console.log("SKIPPED: `ddfs serve` of a bucket; `deno task test:bucket` runs it");
else describeServe(REAL_S3);

function describeServe({ endpoints, bucket, credentials }: RealS3): void {
  const env = {
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_ENDPOINT_URL_S3: endpoints[0] ?? "",
  };
  const place = () => `s3://${bucket}/serve-test/${crypto.randomUUID()}`;

  describe("ddfs serve s3://BUCKET/PREFIX", () => {
    it("is a DDFS in a bucket, any number of times, which outlives them all", () =>
      within(async ({ folder, start, ddfs }) => {
        const at = place();
        const serve = (more = {}) => started(start(["serve", at, "--port", "0"], { env: { ...env, ...more } }));
        const one = await serve();
        const other = await serve({ AWS_ENDPOINT_URL_S3: endpoints.at(-1) });
        await Promise.all([one, other, one, other].map(async ({ url }) => {
          // Each is another user: one would not chunk the same twice at a time.
          const user = { DISCO_MASTER: url, XDG_STATE_HOME: `${folder}/state-${crypto.randomUUID()}` };
          const { status, err } = await ddfs(["chunk", "data:log", "./a.log"], { env: user });
          expect([status, err]).toEqual([0, ""]);
        }));
        await ddfs(["push", "data:big", "./big.log"], { env: { DISCO_MASTER: one.url } });
        expect(one.said).toContain(`Serving ${at} at http://127.0.0.1:`);
        expect(await one.end()).toEqual({ code: 0, err: "Ended.\n" });
        expect((await other.end("SIGINT")).code).toBe(0);

        const later = await serve();
        const read = (args: string[]) => ddfs(args, { env: { DISCO_MASTER: later.url } });
        expect((await read(["xcat", "data:log"])).out).toBe("one\ntwo\n".repeat(4));
        expect((await read(["cat", "data:big"])).out.length).toBe(16_000_000);
        expect((await read(["ls"])).out).toBe("data:big\ndata:log\n");
        await later.end();
      }));

    it("sends clients to the bucket for blobs, where it is told to", () =>
      within(async ({ start, ddfs }) => {
        const served = await started(start(["serve", place(), "--port", "0", "--redirect"], { env }));
        await ddfs(["push", "data:log", "./a.log"], { env: { DISCO_MASTER: served.url } });
        const [[url = ""] = []] = await (await fetch(`${served.url}/ddfs/tag/data:log`)).json().then(({ urls }) =>
          urls
        );
        const path = new URL(url.replace("disco:", "http:")).pathname;
        const answer = await fetch(served.url + path, { redirect: "manual" });
        await answer.body?.cancel();

        expect([answer.status, answer.headers.get("location")?.startsWith(endpoints[0] ?? "-")]).toEqual([302, true]);
        expect((await ddfs(["cat", "data:log"], { env: { DISCO_MASTER: served.url } })).out).toBe("one\ntwo\n");
        await served.end();
      }));

    it("says before it listens what is wrong with the bucket or the key", () =>
      within(async ({ ddfs }) => {
        const serve = async (at: string, more = {}) => {
          const { status, out, err } = await ddfs(["serve", at, "--port", "0"], { env: { ...env, ...more } });
          expect([out, err.includes(credentials.secretAccessKey)]).toEqual(["", false]);
          return `${status} ${err}`;
        };
        expect(await serve("s3://missing/a")).toMatch(/^3 ddfs: .*NoSuchBucket.*make the bucket/);
        expect(await serve(place(), { AWS_SECRET_ACCESS_KEY: "wrong-and-secret" })).toMatch(
          /^4 ddfs: (?!.*wrong-and-secret).*check the secret key \(AWS_SECRET_ACCESS_KEY\)/,
        );
        expect(await serve(place(), { AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1" })).toMatch(
          /^5 ddfs: .*check the address/,
        );
      }));
  });
}
