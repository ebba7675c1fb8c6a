import { describe, it } from "@std/testing/bdd";
import { appendAll } from "../../scripts/stress/bucket/appends.ts";
import { expect } from "../helpers/expect.ts";
import { REAL_S3 } from "./real_s3.ts";

describe("appends to one tag by many, through several processes and gateways of a real store", () => {
  const run = REAL_S3 === undefined ? it.skip : it;
  const s3 = REAL_S3 ?? { endpoints: [], bucket: "", credentials: { accessKeyId: "", secretAccessKey: "" } };
  const size = { s3, handlers: 2, clients: 20, appends: 300, seed: 1 };

  run("are each there once, where answers are lost, PUTs come late and a process is killed", async () => {
    const { acknowledged, lost, doubled } = await appendAll({
      ...size,
      faults: { busy: 0.02, lost: 0.05, late: 0.05, vague: 0.3 },
      onProgress: (done, handlers) => {
        if (done === 150) handlers[0]?.signal("SIGKILL");
      },
    });

    expect({ lost, doubled }).toEqual({ lost: 0, doubled: 0 });
    expect(acknowledged).toBeGreaterThan(250);
  });
});
