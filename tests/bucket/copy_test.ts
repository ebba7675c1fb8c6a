import { describe, it } from "@std/testing/bdd";
import { copyStore } from "@ddfs/client/embedded";
import { s3Objects } from "@ddfs/client/s3";
import { inPlaceWith } from "../helpers/command.ts";
import { filesIn, opened, toTag } from "../helpers/embedded_stores.ts";
import { expect } from "../helpers/expect.ts";
import { REAL_S3, realFolder, type RealS3 } from "./real_s3.ts";

/** Timers by which the waits of a claim are shorter. */
const faster = (milliseconds: number, run: () => void) => {
  const timer = setTimeout(run, milliseconds / 20);
  return () => clearTimeout(timer);
};

/** Makes the waits of a command shorter. */
const FAST = new URL("./fast_timers.ts", import.meta.url).pathname;

/** Runs a test in a place of its own. */
const within = inPlaceWith({});

if (REAL_S3 === undefined) console.log("SKIPPED: copies to a real bucket; `deno task test:bucket` runs them");
else describeCopies(REAL_S3);

function describeCopies(real: RealS3): void {
  describe("copyStore() and a real bucket", () => {
    it("gets a folder by the command, also when that is killed, and gives it back", () =>
      within(async ({ folder, ddfs, start }) => {
        const sizes = [0, 1, 100, 9_000_000, ...Array.from({ length: 100 }, (_, i) => i * 1000)];
        const from = `${folder}/from`;
        await opened(from, async (ddfs) => {
          for (const [i, size] of sizes.entries()) {
            const body = new Uint8Array(size).fill(i);
            const answer = await ddfs.fetch(`http://localhost:8989/ddfs/b${i}$52e-1-1`, { method: "PUT", body });
            await toTag(ddfs, "POST", i < 4 ? `data:${i}` : "data:many", [[await answer.json()]]);
          }
        });
        const { endpoints: [endpoint = ""], bucket, credentials } = real;
        const env = {
          AWS_ACCESS_KEY_ID: credentials.accessKeyId,
          AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
          AWS_ENDPOINT_URL_S3: endpoint,
        };
        const at = `s3://${bucket}/copy-test/${crypto.randomUUID()}`;

        const objects = s3Objects({ endpoint, bucket, prefix: at.slice(`s3://${bucket}/`.length), credentials });
        const count = async (prefix: string) => (await Array.fromAsync(objects.list({ prefix }))).length;

        const killed = start(["copy", from, at], { env, preload: FAST });
        while (await count("blob/") < 20) await new Promise((resolve) => setTimeout(resolve, 20));
        killed.kill("SIGKILL");
        await Promise.all([killed.status, killed.stdout.cancel(), killed.stderr.cancel()]);
        const [blobsThere, tagsThere] = [await count("blob/"), await count("tag/")];
        expect([blobsThere >= 20 && blobsThere < 104, tagsThere]).toEqual([true, 0]);
        const again = await ddfs(["copy", "--json", from, at], { env, preload: FAST });
        expect([again.status, again.err.split("\n")]).toEqual([0, [
          expect.stringMatching(/^Waiting up to 30 seconds for a sign of life: a copy has s3:.*, or was killed\.$/),
          expect.stringMatching(/^Waiting 20 seconds until nobody writes to s3:.* any more\.$/),
          "",
        ]]);
        const { blobs, tags } = JSON.parse(again.out);
        expect([blobs.all, tags]).toEqual([104, { all: 5, before: 0 }]);
        // What was under way may be there without a sign that it is whole.
        expect(blobs.before).toBeGreaterThan(0);
        await copyStore({ objects }, { root: `${folder}/to` }, { after: faster });

        const files = await filesIn(from);
        expect(await filesIn(`${folder}/to`)).toEqual(files);
        for (const file of files) {
          const [one, other] = await Promise.all(
            [from, `${folder}/to`].map((root) => Deno.readFile(`${root}/${file}`)),
          );
          expect([file, one]).toEqual([file, other]);
        }
      }));

    it("has blobs and tags as they were, in a bucket that another gateway reads", () =>
      within(async ({ folder }) => {
        const engine = realFolder(real);
        await opened(`${folder}/from`, async (ddfs) => {
          await toTag(ddfs, "POST", "data:log", [["disco://a/b"], ["tag://data:other"]]);
          await toTag(ddfs, "PUT", "data:log/ddfs:read-token", "r");
        });

        await copyStore({ root: `${folder}/from` }, { objects: engine() }, { after: faster });
        await copyStore({ objects: engine() }, { root: `${folder}/to` }, { after: faster });

        const files = await filesIn(`${folder}/from`);
        expect(await filesIn(`${folder}/to`)).toEqual(files);
        const [one, other] = await Promise.all(
          ["from", "to"].map((root) => Deno.readTextFile(`${folder}/${root}/${files[0]}`)),
        );
        expect(one).toBe(other);
      }));
  });
}
