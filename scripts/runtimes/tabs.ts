import type { Browser, Page } from "playwright-core";

/** A tab of any browser, as far as tests need it. */
export interface Tab {
  /** Goes to an address, and waits until it is loaded. */
  goto(url: string): Promise<void>;
  /** Loads the page anew. */
  reload(): Promise<void>;
  /** Gives the value of an expression in the page, or what its promise gives: JSON. */
  evaluate<T>(expression: string): Promise<T>;
  /** Clicks the first element that a selector finds. */
  click(selector: string): Promise<void>;
  /** Types a text, where the focus is. */
  type(text: string): Promise<void>;
  /** Presses a key by its name: `Enter`. */
  press(key: string): Promise<void>;
  /** Chooses files in a field. */
  choose(selector: string, paths: readonly string[]): Promise<void>;
  /** Gives the page another size. */
  resize(width: number, height: number): Promise<void>;
  /** Makes its user prefer light or dark colours, where the browser can be told while it runs. */
  prefer?(colorScheme: "light" | "dark"): Promise<void>;
  /** Writes a picture of what is seen. */
  picture(path: string): Promise<void>;
  close(): Promise<void>;
}

/** Opens a tab of Chromium, with storage of its own. */
export async function openTab(browser: Browser, options: Parameters<Browser["newContext"]>[0] = {}): Promise<Tab> {
  const context = await browser.newContext(options);
  const page: Page = await context.newPage();
  return {
    goto: async (url) => void await page.goto(url),
    reload: async () => void await page.reload(),
    evaluate: async (expression) =>
      JSON.parse(await page.evaluate(`(async () => JSON.stringify(await (${expression})) ?? "null")()`)),
    click: (selector) => page.click(selector, { timeout: 10_000 }),
    type: (text) => page.keyboard.type(text),
    press: (key) => page.keyboard.press(key),
    choose: (selector, paths) => page.setInputFiles(selector, [...paths]),
    resize: (width, height) => page.setViewportSize({ width, height }),
    prefer: (colorScheme) => page.emulateMedia({ colorScheme }),
    picture: async (path) => void await page.screenshot({ path }),
    close: () => context.close(),
  };
}
