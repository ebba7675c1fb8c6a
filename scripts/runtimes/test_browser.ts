/// <reference lib="dom" />
// Tests the npm package in real browsers: the golden and behaviour tests in a page, with WebAssembly and where a policy forbids it, and a
// page that stores a dropped file at its own origin and at another one.
//   deno task test:browser [--screenshot=FILE]
import * as esbuild from "esbuild";
import { type Browser, chromium } from "playwright-core";
import { embedded } from "../../lib/embedded/mod.ts";
import { gateway } from "../../lib/gateway/mod.ts";
import { DDFS } from "../../mod.ts";
import type { SuiteOutcome } from "../../tests/runtimes/suite.ts";
import { bundleTests } from "./bundle_tests.ts";
import { missing } from "./missing.ts";
import { BUNDLE } from "../package/package_json.ts";
import { installNpm } from "../package/pack_npm.ts";
import { servePages, type Site } from "./pages.ts";
import { output } from "../shared/processes.ts";
import { Tally } from "./tally.ts";
import { IN_BUNDLES, STAND_INS, testdata } from "./test_bundle.ts";

const PAGES = new URL("../../tests/runtimes/page/", import.meta.url);
/** The page that is an example. */
const EXAMPLE = new URL("../../tests/examples/page/", import.meta.url);
const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FIREFOX = ["/usr/bin/firefox-esr", "/usr/bin/firefox"];
/** Without these, Chromium looks for Google's hosts at every start. */
const QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];

/** The policies of the page, and the engine that must run under each. */
const POLICIES = [
  { name: "no policy", policy: undefined, codec: "wasm" },
  { name: "a policy without 'wasm-unsafe-eval'", policy: "script-src 'self'", codec: "js" },
] as const;

const screenshot = Deno.args.find((argument) => argument.startsWith("--screenshot="))?.slice("--screenshot=".length);
const tally = new Tally();
const work = await Deno.makeTempDir({ prefix: "ddfs-browser-" });
const [chromiumPath, firefoxPath] = await Promise.all([firstOf(CHROMIUM), firstOf(FIREFOX)]);
try {
  console.log("Packing and installing ...");
  const installed = await installNpm(work, IN_BUNDLES);
  const files = await build(installed);
  await tally.step(`the one-file bundle has no process, Buffer or Deno in it`, () => {
    const [found] = new TextDecoder().decode(files[BUNDLE]).match(/.{0,40}\b(?:process|Buffer|Deno)\b.{0,40}/) ?? [];
    return found === undefined ? Promise.resolve() : Promise.reject(new Error(found));
  });
  if (chromiumPath === undefined) tally.add(missing("Chromium", "install Debian's package chromium"));
  else {
    const args = [...QUIET, "--disable-component-update", "--disable-sync"];
    const browser = await chromium.launch({ executablePath: chromiumPath, chromiumSandbox: false, args });
    const name = `Chromium ${browser.version()}`;
    for (const { name: policyName, policy, codec } of POLICIES) {
      await suite(files, policy, `${name}, ${policyName}`, codec, async (url) => {
        const page = await browser.newPage();
        page.on("pageerror", (error) => console.log(String(error)));
        await page.goto(url);
        return () => page.close();
      });
    }
    await dropped(browser, files, name);
    await opened(browser, name);
    await browser.close();
  }
  if (firefoxPath === undefined) tally.add(missing("Firefox", "install Debian's package firefox-esr"));
  else {
    const name = (await output(firefoxPath, ["--version"])).trim().replace(/^Mozilla /, "");
    await suite(files, undefined, name, "wasm", (url) => inFirefox(firefoxPath, url));
  }
} finally {
  await esbuild.stop();
  await Deno.remove(work, { recursive: true });
}
tally.close();

/** The files of the pages, by name. */
async function build(installed: string): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const bundled = async (page: URL, settings: esbuild.BuildOptions) => {
    const { outputFiles = [] } = await bundleTests({ page }, {
      installed,
      replaced: STAND_INS,
      settings: { ...settings, platform: "browser", write: false, outdir: installed },
    });
    return new Uint8Array(outputFiles[0]?.contents ?? []);
  };
  const asFile: esbuild.Plugin = {
    name: "the one-file bundle",
    setup: (build) => build.onResolve({ filter: /^@ddfs\/client$/ }, () => ({ path: `./${BUNDLE}`, external: true })),
  };
  return {
    "index.html": await Deno.readFile(new URL("index.html", EXAMPLE)),
    "page.css": await Deno.readFile(new URL("page.css", EXAMPLE)),
    "page.js": await bundled(new URL("page.ts", EXAMPLE), { plugins: [asFile] }),
    [BUNDLE]: await Deno.readFile(`${installed}/node_modules/@ddfs/client/${BUNDLE}`),
    "suite.html": await Deno.readFile(new URL("suite.html", PAGES)),
    "suite.js": await bundled(new URL("suite_page.ts", PAGES), { define: { TESTDATA: await testdata() } }),
  };
}

/** Lets a browser run the tests; the page posts what came of them. */
async function suite(
  files: Site["files"],
  policy: string | undefined,
  name: string,
  codec: string,
  open: (url: string) => Promise<() => Promise<unknown>>,
): Promise<void> {
  const [site, other] = [servePages({ files, policy }), servePages({ files: {}, cors: true })];
  const close = await open(`${site.origin}/suite.html?other=${other.origin}`);
  const outcome: SuiteOutcome = JSON.parse(await within(120, site.outcome, "the page posts what came of its tests"));
  for (const failure of outcome.failures) console.log(`FAILED  ${failure}`);
  tally.suite(`the suite in ${name}`, true, outcome.passed, outcome.failed);
  await tally.step(`the codec in ${name}: ${codec}`, () => {
    if (outcome.codec === codec) return Promise.resolve();
    return Promise.reject(new Error(`${outcome.codec} runs, not ${codec}`));
  });
  await tally.sameBytes(name, outcome.digests);
  await close();
  await Promise.all([site.close(), other.close()]);
}

/** Drops a file on the page, at its own origin and at another. */
async function dropped(browser: Browser, files: Site["files"], name: string): Promise<void> {
  const [site, other] = [servePages({ files }), servePages({ files: {}, cors: true })];
  for (const [where, master] of [["its own origin", undefined], ["another origin", other.origin]] as const) {
    await tally.step(`${name}: a file dropped on the page is stored at ${where} and read back`, async () => {
      const page = await browser.newPage({ viewport: { width: 800, height: 620 }, deviceScaleFactor: 2 });
      await page.goto(`${site.origin}/index.html${master === undefined ? "" : `?master=${master}`}`);
      const seen = await page.evaluateHandle(() => {
        const values = new Set<number>();
        new MutationObserver(() => {
          for (const bar of document.querySelectorAll("progress")) values.add(bar.position);
        }).observe(document.body, { subtree: true, childList: true, attributes: true });
        return values;
      });
      await page.evaluate(() => {
        const lines = Array.from(
          { length: 400_000 },
          (_, i) => `${i} GET /page/${i % 1000} ${i % 7 === 0 ? 404 : 200}\n`,
        );
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(lines, "access.log"));
        document.querySelector("#drop")?.dispatchEvent(new DragEvent("drop", { dataTransfer, cancelable: true }));
      });
      await page.waitForSelector("#verdict:not(:empty)", { timeout: 60_000 });
      const text = await page.textContent("#verdict");
      if (!text?.startsWith("Identical: 400,000 records")) throw new Error(`the page says: ${text}`);
      const codec = await page.textContent("#codec");
      if (codec !== "wasm codec") throw new Error(`the page has the ${codec}, and no worker threads`);
      const between = await seen.evaluate((values) => [...values].filter((value) => value > 0 && value < 1).length);
      if (between === 0) throw new Error("the progress bars did not move");
      if (screenshot !== undefined && master === undefined) await page.screenshot({ path: screenshot });
      await page.close();
    });
  }
  await Promise.all([site.close(), other.close()]);
}

/** Opens at a gateway blobs that are pages with scripts, which do not run there as they do elsewhere, and its explorer. */
async function opened(browser: Browser, name: string): Promise<void> {
  const script = `document.documentElement.dataset.ran = "";fetch("/ran")`;
  const blobs: Record<string, string> = {
    page_html: `<!DOCTYPE html><p>here<script>${script}</script><img src="x" onerror='${script}'>`,
    drawing_svg: `<svg xmlns="http://www.w3.org/2000/svg"><text>here</text><script>${script}</script></svg>`,
  };
  const cluster = embedded();
  const ddfs = new DDFS(cluster.master, { settings: {}, fetch: cluster.fetch });
  await ddfs.push("site:x", Object.entries(blobs).map(([name, text]) => [new Blob([text]), name] as [Blob, string]));
  await ddfs.push("closed:y", [[new Blob(["secret"]), "y"]]);
  const site = gateway({ master: cluster.master, fetch: cluster.fetch, tags: ["site:"], ui: true });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (!pathname.startsWith("/bare/")) return await site.fetch(request);
    const answer = await cluster.fetch(new Request(pathname.slice("/bare/".length)));
    const type = pathname.includes("svg") ? "image/svg+xml" : "text/html";
    return new Response(answer.body, { headers: { "content-type": type } });
  });
  const urls = (await ddfs.urls("site:x")).flat().map((url) => url.replace("disco:", "http:"));
  for (const blob of Object.keys(blobs)) {
    await tally.step(`${name}: a script in ${blob} does not run at the gateway`, async () => {
      const bare = urls.find((url) => url.includes(blob)) ?? "";
      for (const path of [`/blob/site:x/${blob}`, `/bare/${bare}`]) {
        const page = await browser.newPage();
        await page.goto(`http://127.0.0.1:${server.addr.port}${path}`);
        const isRun = await page.evaluate(() => "ran" in document.documentElement.dataset);
        await page.close();
        if (isRun !== path.startsWith("/bare/")) {
          throw new Error(`${path}: the script ${isRun ? "ran" : "did not run"}`);
        }
      }
    });
  }
  await tally.step(`${name}: the gateway's explorer shows what is open, and nothing that writes`, async () => {
    const page = await browser.newPage();
    const faults: string[] = [];
    page.on("console", (message) => {
      if (message.type() === "error") faults.push(message.text());
    });
    for (
      const [path, shown] of [["tags", "site:x"], ["tag/site:x", "page_html"], ["tag/site:x?view=attributes", "site:x"]]
    ) {
      await page.goto(`http://127.0.0.1:${server.addr.port}/ui/${path}`);
      await page.getByText(shown ?? "").first().waitFor();
      const text = await page.innerText("body");
      faults.push(...text.match(/closed:y|upload|delete|remove|edit|add\b/gi) ?? []);
    }
    await page.close();
    if (faults.length > 0) throw new Error(faults.join(", "));
  });
  await server.shutdown();
  await cluster.close();
}

/** Opens a URL in Firefox, with a profile of its own. */
async function inFirefox(path: string, url: string): Promise<() => Promise<void>> {
  const profile = `${work}/firefox`;
  await Deno.mkdir(profile, { recursive: true });
  const child = new Deno.Command(path, {
    args: ["--headless", "--no-remote", "--profile", profile, url],
    env: { HOME: profile },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  return async () => {
    child.kill();
    await child.status;
  };
}

async function firstOf(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await Deno.stat(path).then(() => true, () => false)) return path;
  return undefined;
}

async function within<T>(seconds: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${seconds} s in vain until ${what}`)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
