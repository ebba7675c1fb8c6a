import { describe, it } from "@std/testing/bdd";
import { expect } from "../../../helpers/expect.ts";
import { failure } from "../../../helpers/fakes.ts";
import * as disk from "../../../../lib/embedded/stores/disk/disk.ts";
import * as noDisk from "../../../../lib/embedded/stores/disk/no_disk.ts";

describe("what Workers have in place of the disk", () => {
  it("has all that the disk's module has", () => {
    expect(Object.keys(noDisk).sort()).toEqual(Object.keys(disk).sort());
  });

  it("opens no folder, and says what else there is", async () => {
    for (const open of [noDisk.openDiskStore, noDisk.openDiskSource]) {
      const error = await failure(open("/tmp/data"));
      expect(error).toMatchObject({ name: "DiscoError", code: "unsupported" });
      expect(error.message).toContain("name a bucket by objects, or leave root out");
    }
  });
});
