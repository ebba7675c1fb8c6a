import { describe, it } from "@std/testing/bdd";
import { s3Objects, type S3ObjectsOptions } from "@ddfs/client/s3";
import { expect } from "../../helpers/expect.ts";
import { thrownBy } from "../../helpers/thrown.ts";

const credentials = { accessKeyId: "KEY", secretAccessKey: "SECRET" };

describe("s3Objects()", () => {
  it("refuses what an option cannot be, by name", () => {
    const wrong: readonly [options: object, said: RegExp][] = [
      [{ prefix: 5 }, /^Invalid prefix 5: it must be a path like/],
      [{ prefix: null }, /^Invalid prefix null/],
      [{ prefix: "../a" }, /^Invalid prefix/],
      [
        { credentials: { ...credentials, sessionTokn: "TOKEN" } },
        /credentials of s3Objects\(\) "sessionTokn": it takes accessKeyId/,
      ],
      [{ credentials: { accessKeyId: "KEY" } }, /have no secretAccessKey/],
      [{ credentials: 5 }, /have no accessKeyId/],
      [{ bucket: 5 }, /^Invalid bucket 5/],
      [{ region: 5 }, /^Invalid region 5/],
    ];
    for (const [options, said] of wrong) {
      const error = thrownBy(() => s3Objects({ bucket: "data", credentials, ...options } as S3ObjectsOptions));

      expect(error.code).toBe("invalid-argument");
      expect(error.message).toMatch(said);
      expect(String(error)).not.toMatch(/SECRET|TOKEN/);
    }
  });

  it("takes a folder with a slash, or none, and what a function gives beside a key", async () => {
    const sent: string[] = [];
    const engine = s3Objects({
      ...{ bucket: "data", prefix: "a/b/", endpoint: "https://s3.example" },
      credentials: () => ({ ...credentials, expiration: new Date(0) }),
      fetch({ url }) {
        sent.push(url);
        return Promise.resolve(new Response(null, { status: 404 }));
      },
    });

    expect([await engine.head("k"), sent]).toEqual([undefined, ["https://s3.example/data/a/b/k"]]);
    expect(s3Objects({ bucket: "data", prefix: "", credentials }).name).toMatch(/^s3:\/\/data at/);
  });
});
