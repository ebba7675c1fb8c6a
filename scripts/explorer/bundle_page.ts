import { createHash } from "node:crypto";
import { stop, transform } from "esbuild";
import { rolldown } from "rolldown";
// The bundler reads these packages: imported here, they are at hand.
import "fflate";
import "htm";
import "preact";
import "preact/hooks";
import { IN_BROWSERS } from "../package/package_json.ts";

/** A file of the page. */
export interface BundledFile {
  readonly name: string;
  readonly text: string;
  readonly type: string;
  readonly etag: string;
}

/** The page: its files, and which of them a browser loads at once. */
export interface BundledPage {
  readonly files: readonly BundledFile[];
  /** The names of those that are loaded before anything is shown. */
  readonly atFirst: readonly string[];
}

const ROOT = new URL("../../", import.meta.url);
const SOURCE = new URL("lib/explorer/", ROOT);

/**
 * Bundles lib/explorer: the page, its style, and its scripts. What is imported dynamically becomes scripts of their own. The same sources give the
 * same files.
 *
 * @returns The files.
 */
export async function bundlePage(): Promise<BundledPage> {
  const chunks = await scripts();
  const [entry, ...others] = loadedAtFirst(chunks).map(({ fileName }) => fileName);
  if (entry === undefined) throw new Error("the bundler made no first script");
  const [style, views, icon, page] = await Promise.all(
    ["style.css", "views.css", "icon.svg", "index.html"].map(source),
  ) as [
    string,
    string,
    string,
    string,
  ];
  const { code } = await transform(style + views, { loader: "css", minify: true, target: "es2022" });
  await stop();
  // The bundler leaves the values of properties of one's own as they are written.
  const short = code.trim().replace(/--[\w-]+: .*?(?=[;}])/g, (property) => property.replace(/(?<=[:,]) /g, ""));
  const css = file("style.css", short, "text/css; charset=utf-8");
  const svg = file("icon.svg", onOneLine(icon), "image/svg+xml");
  const preloads = others.map((name) => `<link rel="modulepreload" href="/ui/${name}">`).join("\n");
  const text = page.replace("icon.svg", svg.name).replace("style.css", css.name).replace("main.js", entry)
    .replace("<!-- scripts -->", preloads);
  const made = chunks.map(({ fileName, code }) => withEtag(fileName, code.trim(), "text/javascript; charset=utf-8"));
  const index = withEtag("index.html", onOneLine(text), "text/html; charset=utf-8");
  return { files: [index, css, svg, ...made], atFirst: [index.name, css.name, entry, ...others] };
}

/** A script that the bundler made. */
interface Script {
  readonly fileName: string;
  readonly code: string;
  readonly isEntry: boolean;
  /** The scripts that it loads at once. */
  readonly imports: readonly string[];
  /** The paths of the sources that it is made of. */
  readonly moduleIds: readonly string[];
}

/**
 * Parts of the client that the page never asks for, and what they export in its place: `dir://` indexes, readers of records that are no lines, repairs,
 * other sources than chosen files and tags, blobs as lines, records as text, what is in compressed sources, going on with an earlier upload, the URLs of what a failed one has left, a master that settings name, hosts that are not allowed, levels of compression, more
 * requests at a time than browsers send, places that many small blobs share, as many replicas as a cluster has nodes, tags that are known, and what concerns the connections and the reads of other runtimes. Nobody would load them.
 */
const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ["lib/base/lines.ts", none("lineBatches")],
  [
    "lib/client/left_behind.ts",
    "export class LeftBehind { add() {} remove() {} tell() {} namedIn(error) { return error; } }",
  ],
  ["lib/client/opened_upload.ts", `export function checkNodes() {} ${none("openedUpload")}`],
  ["lib/client/repair.ts", none("TagRepair")],
  ["lib/cluster/allowed_hosts.ts", "export const hostCheck = () => () => true;"],
  [
    "lib/cluster/at_once.ts",
    "export const FEW = 5; export function noteAtOnce() {} export function keepsConnections() {}",
  ],
  [
    "lib/client/resume.ts",
    `export const resumed = () => {}, chunkResume = resumed, resumeOf = resumed, skip = resumed;${
      none("notResumable")
    }`,
  ],
  ["lib/cluster/named_master.ts", none("namedMaster")],
  ["lib/cluster/fewer_places.ts", 'export { place as fewerPlaces } from "./place.ts";'],
  [
    "lib/cluster/known_tags.ts",
    "export function noteVersion() {} export const unlessKnown = (url, known, read) => read();",
  ],
  [
    "lib/cluster/spare_places.ts",
    "export function takeSpare() {} export function keepSpare() {} export function dropSpares() {} export const askShared = (cluster, wish, ask) => ask();",
  ],
  [
    "lib/http/causes.ts",
    'export const reasonOf = (cause) => String(cause?.message ?? cause), isLasting = () => false, isDown = isLasting, isUnsent = isLasting, originHint = () => "";',
  ],
  ["lib/codec/level.ts", "export const levelOf = () => 1;"],
  ["lib/http/body_reads.ts", "export const bodyReads = (body) => body.getReader(), comesSmall = () => {};"],
  ["lib/records/netstring.ts", none("netstrings")],
  ["lib/records/pickle/pickler.ts", none("Pickler")],
  // All that these two do is to make searches faster, and a page waits for what it reads.
  ["lib/records/quick_search.ts", "export const quickSearch = () => () => {};"],
  [
    "lib/records/text_units.ts",
    `export function unitsOf(bytes, offsets) {
      let [at, count] = [0, 0];
      return offsets.map((end) => {
        for (; at < end; at++) count += ((bytes[at] & 0xc0) !== 0x80) + (bytes[at] >= 0xf0);
        return count;
      });
    }`,
  ],
  ["lib/records/text_records.ts", none("readTexts")],
  ["lib/sources/content.ts", "export const contentOf = (cluster, source) => source;"],
  ["lib/sources/dir_index.ts", none("indexedUrls")],
  ["lib/sources/path.ts", `export const isPath = () => false;${none("pathInputs")}`],
  ["lib/sources/stream.ts", "export const streamInput = () => undefined;"],
  ["lib/sources/url.ts", "export const urlInput = () => undefined;"],
]);
/** Methods of the client that the page never calls. */
const UNUSED = "attrs|blobs|exists|findtags|getattr|pull|put|recordBatches|recordColumns|records|tag|toString";
/** One of these as it is formatted, and the private methods that only they call: from its first signature to the end of its body. */
const UNUSED_METHOD = new RegExp(`^  (?:async )?(?:${UNUSED}|#ask|#batches)(?:<.*>)?\\([^]*?^  \\}$`, "gm");
/** A call of one of these in the page. */
const UNUSED_CALL = new RegExp(`(?:\\breader|\\bddfs|\\bclient\\(\\)\\))\\.(?:${UNUSED})\\(`);
/** The sources that have such methods. */
const CLIENT = /\/lib\/client\/(?:ddfs|reader)\.ts$/;
/** Checks of options, of their names, and lists of these: what the page gives is checked by its types. */
const OPTION_CHECK =
  /^ *(?:check|checkOptions|checkColumnSize|checkPlacement|wholeNumber)\((?:.*|\n(?: +.*,\n)+ *)\);$|, takes: (?:[A-Z_]+|\{[^}]*\})(?=[ ,])|, (?:GET|READ)_OPTIONS(?=\))/gm;

function none(name: string): string {
  return `export function ${name}() { throw new TypeError("left out"); }`;
}

/** The graph, and those of its sources that only it needs: a script of its own, which takes nothing but the first one. */
const GRAPH = /\/views\/(?:graph|parents)[^/]*$/;

/**
 * Makes three scripts: what is needed at first, the graph, and the rest. The many that the bundler would make are a tenth larger, gzipped.
 */
async function scripts(): Promise<Script[]> {
  const atFirst = new Set(loadedAtFirst(await bundled(() => null)).flatMap(({ moduleIds }) => moduleIds));
  return await bundled((id) => atFirst.has(id) ? "main" : GRAPH.test(id) ? null : "rest");
}

/** Gives the first script, and all that it and those import at once. */
function loadedAtFirst(made: readonly Script[]): Script[] {
  const first = new Set(made.filter(({ isEntry }) => isEntry));
  // A set is iterated over what is added meanwhile, too.
  for (const { imports } of first) {
    for (const script of made) if (imports.includes(script.fileName)) first.add(script);
  }
  return [...first];
}

/**
 * Bundles the page's scripts.
 *
 * @param scriptOf Names the script that a source becomes a part of; with `null` the bundler chooses.
 */
async function bundled(scriptOf: (id: string) => string | null): Promise<Script[]> {
  const build = await rolldown({
    input: { main: new URL("main.ts", SOURCE).pathname },
    ...{ cwd: ROOT.pathname, platform: "browser", logLevel: "warn", transform: { target: "es2022" } },
    preserveEntrySignatures: "allow-extension",
    // Lists of names that are made of others are left out, too, where nothing is checked by them.
    treeshake: { propertyReadSideEffects: false },
    checks: { ineffectiveDynamicImport: false },
    plugins: [
      { name: "as in browsers", resolveId: (id, importer) => resolvedInBrowsers(id, importer) },
      { name: "left out", load: (id) => leftOut(id) },
      { name: "unused methods", transform: (code, id) => CLIENT.test(id) ? withoutUnused(code) : undefined },
      {
        name: "unchecked options",
        transform: (code, id) => id.startsWith(SOURCE.pathname) ? undefined : code.replace(OPTION_CHECK, ""),
      },
      {
        name: "short templates",
        transform: (code, id) => id.startsWith(SOURCE.pathname) ? shortened(code) : undefined,
      },
    ],
  });
  const { output } = await build.generate({
    ...{ format: "esm", minify: true, comments: false },
    ...{ entryFileNames: "[name]-[hash].js", chunkFileNames: "[name]-[hash].js" },
    codeSplitting: { groups: [{ name: scriptOf, debugName: "scripts" }], includeDependenciesRecursively: false },
  });
  await build.close();
  return output.filter((file) => file.type === "chunk");
}

/** Finds packages where Deno has them, and what takes the place of other files in browsers; nothing for all else. */
export function resolvedInBrowsers(id: string, importer: string | undefined): string | undefined {
  if (!/^[./]/.test(id)) {
    return new URL(import.meta.resolve(id).replace(/(fflate\/.*)\/index\.mjs$/, "$1/browser.js")).pathname;
  }
  if (importer === undefined || !id.startsWith(".")) return undefined;
  const path = new URL(id, `file://${importer}`).href.slice(ROOT.href.length).replace(/\.ts$/, "");
  const replaced = (IN_BROWSERS as Readonly<Record<string, string>>)[path];
  return replaced === undefined ? undefined : new URL(`${replaced}.ts`, ROOT).pathname;
}

/** Takes out the methods of the client that the page never calls. */
function withoutUnused(code: string): string {
  return code.replace(UNUSED_METHOD, "");
}

/** Takes out of templates what htm passes over: line breaks between elements, and what indents them. */
function shortened(code: string): string {
  const [call] = UNUSED_CALL.exec(code) ?? [];
  if (call !== undefined) throw new Error(`the page calls ${call}), which is left out of it: see UNUSED`);
  return code.replace(/\n\s+/g, "\n").replace(/(?<=[>}])\n(?=[<$])|(?<=`)\n(?=<)|(?<=>)\n(?=`)/g, "")
    .replace(/<\/\w+>/g, "<//>").replace(/(?<=[\w-]=)"([\w-]+)"(?=[\s>])/g, "$1");
}

/** Gives what stands in the place of a source that the page does without. */
function leftOut(id: string): string | undefined {
  return LEFT_OUT.get(id.slice(ROOT.pathname.length));
}

/** Takes the lines' ends out of HTML and SVG, and what indents them. */
function onOneLine(text: string): string {
  return text.trim().replace(/\n\s*| (?=\/>)/g, "");
}

async function source(name: string): Promise<string> {
  return await Deno.readTextFile(new URL(name, SOURCE));
}

/** Makes a file whose name says its content, so that a browser may keep it for good. */
function file(name: string, text: string, type: string): BundledFile {
  return withEtag(name.replace(".", `-${digest(text)}.`), text, type);
}

function withEtag(name: string, text: string, type: string): BundledFile {
  return { name, text, type, etag: digest(text) };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 12);
}
