import type { Fixture } from "../../tests/explorer/fixture.ts";
import type { Tab } from "./tabs.ts";

/** A DDFS that is served with its page. */
export interface Site extends Fixture {
  readonly origin: string;
  /** A folder for files to upload. */
  readonly work: string;
}

/** A behaviour of the page that is seen in a browser. */
export interface Behaviour {
  readonly title: string;
  /** True if it needs what only Chromium can be told to: to choose a folder. */
  readonly isForChromium?: boolean;
  run(tab: Tab, site: Site): Promise<void>;
}

/** Milliseconds that something may take until it is seen. */
const PATIENCE = 60_000;

/** Serves something for as long as a test needs it, on an origin of its own. */
export async function served(
  fetch: (request: Request) => Response | Promise<Response>,
  work: (origin: string) => Promise<void>,
): Promise<void> {
  const end = new AbortController();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, signal: end.signal, onListen: () => {} }, fetch);
  try {
    await work(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    // The page may still ask: nobody waits for that.
    end.abort();
    await server.finished;
  }
}

/** Waits until an expression is true in the page. */
export async function until(tab: Tab, expression: string, what: string = expression): Promise<void> {
  const end = Date.now() + PATIENCE;
  // A page that is being left has nothing to look at; the next one comes.
  const isLeft = (error: Error) => {
    if (!/navigation|context/i.test(error.message)) throw error;
    return false;
  };
  while (!await tab.evaluate<boolean>(`Boolean(${expression})`).catch(isLeft)) {
    if (Date.now() > end) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Waits until the page shows a text. */
export async function seen(tab: Tab, text: string): Promise<void> {
  await until(tab, `document.body.innerText.includes(${JSON.stringify(text)})`, `${JSON.stringify(text)} is seen`);
}

/** Tells whether the page shows a text at the moment. */
export async function shows(tab: Tab, text: string): Promise<boolean> {
  return await tab.evaluate(`document.body.innerText.includes(${JSON.stringify(text)})`);
}

/** Clicks what has a text: a link, a button, a label or a row. */
export async function press(tab: Tab, text: string): Promise<void> {
  const mark = `(() => {
    document.querySelector("[data-wanted]")?.removeAttribute("data-wanted");
    const fits = (element) => element.innerText.trim() === ${JSON.stringify(text)} && !element.disabled;
    // A dialog is over all else.
    const place = document.querySelector("dialog[open]") ?? document;
    const found = [...place.querySelectorAll("a[href],button,label,summary,[role=option],[role=treeitem]")].find(fits);
    found?.setAttribute("data-wanted", "");
    return found !== undefined;
  })()`;
  await until(tab, mark, `${JSON.stringify(text)} can be pressed`);
  await tab.click("[data-wanted]");
}

/** Fills a field with a text, in the place of what it has. */
export async function fill(tab: Tab, selector: string, text: string): Promise<void> {
  await until(tab, `document.querySelector(${JSON.stringify(selector)})`, `there is ${selector}`);
  await tab.evaluate(`document.querySelector(${JSON.stringify(selector)}).select()`);
  await tab.evaluate(`document.querySelector(${JSON.stringify(selector)}).focus()`);
  await tab.type(text);
}

/** Fails unless something holds. */
export function ensure(holds: boolean, otherwise: string): void {
  if (!holds) throw new Error(otherwise);
}

/**
 * Finds what of a page cannot be used by everybody.
 *
 * @param rules The rules of axe to try; all without it.
 */
export async function faults(tab: Tab, axe: string, rules?: readonly string[]): Promise<string[]> {
  // What fades in has no contrast yet.
  await tab.evaluate(`(document.getAnimations().forEach((animation) => {
    if (animation.effect.getComputedTiming().endTime < Infinity) animation.finish();
  }), null)`);
  if (!await tab.evaluate<boolean>(`"axe" in globalThis`)) {
    await tab.evaluate(`(() => { ${axe}; globalThis.axe = axe; return true; })()`);
  }
  const options = { resultTypes: ["violations"], ...rules && { runOnly: { type: "rule", values: rules } } };
  const found = await tab.evaluate<{ id: string; nodes: { target: string[]; failureSummary: string }[] }[]>(
    `axe.run(document, ${JSON.stringify(options)}).then(({ violations }) => violations)`,
  );
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(" ")}: ${failureSummary}`)
  );
}
