import { AwsClient } from "aws4fetch";
import { describe, it } from "@std/testing/bdd";
import { DDFS as Client } from "../../mod.ts";
import { type CommandPlace, inPlaceWith } from "../helpers/command.ts";
import { expect } from "../helpers/expect.ts";
import { ask, served, started } from "./served.ts";

/** Runs a test in a place of its own. */
const within = inPlaceWith({ "a.log": "one\ntwo\n" });

describe("serve s3://BUCKET", () => {
  it("names what is missing in the environment, and shows no key that stands in the address", () =>
    within(async (place) => {
      const key = { AWS_ACCESS_KEY_ID: "KEY", AWS_SECRET_ACCESS_KEY: "s3cr3t-k3y" };
      const cases: readonly (readonly [at: string, env: Record<string, string>, said: RegExp])[] = [
        ["s3://data/ddfs", {}, /needs a key: set AWS_ACCESS_KEY_ID$/],
        ["s3://data/ddfs", { AWS_ACCESS_KEY_ID: "KEY" }, /needs a key: set AWS_SECRET_ACCESS_KEY$/],
        ["s3://data/ddfs", key, /set AWS_REGION .* or AWS_ENDPOINT_URL_S3/],
        ["s3:///ddfs", key, /names no bucket/],
        ["s3:/data/ddfs", key, /"s3:\/data\/ddfs" has one slash too few: write s3:\/\/data\/ddfs; .* is .\/s3:\/data/],
        ["s3:data", key, /write s3:\/\/data;/],
        ["s3:/KEY:s3cr3t-k3y@data/ddfs", key, /keys stand in AWS_ACCESS_KEY_ID/],
        ["s3://data/?key=s3cr3t", key, /^ddfs: s3:\/\/data\/: the address of a bucket has no "\?": leave it out/],
        ["s3://data#a", key, /^ddfs: s3:\/\/data: the address of a bucket has no "#"/],
        ["s3://KEY:s3cr3t-k3y@data/ddfs", key, /^ddfs: s3:\/\/\*\*\*@data\/ddfs: keys stand in AWS_ACCESS_KEY_ID/],
        ["s3://data/a//b", { ...key, AWS_REGION: "eu-central-1" }, /prefix/],
      ];
      for (const [at, env, said] of cases) {
        const { status, out, err } = await place.ddfs(["serve", at, "--port", "0"], { env });
        expect([status, out]).toEqual([2, ""]);
        expect(err.trimEnd()).toMatch(said);
        expect(err).not.toContain("s3cr3t");
      }
      const folder = await place.ddfs(["serve", "volume", "--redirect", "--port", "0"]);
      expect([folder.status, folder.err]).toEqual([2, expect.stringMatching(/--redirect goes with s3/)]);
    }));

  it("says that the store does not answer, and nothing of a master", () =>
    within(async (place) => {
      const env = {
        ...{ AWS_ACCESS_KEY_ID: "KEY", AWS_SECRET_ACCESS_KEY: "s3cr3t-k3y" },
        ...{ AWS_ENDPOINT_URL_S3: "http://127.0.0.1:1", DISCO_MASTER: "" },
      };
      const { status, out, err } = await place.ddfs(["serve", "s3://data/ddfs", "--port", "0"], { env });
      expect([status, out]).toEqual([5, ""]);
      expect(err).toMatch(/^ddfs: .*127\.0\.0\.1:1.*\n$/);
      expect(err).not.toMatch(/master/);
    }));
});

describe("serve -M", () => {
  const passOn = (place: CommandPlace, args: readonly string[], master = place.master) =>
    started(place.start(["serve", "-M", master, "--port", "0", ...args]));

  it("passes the whole protocol of a cluster on from one origin", () =>
    within(async (place) => {
      const server = await passOn(place, []);
      expect(server.said).toContain(`Serving ${place.master} at ${server.url}\n`);
      const env = { DISCO_MASTER: place.master, DISCO_PROXY: server.url };
      await place.ddfs(["chunk", "data:log", "./a.log"], { env });
      const before = place.requests.length;
      expect((await place.ddfs(["xcat", "data:log"], { env })).out).toBe("one\ntwo\n");
      expect(place.requests.slice(before)).toEqual([
        "GET /ddfs/tag/data:log",
        expect.stringMatching(/^GET \/ddfs\/vol0\/blob\//),
      ]);
      expect(await server.end()).toEqual({ code: 0, err: "Ended.\n" });
    }));

  it("refuses hosts that are not its own, and changes by pages of other origins", () =>
    within(async (place) => {
      const server = await passOn(place, []);
      const { port } = new URL(server.url);
      expect((await ask(server.url, "/ddfs/tags", `evil.example:${port}`)).status).toBe(421);
      const change = (origin: string) =>
        fetch(`${server.url}/ddfs/tag/data:a`, {
          method: "POST",
          headers: { origin, "content-type": "application/json" },
          body: "[]",
        });
      for (const [origin, status] of [[server.url, 200], ["http://evil.example", 403]] as const) {
        const answer = await change(origin);
        expect([origin, answer.status, await answer.body?.cancel()]).toEqual([origin, status, undefined]);
      }
      await server.end();
    }));

  it("asks no host but the cluster's, unless it is allowed", () =>
    within(async (place) => {
      const other = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, () => new Response("other"));
      const host = `127.0.0.1:${other.addr.port}`;
      for (const [args, status] of [[[], 403], [["--allowed-host", host], 200]] as const) {
        const server = await passOn(place, args);
        const answer = await fetch(`${server.url}/proxy/${host}/GET/ddfs/a`);
        expect([args, answer.status, await answer.body?.cancel()]).toEqual([args, status, undefined]);
        await server.end();
      }
      await other.shutdown();
    }));

  it("counts and is well where the cluster does not answer, and says so of each request", () =>
    within(async (place) => {
      const server = await passOn(place, [], "http://127.0.0.1:1");
      expect((await fetch(`${server.url}/ddfs/tags`)).status).toBe(502);
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      expect(metrics).toContain('ddfs_requests_total{method="GET",route="tags",status="502"} 1\n');
      expect(metrics).not.toContain("ddfs_tags");
      expect((await fetch(`${server.url}/health`)).status).toBe(200);
      expect((await server.end()).err).toMatch(/^ddfs: http:\/\/127\.0\.0\.1:1 does not answer yet: .+\nddfs: .+/);
    }));

  it("refuses what only a DDFS of its own has, and to serve nothing", () =>
    within(async (place) => {
      for (
        const args of [
          [],
          ["-M", "localhost", "--nodes", "2"],
          ["-M", "localhost", "--cors", "*"],
          ["-M", "localhost", "--orphan-age", "1d"],
        ]
      ) {
        const { status, err } = await place.ddfs(["serve", ...args]);
        expect({ args, status, lines: err.trimEnd().split("\n").length }).toEqual({ args, status: 2, lines: 1 });
      }
    }));
});

describe("serve --s3", () => {
  const KEYS = { AWS_ACCESS_KEY_ID: "reader", AWS_SECRET_ACCESS_KEY: "s3cret" };
  const read = async (url: string, accessKeyId: string, secretAccessKey: string) => {
    const aws = new AwsClient({ accessKeyId, secretAccessKey, service: "s3", region: "us-east-1", retries: 0 });
    const answer = await aws.fetch(`${url}/ddfs/data/files/greeting`);
    return [answer.status, await answer.text()];
  };

  for (const isCluster of [false, true]) {
    it(`serves ${isCluster ? "a cluster" : "a folder"} as a bucket, with the keys of the environment`, () =>
      within(async (place) => {
        const where = isCluster ? ["-M", place.master] : ["volume"];
        const args = ["serve", ...where, "--port", "0", "--s3", "--s3-port", "0"];
        const server = await started(place.start(args, { env: KEYS }));
        const { url } = server;
        const ddfs = new Client(url, { proxy: url });
        await ddfs.push("data:files", [[new Blob(["hello"]), "greeting"]]);
        const [, s3 = ""] = /S3 at (\S+), bucket ddfs, access key ID reader\n/.exec(server.said) ?? [];

        expect(await read(s3, "reader", "s3cret")).toEqual([200, "hello"]);
        expect(await read(s3, "reader", "other")).toEqual([403, expect.stringContaining("SignatureDoesNotMatch")]);
        expect(server.said).not.toContain("s3cret");
        await server.end();
      }));
  }

  it("makes keys where there are none, and prints them once", () =>
    within(async (place) => {
      const server = await served(place, ["--json", "--s3", "--s3-port", "0"]);
      const { url, s3 } = JSON.parse(server.said);
      await new Client(url).push("data:files", [[new Blob(["hello"]), "greeting"]]);
      expect(await read(s3.url, s3.accessKeyId, s3.secretAccessKey)).toEqual([200, "hello"]);
      expect((await server.end()).err).toBe("Ended.\n");
    }));

  it("reads what the token opens", () =>
    within(async (place) => {
      const server = await served(place, ["--s3", "--s3-port", "0"], { ...KEYS, DDFS_TOKEN: "t0ken" });
      const ddfs = new Client(server.url, { token: "t0ken" });
      await ddfs.push("data:files", [[new Blob(["hello"]), "greeting"]]);
      await ddfs.setattr("data:files", "ddfs:read-token", "t0ken");
      const [, s3 = ""] = /S3 at (\S+),/.exec(server.said) ?? [];
      expect(await read(s3, "reader", "s3cret")).toEqual([200, "hello"]);
      await server.end();
    }));
});
