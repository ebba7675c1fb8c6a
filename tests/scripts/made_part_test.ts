import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { keepPart, partOf, withPart } from "../../scripts/shared/made_part.ts";

const MARKDOWN = "# Title\n\n<!-- made: sizes -->\n\nold\n\n<!-- /made -->\n\n<!-- made: speeds -->x<!-- /made -->\n";

describe("a part of a Markdown file", () => {
  it("is found by its name", () => {
    expect(partOf(MARKDOWN, "sizes").trim()).toBe("old");
    expect(partOf(MARKDOWN, "speeds")).toBe("x");
    expect(() => partOf(MARKDOWN, "colours")).toThrow('There is no part "colours"');
  });

  it("is replaced without touching the rest", () => {
    expect(withPart(MARKDOWN, "sizes", "new\n")).toBe(MARKDOWN.replace("old", "new"));
  });

  it("is compared whatever deno fmt made of it, and is written only when asked to", async () => {
    const path = await Deno.makeTempFile({ suffix: ".md" });
    try {
      await Deno.writeTextFile(path, "<!-- made: t -->\n\n| a   | b |\n| --- | - |\n\n<!-- /made -->\n");
      const part = { path: `file://${path}`, name: "t", command: "make" };

      expect(await keepPart(part, "| a | b |\n|---|---|", false)).toBe(true);
      expect(await keepPart(part, "| a | c |\n|---|---|", false)).toBe(false);
      expect(await Deno.readTextFile(path)).toContain("| a   | b |");
      expect(await keepPart(part, "| a | c |\n|---|---|", true)).toBe(true);
      expect(await Deno.readTextFile(path)).toContain("| a | c |");
    } finally {
      await Deno.remove(path);
    }
  });
});
