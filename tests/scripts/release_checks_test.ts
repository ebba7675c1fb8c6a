import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { refusals, type Release } from "../../scripts/package/release_checks.ts";

const READY: Release = {
  repository: "https://example.org/a/b",
  version: "1.2.3",
  changelog: "# Changes\n\n## 1.2.3\n\n- all\n",
  tag: "v1.2.3",
};

describe("refusals()", () => {
  it("lets a release pass that has all", () => {
    expect(refusals(READY)).toEqual([]);
    expect(refusals({ ...READY, tag: undefined })).toEqual([]);
  });

  it("refuses while it is not known where the repository is", () => {
    expect(refusals({ ...READY, repository: "" })[0]).toContain("does not say where the repository is");
    expect(refusals({ ...READY, repository: "github.com/a/b" })[0]).toContain("is not as https://");
  });

  it("refuses a version without a section in the change log, and a tag of another version", () => {
    expect(refusals({ ...READY, version: "1.2.4" })).toEqual([
      "CHANGELOG.md has no section 1.2.4",
      "the tag is v1.2.3, but deno.json says 1.2.4",
    ]);
  });
});
