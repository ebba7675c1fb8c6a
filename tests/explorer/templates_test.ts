import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";

/** A word at the end of a line, before what begins the next one: between these two, htm leaves no space. */
const JOINED =
  /^.*[\w.,:;!?)](?:<\/(?:a|b|code|strong|span|em)>)?\n\s*(?:<(?:a|b|code|strong|span|em)\b|\$\{[^\n]*html`).*$/gm;
/** What lays out by itself: labels, rows, navigation. */
const APART = /^\s*(?:\/\/|\*)|<(?:label|h\d|span)\b|class="(?:space|soft)|^\s*\S+: /;

async function* sources(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* sources(new URL(`${name}/`, folder));
    else if (name.endsWith(".ts")) yield new URL(name, folder);
  }
}

describe("the templates of the explorer", () => {
  it("have a space, written as one, where a text and a link are on two lines", async () => {
    const joined: string[] = [];
    for await (const url of sources(new URL("../../lib/explorer/", import.meta.url))) {
      const text = await Deno.readTextFile(url);
      for (const [found] of text.matchAll(JOINED)) if (!APART.test(found)) joined.push(`${url.pathname}: ${found}`);
    }

    expect(joined).toEqual([]);
  });
});
