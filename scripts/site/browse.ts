/// <reference lib="dom" />
import { chromium, type Page } from "playwright-core";
import { readExamples } from "./playground.ts";
import { serveSite } from "./serve.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
/** Without these, Chromium looks for Google's hosts at every start. */
const QUIET = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];

/**
 * Runs each example of the playground in Chromium, shares it by a link, and runs it again from there.
 *
 * @param site The folder with the site.
 * @returns A sentence for each that prints something else than it says; and one if there is no Chromium, where CI is to have one.
 */
export async function tryExamples(site: string): Promise<string[]> {
  const executablePath = await firstOf(CHROMIUM);
  if (executablePath === undefined) {
    const text = "the examples were not run: there is no Chromium";
    if (Deno.env.has("CI")) return [text];
    console.log(text);
    return [];
  }
  const faults: string[] = [];
  const server = serveSite(site);
  const browser = await chromium.launch({ executablePath, chromiumSandbox: false, args: QUIET });
  try {
    const page = await browser.newPage();
    page.on("console", (message) => {
      if (message.type() === "error") faults.push(`the playground: ${message.text()}`);
    });
    page.on("pageerror", (error) => faults.push(`the playground: ${error}`));
    for (const { name, prints } of await readExamples()) {
      await page.goto("about:blank");
      await page.goto(`${server.origin}/playground/#example=${name}`);
      const runs = [await ran(page)];
      await page.click("#share");
      await page.waitForFunction(() => location.hash.startsWith("#code="));
      const address = page.url();
      await page.goto("about:blank");
      await page.goto(address);
      runs.push(await ran(page));
      for (const text of runs) {
        if (text !== prints) {
          faults.push(`example ${name} prints ${JSON.stringify(text)}, not ${JSON.stringify(prints)}`);
        }
      }
    }
  } finally {
    await browser.close();
    await server.close();
  }
  return faults;
}

/** Runs what is shown, and gives what it prints. */
async function ran(page: Page): Promise<string> {
  await page.waitForFunction(() => document.querySelector("textarea")?.value !== "");
  await page.click("#run");
  await page.waitForFunction(() => /^ran in/.test(document.querySelector("#note")?.textContent ?? ""));
  return await page.textContent("#output") ?? "";
}

async function firstOf(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await Deno.stat(path).then(() => true, () => false)) return path;
  return undefined;
}
