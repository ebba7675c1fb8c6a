/// <reference lib="dom" />
import type { Tab } from "./tabs.ts";

/** A Firefox that is driven by WebDriver BiDi. */
export interface Firefox {
  /** Its version. */
  readonly version: string;
  /** Opens a tab. */
  open(): Promise<Tab>;
  /** Ends it. */
  close(): Promise<void>;
}

/** Keys by their names, as WebDriver numbers them. */
const KEYS: Readonly<Record<string, string>> = {
  Enter: "\uE007",
  Escape: "\uE00C",
  Tab: "\uE004",
  ArrowDown: "\uE015",
  ArrowUp: "\uE013",
  ArrowLeft: "\uE012",
  ArrowRight: "\uE014",
  PageDown: "\uE00F",
  End: "\uE010",
  Home: "\uE011",
  Control: "\uE009",
};

/** The longest that an element may take until it can be clicked, in milliseconds, as in Chromium. */
const LONGEST = 10_000;

/**
 * Waits in a page until an element is in the same place in two frames, and nothing lies over it: a click goes to a place, and lists that are being filled
 * move what is in them.
 */
async function stands(selector: string, longest: number): Promise<boolean> {
  const end = performance.now() + longest;
  for (let before = ""; performance.now() < end;) {
    const element = document.querySelector(selector);
    element?.scrollIntoView({ block: "nearest" });
    const { left, top, width, height } = element?.getBoundingClientRect() ?? { left: 0, top: 0, width: 0, height: 0 };
    const place = [left, top, width, height].join(" ");
    const hit = document.elementFromPoint(left + width / 2, top + height / 2);
    if (place === before && element?.contains(hit) === true) return true;
    before = place;
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }
  return false;
}

/**
 * Starts a Firefox without a window, with a profile of its own.
 *
 * @param path The program.
 * @param profile A folder for its profile.
 * @param prefs Settings, as about:config has them.
 * @see https://w3c.github.io/webdriver-bidi/
 */
export async function startFirefox(
  path: string,
  profile: string,
  prefs: Readonly<Record<string, string | number | boolean>> = {},
): Promise<Firefox> {
  await Deno.mkdir(profile, { recursive: true });
  const lines = Object.entries({ "browser.shell.checkDefaultBrowser": false, "app.update.enabled": false, ...prefs })
    .map(([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`);
  await Deno.writeTextFile(`${profile}/user.js`, lines.join(""));
  const child = new Deno.Command(path, {
    args: ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"],
    env: { HOME: profile },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const said = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let address: string | undefined;
  while (address === undefined) {
    const { value, done } = await said.read();
    if (done) throw new Error(`Firefox ended: ${text}`);
    text += value;
    address = /WebDriver BiDi listening on (ws:\S+)/.exec(text)?.[1];
  }
  const rest = (async () => {
    while (!(await said.read()).done);
  })();
  const session = await Session.open(`${address}/session`);
  const { capabilities } = await session.send("session.new", { capabilities: {} });
  return {
    version: String(Object(capabilities).browserVersion),
    open: async () => {
      const { context } = await session.send("browsingContext.create", { type: "tab" });
      return new FirefoxTab(session, String(context));
    },
    close: async () => {
      session.close();
      child.kill();
      await child.status;
      await rest.catch(() => {});
    },
  };
}

type Json = Record<string, unknown>;

/** A connection to the browser, on which commands are answered by their numbers. */
class Session {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, { resolve(result: Json): void; reject(error: Error): void }>();
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      const { id, type, result, error, message } = JSON.parse(data);
      const waiting = this.#waiting.get(id);
      if (waiting === undefined) return;
      this.#waiting.delete(id);
      if (type === "success") waiting.resolve(result);
      else waiting.reject(new Error(`${error}: ${message}`));
    };
  }

  static async open(address: string): Promise<Session> {
    const socket = new WebSocket(address);
    await new Promise<void>((resolve, reject) => {
      socket.onopen = () => resolve();
      socket.onerror = () => reject(new Error(`Firefox does not answer at ${address}`));
    });
    return new Session(socket);
  }

  send(method: string, params: Json): Promise<Json> {
    return new Promise((resolve, reject) => {
      const id = ++this.#last;
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  close(): void {
    this.#socket.close();
  }
}

class FirefoxTab implements Tab {
  readonly #session: Session;
  readonly #context: string;

  constructor(session: Session, context: string) {
    this.#session = session;
    this.#context = context;
  }

  async goto(url: string): Promise<void> {
    await this.#send("browsingContext.navigate", { url, wait: "complete" });
  }

  async reload(): Promise<void> {
    await this.#send("browsingContext.reload", { wait: "complete" });
  }

  async evaluate<T>(expression: string): Promise<T> {
    const { type, result, exceptionDetails } = await this.#session.send("script.evaluate", {
      // What it gives comes as text: the protocol's own form of values says more than is wanted.
      expression: `(async () => JSON.stringify(await (${expression})) ?? "null")()`,
      target: { context: this.#context },
      awaitPromise: true,
    });
    if (type !== "success") throw new Error(`${Object(exceptionDetails).text} in ${expression.slice(0, 200)}`);
    return JSON.parse(String(Object(result).value));
  }

  async click(selector: string): Promise<void> {
    const still = await this.evaluate<boolean>(`(${stands})(${JSON.stringify(selector)}, ${LONGEST})`);
    if (!still) throw new Error(`${selector} did not stand still within ${LONGEST} ms, or something lay over it`);
    const origin = { type: "element", element: await this.#element(selector) };
    const actions = [
      { type: "pointerMove", x: 0, y: 0, origin },
      { type: "pointerDown", button: 0 },
      { type: "pointerUp", button: 0 },
    ];
    await this.#send("input.performActions", { actions: [{ type: "pointer", id: "mouse", actions }] });
  }

  async type(text: string): Promise<void> {
    const actions = [...text].flatMap((value) => [{ type: "keyDown", value }, { type: "keyUp", value }]);
    await this.#send("input.performActions", { actions: [{ type: "key", id: "keys", actions }] });
  }

  async press(key: string): Promise<void> {
    await this.type(KEYS[key] ?? key);
  }

  async choose(selector: string, paths: readonly string[]): Promise<void> {
    await this.#send("input.setFiles", { element: await this.#element(selector), files: paths });
  }

  async resize(width: number, height: number): Promise<void> {
    await this.#send("browsingContext.setViewport", { viewport: { width, height } });
  }

  async picture(path: string): Promise<void> {
    const { data } = await this.#send("browsingContext.captureScreenshot", {});
    await Deno.writeFile(path, Uint8Array.from(atob(String(data)), (char) => char.charCodeAt(0)));
  }

  async close(): Promise<void> {
    await this.#send("browsingContext.close", {});
  }

  #send(method: string, params: Json): Promise<Json> {
    return this.#session.send(method, { context: this.#context, ...params });
  }

  async #element(selector: string): Promise<{ sharedId: string }> {
    const { nodes } = await this.#send("browsingContext.locateNodes", { locator: { type: "css", value: selector } });
    const [node] = nodes as { sharedId: string }[];
    if (node === undefined) throw new Error(`Nothing is ${selector}`);
    await this.evaluate(`document.querySelector(${JSON.stringify(selector)}).scrollIntoView({ block: "nearest" })`);
    return { sharedId: node.sharedId };
  }
}
