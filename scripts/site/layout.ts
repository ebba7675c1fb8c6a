import { linkTo, type Section } from "./guides.ts";
import type { Heading } from "./markdown.ts";
import { escaped } from "./markdown.ts";

/** The policy of all pages but those of the playground: they need no script. */
const POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'";

/** The parts of a page. */
export interface PageParts {
  /** Where it is, from the root of the site. */
  readonly path: string;
  readonly title: string;
  /** Its content, as HTML. */
  readonly content: string;
  readonly navigation: readonly Section[];
  /** Its headings, for the table of contents beside it. */
  readonly headings?: readonly Heading[];
  /** The class of its body. */
  readonly kind?: string;
  /** What else its head has. */
  readonly head?: string;
  readonly policy?: string;
}

/** Makes a page of the site. */
export function page(
  { path, title, content, navigation, headings = [], kind = "guide", head = "", policy }: PageParts,
): string {
  const contents = headings.filter(({ level }) => level === 2 || level === 3);
  const name = title === "Overview" ? "@ddfs/client" : `${title} · @ddfs/client`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="${policy ?? POLICY}">
<meta name="referrer" content="no-referrer">
<title>${escaped(name)}</title>
<link rel="icon" href="${linkTo(path, "icon.svg")}">
<link rel="stylesheet" href="${linkTo(path, "bar.css")}">
<link rel="stylesheet" href="${linkTo(path, "site.css")}">
${head}</head>
<body class="${kind}">
<a class="skip" href="#main">Skip to the content</a>
${bar(path)}
<div class="frame">
<details class="menu"><summary>Menu</summary>${tree(path, navigation)}</details>
<div class="side">${tree(path, navigation)}</div>
<main id="main" tabindex="-1">
${content}</main>
${
    contents.length > 2
      ? `<div class="contents"><nav aria-label="On this page"><h2>On this page</h2>${listed(contents)}</nav></div>`
      : ""
  }
</div>
</body>
</html>
`;
}

/** The head of every page, those of the API included. */
export function bar(path: string): string {
  const link = (to: string, words: string, isHere: boolean) =>
    `<a href="${linkTo(path, to)}"${isHere ? ' aria-current="page"' : ""}>${words}</a>`;
  return `<header class="bar"><a class="brand" href="${
    linkTo(path, "index.html")
  }"><svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 3v9m0 0-7 6m7-6 7 6"/><circle cx="12" cy="4.5" r="3"/><circle cx="4.5" cy="18.5" r="3"/><circle cx="19.5" cy="18.5" r="3"/></svg>@ddfs/client</a><nav aria-label="Site">${
    link("guides/client.html", "Guides", path.startsWith("guides/"))
  }${link("api/index.html", "API", path.startsWith("api/"))}${
    link("playground/index.html", "Playground", path.startsWith("playground/"))
  }</nav></header>`;
}

function tree(path: string, navigation: readonly Section[]): string {
  const link = ({ path: to, title }: Section["pages"][number]) =>
    `<li><a href="${linkTo(path, to)}"${to === path ? ' aria-current="page"' : ""}>${escaped(title)}</a></li>`;
  return `<nav aria-label="Pages">${
    navigation.map(({ title, pages }) => `<h2>${title}</h2><ul>${pages.map(link).join("")}</ul>`).join("")
  }</nav>`;
}

function listed(headings: readonly Heading[]): string {
  return `<ul>${
    headings.map(({ level, html, anchor }) =>
      `<li class="level${level}"><a href="#${anchor}">${html.replace(/<\/?a\b[^>]*>/g, "")}</a></li>`
    ).join("")
  }</ul>`;
}
