import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { type CollectionReport, type CollectionSettings, HOST, openFast, TAGS } from "./collection_process.ts";
import { REAL_S3, type RealS3 } from "./real_s3.ts";

/** Seconds that the processes run; half an hour of their time passes in each. */
const SECONDS = Number(Deno.env.get("DDFS_TEST_COLLECTION_SECONDS") ?? 60);
const FACTOR = 1800;
const PROCESS = new URL("./collection_process.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.tools.json", import.meta.url).pathname;

if (REAL_S3 === undefined) console.log("SKIPPED: collections beside writers; `deno task test:bucket` runs them");
else describeCollections(REAL_S3);

function describeCollections({ endpoints, bucket, credentials }: RealS3): void {
  describe("collections in a bucket", () => {
    it("get no blob that is in a tag, beside writers and each other, though collectors are killed", async () => {
      const common = {
        place: { endpoints, bucket, credentials },
        prefix: `collection-test/${crypto.randomUUID()}`,
        time: { from: Date.now(), factor: FACTOR },
      };
      const start = (role: CollectionSettings["role"], seed: number) =>
        new Deno.Command(Deno.execPath(), {
          args: ["run", "-A", "--no-check", `--config=${CONFIG}`, PROCESS, JSON.stringify({ ...common, role, seed })],
          ...{ stdin: "piped", stdout: "piped", stderr: "inherit" },
        }).spawn();
      const writers = [1, 2, 3].map((seed) => start("writer", seed));
      const collectors = [4, 5].map((seed) => start("collector", seed));
      const until = Date.now() + SECONDS * 1000;
      let killed = 0;
      for (let seed = 10; Date.now() < until; seed++) {
        await new Promise((resolve) => setTimeout(resolve, 2500 + 700 * (seed % 5)));
        const one = collectors.shift();
        one?.kill("SIGKILL");
        await Promise.all([one?.stdin.close().catch(() => {}), one?.output()]);
        killed++;
        collectors.push(start("collector", seed));
      }
      const ended = async (child: ReturnType<typeof start>): Promise<CollectionReport> => {
        await child.stdin.close();
        const { stdout } = await child.output();
        return JSON.parse(new TextDecoder().decode(stdout));
      };
      const written = await Promise.all(writers.map(ended));
      const collected = await Promise.all(collectors.map(ended));

      const ddfs = openFast({ ...common, role: "collector", seed: 0 });
      const lost: string[] = [];
      let blobs = 0;
      for (const tag of TAGS) {
        const answer = await ddfs.fetch(`http://${HOST}/ddfs/tag/${tag}`);
        if (answer.status === 404) continue;
        const { urls }: { urls: string[][] } = await answer.json();
        for (const url of urls.flat()) {
          const { status, body } = await ddfs.fetch(url.replace("disco:", "http:"));
          await body?.cancel();
          blobs++;
          if (status !== 200) lost.push(`${tag}: ${url} ${status}`);
        }
      }
      const sum = (key: keyof CollectionReport) =>
        [...written, ...collected].reduce((sum, report) => sum + report[key], 0);
      const { deleted } = (await ddfs.gc()).blobs;
      console.log(
        `${sum("tagged")} times into a tag, ${sum("refused")} refused; ${killed} collectors killed, ` +
          `${sum("deleted") + deleted.objects} blobs deleted by those that were not; ${blobs} in tags in the end`,
      );
      await ddfs.close();

      expect([lost, sum("lost")]).toEqual([[], 0]);
      expect(sum("tagged")).toBeGreaterThan(SECONDS);
      expect(blobs).toBeGreaterThan(0);
      expect(sum("deleted") + deleted.objects).toBeGreaterThan(0);
    });
  });
}
