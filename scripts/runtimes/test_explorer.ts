/// <reference lib="dom" />
// Tests the explorer page in Chromium and in Firefox: each screen, on a DDFS of 10,000 tags with all that is hard to show.
//   deno task test:explorer [--pictures] [--only=chromium|firefox] [--match=REGEXP]     (--pictures: pictures/ gets one of each screen, light and dark, wide and narrow)
// DDFS_TEST_MASTER names a real cluster to put behind `ddfs serve -M`, in place of one of this process.
import { type Browser, chromium } from "playwright-core";
import { explorerFixture } from "../../tests/explorer/fixture.ts";
import { output } from "../shared/processes.ts";
import { advises } from "./explorer_advice.ts";
import { behaviours } from "./explorer_behaviours.ts";
import { serveCluster, throughServe } from "./explorer_cluster.ts";
import { defences } from "./explorer_defences.ts";
import { pictures } from "./explorer_pictures.ts";
import { outages } from "./explorer_outages.ts";
import { uploads } from "./explorer_uploads.ts";
import { firstView } from "./explorer_first_view.ts";
import { onScreens } from "./explorer_screens.ts";
import type { Site } from "./explorer_steps.ts";
import { ofTags } from "./explorer_tags.ts";
import { startFirefox } from "./firefox.ts";
import { missing } from "./missing.ts";
import { openTab, type Tab } from "./tabs.ts";
import { Tally } from "./tally.ts";

const CHROMIUM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const FIREFOX = ["/usr/bin/firefox-esr", "/usr/bin/firefox"];
/** Without these, Chromium looks for Google's hosts at every start. */
const QUIET = [
  ...["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"],
  ...["--disable-component-update", "--disable-sync"],
];

/** The size of a tab. */
const VIEWPORT = { width: 1200, height: 800 };

/** The place and the text of a page, for who looks into a failure. */
const TEXT = `location.pathname + location.search + "\\n" + document.body.innerText.slice(0, 1500)`;

const PICTURES = new URL("../../pictures", import.meta.url).pathname;
const only = valueOf("only");
const match = new RegExp(valueOf("match") ?? "");
const tally = new Tally();
const work = await Deno.makeTempDir({ prefix: "ddfs-explorer-" });
try {
  // Each mostly waits for what the other does not.
  await Promise.all([inChromium(), inFirefox()]);
} finally {
  await Deno.remove(work, { recursive: true });
}
tally.close();

async function inChromium(): Promise<void> {
  if (only === "firefox") return;
  const path = await firstOf(CHROMIUM);
  if (path === undefined) return tally.add(missing("Chromium", "install Debian's package chromium"));
  const browser = await chromium.launch({ executablePath: path, chromiumSandbox: false, args: QUIET });
  const open = (options: Parameters<Browser["newContext"]>[0] = {}) =>
    openTab(browser, { viewport: VIEWPORT, ...options });
  await all(`Chromium ${browser.version()}`, () => open(), true);
  if (Deno.args.includes("--pictures")) await pictures(await explorerFixture(), open, PICTURES);
  await browser.close();
}

async function inFirefox(): Promise<void> {
  if (only === "chromium") return;
  const path = await firstOf(FIREFOX);
  if (path === undefined) return tally.add(missing("Firefox", "install Debian's package firefox-esr"));
  // Its user prefers dark colours.
  const firefox = await startFirefox(path, `${work}/firefox`, {
    "layout.css.prefers-color-scheme.content-override": 0,
  });
  await all((await output(path, ["--version"])).trim().replace(/^Mozilla /, ""), () => firefox.open());
  await firefox.close();
}

/** Runs all tests in a browser. They share a tab, as a new one takes most of the time of a test; one that fails gets another. */
async function all(name: string, open: () => Promise<Tab>, isChromium: boolean = false): Promise<void> {
  const fixture = await explorerFixture();
  const files = await Deno.makeTempDir({ dir: work });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, fixture.fetch);
  const site: Site = { ...fixture, origin: `http://127.0.0.1:${server.addr.port}`, work: files };
  let tab = await open();
  for (
    const { title, isForChromium, run } of [
      ...ofTags,
      ...behaviours,
      ...defences,
      ...advises,
      ...outages,
      ...uploads,
      ...firstView,
      ...onScreens,
    ]
  ) {
    if (isForChromium === true && !isChromium) continue;
    if (!match.test(title)) continue;
    await tally.step(`${name}: ${title}`, async () => {
      try {
        await run(tab, site);
        await forget(tab, site);
      } catch (error) {
        console.log(await tab.evaluate<string>(TEXT));
        await tab.close();
        tab = await open();
        throw error;
      }
    });
  }
  await fixture.close();
  await server.shutdown();
  if (valueOf("match") !== undefined) return await tab.close();
  const cluster = await serveCluster();
  await tally.step(`${name}: all of it through ddfs serve -M, before ${cluster.title}`, async () => {
    await throughServe(tab, cluster, files).catch(async (error) => {
      throw new Error(`${error.message}\n${await tab.evaluate<string>(TEXT)}`);
    });
  });
  await tab.close();
  await cluster.close();
}

/** Makes a tab as it was at first: what it keeps for its session are the tokens. */
async function forget(tab: Tab, { origin }: Site): Promise<void> {
  await tab.resize(VIEWPORT.width, VIEWPORT.height);
  // A page without scripts.
  if (await tab.evaluate<string>("location.origin") !== origin) await tab.goto(`${origin}/ui/none.js`);
  await tab.evaluate("sessionStorage.clear()");
}

function valueOf(option: string): string | undefined {
  return Deno.args.find((argument) => argument.startsWith(`--${option}=`))?.slice(option.length + 3);
}

async function firstOf(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) if (await Deno.stat(path).then(() => true, () => false)) return path;
  return undefined;
}
