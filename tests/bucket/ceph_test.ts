import { AwsClient } from "aws4fetch";
import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { REAL_S3, type RealS3 } from "./real_s3.ts";

if (REAL_S3 === undefined) console.log("SKIPPED: the tests on a real object store; `deno task test:bucket` runs them");
else describeStore(REAL_S3);

/** What a commit relies on. */
function describeStore({ endpoints, bucket, credentials }: RealS3): void {
  const client = new AwsClient({ ...credentials, service: "s3", region: "us-east-1", retries: 0 });
  const put = async (key: string, body: string, headers: Record<string, string>, gateway = 0) => {
    const response = await client.fetch(`${endpoints[gateway]}/${bucket}/${key}`, { method: "PUT", body, headers });
    await response.body?.cancel();
    return response;
  };
  const get = async (key: string, gateway = 0) =>
    await (await client.fetch(`${endpoints[gateway]}/${bucket}/${key}`)).text();
  const other = endpoints.length - 1;

  describe("the object store that the tests have", () => {
    it("makes a new object for one of forty, over all gateways", async () => {
      const key = `ceph-test/${crypto.randomUUID()}`;
      const all = await Promise.all(Array.from({ length: 40 }, async (_, i) => {
        const { status } = await put(key, String(i), { "if-none-match": "*" }, i % endpoints.length);
        return { i, status };
      }));

      const winners = all.filter(({ status }) => status === 200);
      expect(winners.length).toBe(1);
      expect(await get(key, other)).toBe(String(winners[0]?.i));
    });

    it("replaces a version for one of forty, and never applies what it answers by 412 or 500", async () => {
      const key = `ceph-test/${crypto.randomUUID()}`;
      const etag = (await put(key, "first", {})).headers.get("etag") ?? "";
      // Ceph compares the text without its quotes, others with them.
      const bare = etag.replaceAll('"', "");
      const quoted = await put(key, "first", { "if-match": etag });
      const form = quoted.ok ? etag : bare;
      const all = await Promise.all(Array.from({ length: 40 }, async (_, i) => {
        const { status } = await put(key, String(i), { "if-match": form }, i % endpoints.length);
        return { i, status };
      }));

      const winners = all.filter(({ status }) => status === 200);
      const lost = new Set(all.filter(({ status }) => status !== 200).map(({ status }) => status));
      expect(winners.length).toBe(1);
      expect([...lost].filter((status) => ![409, 412, 500].includes(status))).toEqual([]);
      expect(await get(key, other)).toBe(String(winners[0]?.i));
    });

    it("shows over one gateway at once what was written over the other", async () => {
      const prefix = `ceph-test/${crypto.randomUUID()}`;
      for (let i = 0; i < 20; i++) {
        await put(`${prefix}/a`, String(i), {});
        expect(await get(`${prefix}/a`, other)).toBe(String(i));
        await put(`${prefix}/list-${i}`, "", {}, other);
        const listed = await (await client.fetch(`${endpoints[0]}/${bucket}?list-type=2&prefix=${prefix}/list`)).text();
        expect(listed.match(/<Key>/g)?.length).toBe(i + 1);
      }
    });
  });
}
