/// <reference lib="dom" />
import axe from "axe-core";
import { type Browser, chromium } from "playwright-core";
import { until } from "../runtimes/explorer_steps.ts";
import { startFirefox } from "../runtimes/firefox.ts";
import { openTab, type Tab } from "../runtimes/tabs.ts";
import { type Example, readExamples } from "./playground.ts";
import { serveSite } from "./serve.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FIREFOX = ["/usr/bin/firefox-esr", "/usr/bin/firefox"];
/** Without these, Chromium looks for Google's hosts at every start. */
const QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];

/** The pages that are looked at in light and dark, wide and narrow: one of each kind. */
const LOOKED_AT = [
  "",
  "guides/gateway.html",
  "reference/speed.html",
  "source/tests/examples/load_logs.ts.html",
  "playground/",
];

/** A rule of axe that a page breaks. */
interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string }[];
}

/**
 * Looks at the site in browsers: in Chromium and Firefox it runs each example of the playground, and the last one once more from the link that shares it; in
 * Chromium it looks for what not everybody can use, and for what is wider than its window.
 *
 * @param site The folder with the site.
 * @returns A sentence for each fault, and for each browser that is missing where CI is to have it.
 */
export async function browse(site: string): Promise<string[]> {
  const [chromiumPath, firefoxPath] = await Promise.all([firstOf(CHROMIUM), firstOf(FIREFOX)]);
  const faults: string[] = [];
  for (const [name, path] of [["Chromium", chromiumPath], ["Firefox", firefoxPath]] as const) {
    const text = `not looked at in ${name}, which is not here`;
    if (path === undefined && Deno.env.has("CI")) faults.push(text);
    else if (path === undefined) console.log(text);
  }
  const server = serveSite(site);
  if (chromiumPath !== undefined) {
    const browser = await chromium.launch({ executablePath: chromiumPath, chromiumSandbox: false, args: QUIET });
    faults.push(...await tryExamples("Chromium", await openTab(browser), server.origin));
    faults.push(...await lookAt(browser, server.origin));
    await browser.close();
  }
  if (firefoxPath !== undefined) {
    const profile = await Deno.makeTempDir({ prefix: "ddfs-site-firefox-" });
    const firefox = await startFirefox(firefoxPath, profile);
    faults.push(...await tryExamples("Firefox", await firefox.open(), server.origin));
    await firefox.close();
    await Deno.remove(profile, { recursive: true });
  }
  await server.close();
  return faults;
}

async function tryExamples(browser: string, tab: Tab, origin: string): Promise<string[]> {
  const faults: string[] = [];
  const examples = await readExamples();
  const compare = async ({ name, prints }: Example) => {
    const text = await ran(tab);
    if (text === prints) return;
    faults.push(`${browser}: example ${name} prints ${JSON.stringify(text)}, not ${JSON.stringify(prints)}`);
  };
  for (const example of examples) {
    await tab.goto("about:blank");
    await tab.goto(`${origin}/playground/#example=${example.name}`);
    await compare(example);
  }
  const last = examples.at(-1);
  if (last !== undefined) {
    await tab.click("#share");
    await until(tab, `location.hash.startsWith("#code=")`);
    const address = await tab.evaluate<string>("location.href");
    await tab.goto("about:blank");
    await tab.goto(address);
    await compare(last);
  }
  await tab.close();
  return faults;
}

/** Runs what is shown, and gives what it prints. */
async function ran(tab: Tab): Promise<string> {
  await until(tab, `document.querySelector("textarea")?.value`);
  await tab.click("#run");
  await until(tab, `/^ran in/.test(document.querySelector("#note").textContent)`);
  return await tab.evaluate(`document.querySelector("#output").textContent`);
}

async function lookAt(browser: Browser, origin: string): Promise<string[]> {
  const faults: string[] = [];
  for (const [colorScheme, width] of [["light", 1300], ["dark", 1300], ["light", 375]] as const) {
    const page = await browser.newPage({ colorScheme, viewport: { width, height: 800 } });
    page.on("console", (message) => {
      if (message.type() === "error") faults.push(`${page.url()}: ${message.text()}`);
    });
    for (const path of LOOKED_AT) {
      await page.goto(`${origin}/${path}`);
      const where = `/${path}, ${colorScheme}, ${width} pixels wide`;
      await page.evaluate(axe.source);
      const violations = await page.evaluate<Violation[]>("axe.run().then(({ violations }) => violations)");
      for (const { id, nodes } of violations) faults.push(`${where}: ${id}, ${nodes[0]?.html.slice(0, 100)}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      if (wide > width) faults.push(`${where}: it is ${wide} pixels wide`);
      // Whoever runs an example sees the first line that it prints.
      const output = await page.evaluate(() => document.querySelector("#output")?.getBoundingClientRect().top ?? 0);
      if (output + 60 > 800) faults.push(`${where}: the output is below the window`);
    }
    await page.close();
  }
  return faults;
}

async function firstOf(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await Deno.stat(path).then(() => true, () => false)) return path;
  return undefined;
}
