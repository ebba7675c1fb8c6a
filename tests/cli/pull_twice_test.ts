import { describe, it } from "@std/testing/bdd";
import { pull } from "../../lib/cli/commands/pull.ts";
import { Cli } from "../../lib/cli/common/cli.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { DDFS } from "../../mod.ts";
import { expect } from "../helpers/expect.ts";

const TEXT = "0123456789".repeat(1000);
const HALF = TEXT.length / 2;

/** A command whose client is given. */
class GivenCli extends Cli {
  readonly #ddfs: DDFS;

  constructor(ddfs: DDFS) {
    super({ quiet: true }, new AbortController().signal);
    this.#ddfs = ddfs;
  }

  override ddfs(): Promise<DDFS> {
    return Promise.resolve(this.#ddfs);
  }
}

/** A promise, and what fulfils it. */
function gate(): { open: () => void; opened: Promise<void> } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => open = resolve);
  return { open, opened };
}

/** A text in two halves, of which the second one waits. */
function halves(text: string, rest: Promise<void>): Response {
  const bytes = new TextEncoder().encode(text);
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (sent > 0) await rest;
      controller.enqueue(bytes.slice(sent, sent + bytes.length / 2));
      sent += bytes.length / 2;
      if (sent === bytes.length) controller.close();
    },
  }, { highWaterMark: 0 });
  return new Response(body, { headers: { "content-length": String(bytes.length) } });
}

/** Waits until something is so. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!await isSo()) await new Promise((resolve) => setTimeout(resolve, 1));
}

type Asked = (request: Request, answer: () => Promise<Response>) => Promise<Response>;

/** A folder, and pulls of `data:a` into it by clients that ask in ways of their own. */
interface Place {
  /** The names in the folder. */
  names(): string[];
  /** The size of the part that a blob is written to; 0 without one. */
  partSize(): number;
  text(): Promise<string>;
  pull(asked?: Asked): Promise<void>;
}

async function inPlace(work: (place: Place) => Promise<void>, urls?: readonly string[]): Promise<void> {
  const folder = await Deno.makeTempDir();
  const { fetch, master, close } = embedded();
  try {
    const ddfs = new DDFS(master, { fetch });
    await (urls === undefined ? ddfs.push("data:a", [[new Blob([TEXT]), "log"]]) : ddfs.tag("data:a", [...urls]));
    const names = () => [...Deno.readDirSync(folder)].map(({ name }) => name);
    await work({
      names,
      partSize() {
        const part = names().find((name) => name.endsWith(".part"));
        return part === undefined ? 0 : Deno.statSync(`${folder}/${part}`).size;
      },
      text: () => Deno.readTextFile(`${folder}/log`),
      pull: (asked = (_request, answer) => answer()) => {
        const ddfs = new DDFS(master, { fetch: (request) => asked(request, () => fetch(request)) });
        return pull(new GivenCli(ddfs), ["data:a", folder], {});
      },
    });
  } finally {
    await close();
    await Deno.remove(folder, { recursive: true });
  }
}

/** Tells whether a request reads a blob. */
function isRead({ method, url }: Request): boolean {
  return method === "GET" && /\/log(\$|$)/.test(new URL(url).pathname);
}

describe("two pulls at once into one folder", () => {
  it("both end well when one is done while the other still writes", () =>
    inPlace(async (place) => {
      const rest = gate();
      const slow = place.pull(async (request, answer) => isRead(request) ? halves(TEXT, rest.opened) : await answer());
      await until(() => place.partSize() === HALF);

      await place.pull();
      expect(await place.text()).toBe(TEXT);
      rest.open();
      await slow;

      expect([place.names(), await place.text()]).toEqual([["log"], TEXT]);
    }));

  it("one that opens the file later does not take away what the other has written", () =>
    inPlace(async (place) => {
      const [answer, rest, later] = [gate(), gate(), gate()];
      let reads = 0;
      const late = place.pull(async (request, answered) => {
        if (!isRead(request)) return await answered();
        reads++;
        if (reads === 1) await answer.opened;
        else await later.opened;
        return reads === 1 ? halves(TEXT, later.opened) : await answered();
      });
      await until(() => reads === 1);
      const early = place.pull(async (request, answered) =>
        isRead(request) ? halves(TEXT, rest.opened) : await answered()
      );
      await until(() => place.partSize() === HALF);
      answer.open();
      // It asks for the second half, unless the first one is gone.
      await until(() => reads === 2 || place.partSize() < HALF);
      rest.open();
      await early;
      expect(await place.text()).toBe(TEXT);
      later.open();
      await late;

      expect([place.names(), await place.text()]).toEqual([["log"], TEXT]);
    }));

  it("bytes of an address without a time stamp are not mixed, though they change", () =>
    inPlace(async (place) => {
      const [old, changed] = ["o".repeat(100), "c".repeat(100)];
      const rest = gate();
      const answerOf = (text: string, rest: Promise<void>): Asked => async (request, answer) => {
        if (isRead(request)) return halves(text, rest);
        return request.method === "HEAD"
          ? new Response(null, { headers: { "content-length": "100" } })
          : await answer();
      };
      const slow = place.pull(answerOf(old, rest.opened));
      await until(() => place.partSize() === 50);

      await place.pull(answerOf(changed, Promise.resolve()));
      expect(await place.text()).toBe(changed);
      rest.open();
      await slow;

      expect([place.names(), await place.text()]).toEqual([["log"], old]);
    }, ["http://files.test/log"]));
});

describe("a pull that fails", () => {
  it("leaves no part that none can go on with", () =>
    inPlace(async (place) => {
      const failing = place.pull(async (request, answer) => {
        if (isRead(request)) return new Response("short");
        return request.method === "HEAD"
          ? new Response(null, { headers: { "content-length": "100" } })
          : await answer();
      });

      await expect(failing).rejects.toThrow("5 bytes came of 100");
      expect(place.names()).toEqual([]);
    }, ["http://files.test/log"]));
});
