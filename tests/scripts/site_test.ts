import { describe, it } from "@std/testing/bdd";
import { guidesOf, linkTo } from "../../scripts/site/guides.ts";
import { linkFaults } from "../../scripts/site/links.ts";
import { rendered } from "../../scripts/site/markdown.ts";
import { inspected } from "../../scripts/site/page/inspected.ts";
import { packed, unpacked } from "../../scripts/site/page/shared_code.ts";
import { expect } from "../helpers/expect.ts";

const same = (target: string) => target;

describe("rendered()", () => {
  it("names headings as GitHub does, also two of one name", () => {
    const { html, headings } = rendered("# A `b()`\n\n## Tags & links!\n\n## Tags & links!\n", same);

    expect(headings.map(({ level, anchor }) => [level, anchor])).toEqual([
      [1, "a-b"],
      [2, "tags--links"],
      [2, "tags--links-1"],
    ]);
    expect(html).toContain('<h1 id="a-b">A <code>b()</code></h1>');
  });

  it("shows HTML as text, in code and in tables as well", () => {
    const { html } = rendered(
      '<script>alert(1)</script>\n\n| a |\n|---|\n| `<b>` |\n\n```ts\nconst x = "<i>";\n```\n\n```unknown\n<u>\n```\n',
      same,
    );

    expect(html).not.toMatch(/<(?:script|b|i|u)>/);
    expect(html).toContain('<span class="hljs-keyword">const</span>');
    expect(html).toContain("<td><code>");
  });

  it("asks where links and pictures lead", () => {
    const { html } = rendered("[one](two.md#three) ![four](five.svg)", (target) => `/${target}`);

    expect(html).toContain('<a href="/two.md#three">one</a> <img src="/five.svg" alt="four">');
  });
});

describe("linkTo()", () => {
  it("leads from any page to any other", () => {
    expect([
      linkTo("index.html", "guides/a.html"),
      linkTo("guides/a.html", "guides/b.html"),
      linkTo("guides/a.html", "index.html"),
      linkTo("api/x/~/y.html", "guides/a.html#b"),
      linkTo("api/x/~/y.html", "api/z/index.html"),
    ]).toEqual(["guides/a.html", "b.html", "../index.html", "../../../guides/a.html#b", "../../z/index.html"]);
  });
});

describe("guidesOf()", () => {
  it("has a page for each Markdown file, also for those that it does not know", () => {
    const { guides, navigation } = guidesOf(["README.md", "lib/new/README.md", "lib/new/DEEP.md"], (file) => file);

    expect(guides.filter(({ source }) => source.startsWith("lib/new"))).toEqual([
      { source: "lib/new/README.md", path: "inside/lib_new.html", title: "lib/new/README.md" },
      { source: "lib/new/DEEP.md", path: "inside/lib_new_deep.html", title: "lib/new/DEEP.md" },
    ]);
    const named = navigation.flatMap(({ pages }) => pages.map(({ path }) => path));
    expect(named).toContain("inside/lib_new.html");
    expect(new Set(named).size).toBe(named.length);
  });
});

describe("linkFaults()", () => {
  const pages: Record<string, string> = {
    "index.html": '<a href="a/#here">x</a><a class="y" href="https://example.org/">z</a><img src="none.svg">',
    "a/index.html":
      '<h1 id="here">x</h1><a href="../index.html#gone">y</a><a href="#he&#x72;e">z</a><a href="%7E.html">u</a>',
    "a/~.html": '<a href="../..">up</a>',
  };

  it("finds files and anchors that are not there", async () => {
    const faults = await linkFaults([...Object.keys(pages), "x.css"], (path) => Promise.resolve(pages[path] ?? ""));

    expect(faults).toEqual([
      "index.html: none.svg leads to nothing",
      "a/index.html: index.html has no #gone",
    ]);
  });
});

describe("code in an address", () => {
  it("is what was written", async () => {
    for (const text of ["", "const ä = `€ ${1}`;\n".repeat(200)]) {
      const address = await packed(text);
      expect(address).toMatch(/^[\w-]*$/);
      expect(await unpacked(address)).toBe(text);
    }
  });

  it("that is damaged, or stands for too much, is refused", async () => {
    const bomb = await packed(" ".repeat(1 << 20));
    for (const address of ["%", "BwcH", bomb]) {
      expect(await unpacked(address).then(() => "taken", () => "refused")).toBe("refused");
    }
  });
});

describe("inspected()", () => {
  it("writes values for people", () => {
    const own = new (class Own {
      readonly a = [1n, undefined, null];
    })();
    const around: unknown[] = [];
    around.push(around);

    expect([
      inspected(own),
      inspected(new Map<unknown, unknown>([["k", new Set([1])]])),
      inspected(new Uint8Array([1, 2])),
      inspected(new TypeError("no", { cause: new RangeError("why") })),
      inspected([]),
    ]).toEqual([
      "Own { a: [ 1n, undefined, null ] }",
      'Map(1) { "k" => Set(1) { 1 } }',
      "Uint8Array(2) [ 1, 2 ]",
      "TypeError: no\n  caused by RangeError: why",
      "[]",
    ]);
    expect(inspected(around)).toContain("…");
    expect(inspected(Array(1000).fill(0))).toContain("… 900 more");
  });
});
