import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { linked, repositoryMembers } from "../../scripts/package/repository.ts";

const PLACE = { repository: "https://example.org/a/b", version: "1.2.3" };

describe("linked()", () => {
  it("gives a docstring's link the address of the released version", () => {
    expect(
      linked("lib/names.ts", "{@link https://REPOSITORY/lib/cluster/PROTOCOL.md#settings PROTOCOL: Settings}", PLACE),
    )
      .toBe("{@link https://example.org/a/b/blob/v1.2.3/lib/cluster/PROTOCOL.md#settings PROTOCOL: Settings}");
  });

  it("gives Markdown's relative links and pictures addresses that work elsewhere", () => {
    const text = "![bars](./speed.svg) [map](../../lib/README.md#rooms) [here](#sizes) [out](https://a.org/b)";

    expect(linked("scripts/bench/README.md", text, PLACE)).toBe(
      "![bars](https://example.org/a/b/raw/v1.2.3/scripts/bench/speed.svg)" +
        " [map](https://example.org/a/b/blob/v1.2.3/lib/README.md#rooms) [here](#sizes) [out](https://a.org/b)",
    );
  });

  it("leaves code with brackets alone", () => {
    expect(linked("lib/a.ts", "list[0](./x)", PLACE)).toBe("list[0](./x)");
  });

  it("leaves all as it is while the repository is not known", () => {
    const text = "[a](./b) https://REPOSITORY/c";

    expect(linked("README.md", text, { ...PLACE, repository: "" })).toBe(text);
  });
});

describe("repositoryMembers()", () => {
  it("has what npm shows beside a package", () => {
    expect(repositoryMembers(PLACE.repository)).toEqual({
      repository: { type: "git", url: "git+https://example.org/a/b.git" },
      homepage: "https://example.org/a/b#readme",
      bugs: { url: "https://example.org/a/b/issues" },
    });
    expect(repositoryMembers("")).toEqual({});
  });
});
