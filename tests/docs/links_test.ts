import { describe, it } from "@std/testing/bdd";
import { expect } from "@std/expect";
import { headingsOf, type Link, linksIn } from "./links.ts";
import { exists, textsOfRepository } from "./texts.ts";

const texts = await textsOfRepository();
const links = [...texts].flatMap(([path, text]) => linksIn(path, text));

/** Gives the fault of a link, if it has one. */
async function fault({ from, to, label }: Link): Promise<string | undefined> {
  const [path = "", anchor] = to.split("#");
  const said = `${from} links to ${to}`;
  if (!await exists(path)) return `${said}: no such file`;
  if (anchor === undefined) return undefined;
  const heading = headingsOf(texts.get(path) ?? "").get(anchor);
  if (heading === undefined) return `${said}: no such heading`;
  const named = /^[A-Z]+: (.*)$/.exec(label)?.[1];
  return named === undefined || named === heading ? undefined : `${said} as "${named}"; the heading is "${heading}"`;
}

describe("documentation's links", () => {
  it("lead to files and headings of the repository", async () => {
    const faults = (await Promise.all(links.map(fault))).filter((found) => found !== undefined);

    expect(links.length).toBeGreaterThan(40);
    expect(faults).toEqual([]);
  });

  it("are written in full, not as a document's name and a heading", () => {
    const short = [...texts].filter(([, text]) => /@see (?:PROTOCOL|FORMAT)\b/.test(text)).map(([path]) => path);

    expect(short).toEqual([]);
  });

  it("name every heading by the anchor that GitHub makes of it", () => {
    expect([...headingsOf("# The `x_y` format\n\n```sh\n# no heading\n```\n\n## Names, and more (1)").keys()])
      .toEqual(["the-x_y-format", "names-and-more-1"]);
  });

  it("are found in Markdown and in docstrings, and not in code", () => {
    expect(linksIn("lib/README.md", "[a](./a.md#b) [c](https://example.com) \n```\n[d](e)\n```\n")).toEqual([
      { from: "lib/README.md", to: "lib/a.md#b", label: "a" },
    ]);
    expect(linksIn("lib/x.ts", "/** {@link https://REPOSITORY/lib/F.md#g F: G} {@link https://example.com h} */"))
      .toEqual([{ from: "lib/x.ts", to: "lib/F.md#g", label: "F: G" }]);
  });
});
