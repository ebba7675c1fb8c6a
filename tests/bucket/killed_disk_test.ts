import { describe, it } from "@std/testing/bdd";
import { appendAll } from "../../scripts/stress/bucket/appends.ts";
import { expect } from "../helpers/expect.ts";
import { REAL_S3, type RealS3 } from "./real_s3.ts";

const APPENDS = 200;

// With fewer disks, the data are gone with one.
if (REAL_S3 === undefined || REAL_S3.osds.length < 3) {
  console.log("SKIPPED: a disk that is killed; `deno task test:bucket` runs it with a store of three, at its end");
} else describeKills(REAL_S3);

function describeKills({ osds: [disk = 0], ...s3 }: RealS3): void {
  describe("appends to one tag by 50 clients, through 4 processes and all gateways of a real store", () => {
    it("are each there once where a disk and then a process is killed midway", async () => {
      const killed: string[] = [];
      const { acknowledged, lost, doubled } = await appendAll({
        ...{ s3, handlers: 4, clients: 50, appends: APPENDS, seed: 1 },
        onProgress: (done, handlers) => {
          if (done === APPENDS / 4) {
            Deno.kill(disk, "SIGKILL");
            killed.push("disk");
          }
          if (done === APPENDS / 2) {
            handlers[0]?.signal("SIGKILL");
            killed.push("process");
          }
        },
      });

      expect({ lost, doubled, killed }).toEqual({ lost: 0, doubled: 0, killed: ["disk", "process"] });
      expect(acknowledged).toBeGreaterThan(0.9 * APPENDS);
    });
  });
}
