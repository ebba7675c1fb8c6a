import { describe, it } from "@std/testing/bdd";
import { appendAll, type AppendsOptions } from "../../scripts/stress/bucket/appends.ts";
import { expect } from "../helpers/expect.ts";
import { REAL_S3 } from "./real_s3.ts";

/** Few appends: 20,000 a run are made by scripts/stress/bucket.ts. */
const APPENDS = 200;

describe("appends to one tag by 50 clients, through 4 processes and all gateways of a real store", () => {
  const s3 = REAL_S3 ??
    { endpoints: [], bucket: "", credentials: { accessKeyId: "", secretAccessKey: "" } };
  const run = REAL_S3 === undefined ? it.skip : it;
  const all = (how: Pick<AppendsOptions, "faults" | "onProgress">) =>
    appendAll({ s3, handlers: 4, clients: 50, appends: APPENDS, seed: 1, ...how });

  run("are each there once", async () => {
    expect(await all({})).toMatchObject({ acknowledged: APPENDS, lost: 0, doubled: 0 });
  });

  run(
    "are each there once where answers are lost, PUTs come late, and the store refuses some or says nothing certain",
    async () => {
      const { acknowledged, lost, doubled } = await all({ faults: { busy: 0.02, lost: 0.05, late: 0.05, vague: 0.3 } });

      expect({ lost, doubled }).toEqual({ lost: 0, doubled: 0 });
      expect(acknowledged).toBeGreaterThan(0.9 * APPENDS);
    },
  );
});
