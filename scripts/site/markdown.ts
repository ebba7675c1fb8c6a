import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import json from "highlight.js/lib/languages/json";
import nginx from "highlight.js/lib/languages/nginx";
import shell from "highlight.js/lib/languages/shell";
import typescript from "highlight.js/lib/languages/typescript";
import xml from "highlight.js/lib/languages/xml";
import { Marked } from "marked";

/** Languages by the names that Markdown files and paths give them. */
const LANGUAGES = { ts: typescript, mjs: typescript, json, sh: bash, console: shell, nginx, html: xml } as const;
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);

/** A heading of a page. */
export interface Heading {
  readonly level: number;
  /** Its words, as HTML. */
  readonly html: string;
  readonly anchor: string;
}

/** A Markdown file as HTML. */
export interface Rendered {
  readonly html: string;
  readonly headings: readonly Heading[];
}

/**
 * Turns Markdown as GitHub has it into HTML. Nothing in it may be HTML already.
 *
 * @param linked Gives the address for that of a link or a picture.
 */
export function rendered(markdown: string, linked: (target: string) => string): Rendered {
  const headings: Heading[] = [];
  const anchors = new Map<string, number>();
  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ depth, tokens, text }) {
        const anchor = unique(anchorOf(text), anchors);
        const html = this.parser.parseInline(tokens);
        headings.push({ level: depth, html, anchor });
        if (depth === 1) return `<h1 id="${anchor}">${html}</h1>\n`;
        return `<h${depth} id="${anchor}">${html}<a class="anchor" href="#${anchor}" aria-label="Link to this part">#</a></h${depth}>\n`;
      },
      code: ({ text, lang = "" }) => `<pre tabindex="0"><code>${highlighted(text, lang)}</code></pre>\n`,
      table(token) {
        const row = (cells: typeof token.header, name: "th" | "td") =>
          `<tr>${
            cells.map(({ text, tokens }) => cell(text === "" ? "td" : name, this.parser.parseInline(tokens))).join("")
          }</tr>\n`;
        const rows = token.rows.map((cells) => row(cells, "td")).join("");
        return `<div class="table" tabindex="0"><table><thead>${
          row(token.header, "th")
        }</thead><tbody>${rows}</tbody></table></div>\n`;
      },
      link({ href, tokens }) {
        return `<a href="${escaped(linked(href))}">${this.parser.parseInline(tokens)}</a>`;
      },
      image: ({ href, text }) => `<img src="${escaped(linked(href))}" alt="${escaped(text)}">`,
      html: ({ text }) => escaped(text),
    },
  });
  return { html: marked.parse(markdown, { async: false }), headings };
}

/** Makes a cell of a table; one without text is no heading. */
function cell(name: "th" | "td", html: string): string {
  return `<${name}>${html}</${name}>`;
}

/** Marks the words of code by what they are; of a language that is not known it is text. */
export function highlighted(code: string, language: string): string {
  return language in LANGUAGES ? hljs.highlight(code, { language }).value : escaped(code);
}

/** Writes a text for HTML. */
export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Names a heading as GitHub and JSR do. */
function anchorOf(words: string): string {
  return words.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-");
}

function unique(anchor: string, anchors: Map<string, number>): string {
  const count = anchors.get(anchor) ?? 0;
  anchors.set(anchor, count + 1);
  return count === 0 ? anchor : `${anchor}-${count}`;
}
