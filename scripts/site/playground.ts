import * as esbuild from "esbuild";
import { resolvedInBrowsers } from "../explorer/bundle_page.ts";
import { output } from "../shared/processes.ts";
import type { Section } from "./guides.ts";
import { page } from "./layout.ts";
import { escaped } from "./markdown.ts";

const ROOT = new URL("../../", import.meta.url);
const EXAMPLES = new URL("tests/examples/playground/", ROOT);

/** The examples, in the order in which they are offered. */
export const ORDER = ["notes", "logs", "grep", "edge", "links", "tokens", "replicas", "values"] as const;

/** The entry points that code in the playground may import, by their keys in deno.json. */
const ENTRIES = [".", "./read", "./records", "./codec", "./embedded", "./gateway", "./s3-server"] as const;

/** An example of the playground. */
export interface Example {
  /** The name of its file. */
  readonly name: string;
  readonly title: string;
  /** What is shown and run. */
  readonly code: string;
  /** What it prints. */
  readonly prints: string;
}

/**
 * Reads an example: a title in the first line, code, and last a comment that says what it prints.
 *
 * @throws {SyntaxError} If it is made in another way.
 */
export function parsedExample(name: string, text: string): Example {
  const [, title, code, prints] = /^\/\/ (.+)\n([\s\S]+?\n)\n\/\/ Prints:\n((?:\/\/.*\n)+)$/.exec(text) ?? [];
  if (title === undefined || code === undefined || prints === undefined) {
    throw new SyntaxError(`${name} has no title, or does not say last what it prints`);
  }
  return { name, title, code, prints: prints.replace(/^\/\/ ?/gm, "") };
}

/** Reads all examples. */
export function readExamples(): Promise<Example[]> {
  return Promise.all(
    ORDER.map(async (name) => parsedExample(name, await Deno.readTextFile(new URL(`${name}.ts`, EXAMPLES)))),
  );
}

/** Makes the playground: its page, its frame, and the library for both. */
export async function makePlayground(site: string, navigation: readonly Section[]): Promise<void> {
  const folder = `${site}/playground`;
  const [examples, style] = await Promise.all([readExamples(), readPart("playground.css")]);
  await Promise.all([makeLibrary(`${folder}/lib`), makeScripts(folder)]);
  await Deno.writeTextFile(`${folder}/playground.css`, style);
  await Deno.writeTextFile(`${folder}/index.html`, playgroundPage(examples, navigation));
  await Deno.writeTextFile(`${folder}/frame.html`, await framePage());
}

function readPart(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`page/${name}`, import.meta.url));
}

function nameOf(entry: string): string {
  return entry === "." ? "client" : entry.slice(2);
}

/** Bundles the entry points of the library, so that they share what they have in common. */
async function makeLibrary(folder: string): Promise<void> {
  const { exports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT))) as {
    exports: Readonly<Record<string, string>>;
  };
  await esbuild.build({
    entryPoints: Object.fromEntries(
      ENTRIES.map((entry) => [nameOf(entry), new URL(exports[entry] ?? "", ROOT).pathname]),
    ),
    outdir: folder,
    ...{ bundle: true, splitting: true, minify: true, format: "esm", target: "es2022", platform: "browser" },
    ...{ logLevel: "error", legalComments: "none" },
    plugins: [{
      name: "as in browsers",
      setup: (build) =>
        build.onResolve({ filter: /^/ }, ({ path, importer }) => {
          const found = resolvedInBrowsers(path, importer || undefined);
          return found === undefined ? undefined : { path: found };
        }),
    }],
  });
  await esbuild.stop();
}

/** Bundles the scripts of the page and of its frame; what compiles TypeScript is a file that is loaded with the first run. */
async function makeScripts(folder: string): Promise<void> {
  const scripts = ["playground.ts", "frame.ts"].map((name) => new URL(`page/${name}`, import.meta.url).pathname);
  const settings = ["--config=deno.tools.json", "--platform=browser", "--code-splitting", "--minify", "--quiet"];
  await output(Deno.execPath(), ["bundle", ...settings, `--outdir=${folder}`, ...scripts], { cwd: ROOT });
}

function playgroundPage(examples: readonly Example[], navigation: readonly Section[]): string {
  const options = examples.map(({ name, title, code }) =>
    `<option value="${name}" data-code="${escaped(code).replaceAll("\n", "&#10;")}">${escaped(title)}</option>`
  );
  return page({
    path: "playground/index.html",
    title: "Playground",
    kind: "play",
    navigation,
    policy:
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; frame-src 'self'; base-uri 'none'; " +
      "form-action 'none'",
    head: `<link rel="stylesheet" href="playground.css">\n<script type="module" src="playground.js"></script>\n`,
    content: `<h1>Playground</h1>
<p>The library and a DDFS of its own are in this page's memory. Change an example and run it: nothing leaves the page.</p>
<noscript><p>The playground needs JavaScript.</p></noscript>
<div class="controls">
<label>Example <select id="examples">${options.join("")}</select></label>
<button id="run" class="main">Run <kbd>Ctrl ⏎</kbd></button>
<button id="stop" disabled>Stop</button>
<button id="share">Copy a link</button>
<span id="note" role="status"></span>
</div>
<div class="panes">
<div class="editor"><pre aria-hidden="true"><code id="shown"></code></pre><textarea id="code" aria-label="Code" spellcheck="false" autocapitalize="off" autocomplete="off" wrap="off"></textarea></div>
<section aria-label="Output"><h2>Output</h2><pre id="output" tabindex="0" aria-live="polite"></pre></section>
</div>
`,
  });
}

/** The frame: it may load the library and run what it is sent, and reach nothing else. */
async function framePage(): Promise<string> {
  const imports = Object.fromEntries(
    ENTRIES.map((entry) => [`@ddfs/client${entry.slice(1)}`, `./lib/${nameOf(entry)}.js`]),
  );
  const map = JSON.stringify({ imports });
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(map)));
  const hash = btoa(String.fromCharCode(...digest));
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'self' 'sha256-${hash}' blob: 'wasm-unsafe-eval'; worker-src blob:">
<title>Where the code runs</title>
<script type="importmap">${map}</script>
<script type="module" src="frame.js"></script>
</head>
<body></body>
</html>
`;
}
