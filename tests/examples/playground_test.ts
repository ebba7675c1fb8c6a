import { describe, it } from "@std/testing/bdd";
import { ORDER, parsedExample, readExamples } from "../../scripts/site/playground.ts";
import { expect } from "../helpers/expect.ts";

// In Chromium they are run by `deno task site`.
const FOLDER = new URL("playground/", import.meta.url);
const ROOT = new URL("../../", FOLDER);

describe("the examples of the playground", () => {
  it("are all offered", () => {
    expect([...Deno.readDirSync(FOLDER)].map(({ name }) => name).sort()).toEqual(
      ORDER.map((name) => `${name}.ts`).sort(),
    );
  });

  for (const name of ORDER) {
    it(`print what they say: ${name}.ts`, async () => {
      const path = new URL(`${name}.ts`, FOLDER);
      const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        // As in a page, nothing is permitted.
        args: ["run", "--no-prompt", `--config=${new URL("../deno.tools.json", ROOT).pathname}`, path.pathname],
        env: { NO_COLOR: "1" },
      }).output();
      const text = new TextDecoder();

      expect(text.decode(stdout) + text.decode(stderr)).toBe(
        parsedExample(name, await Deno.readTextFile(path)).prints,
      );
    });
  }

  it("have that of the README word for word", async () => {
    const readme = await Deno.readTextFile(new URL("../README.md", ROOT));
    const [, example = ""] = /```ts\n(import [^`]*embedded\(\)[^`]*)```/.exec(readme) ?? [];
    const notes = (await readExamples()).find(({ name }) => name === "notes");

    expect(example).not.toBe("");
    expect(notes?.code.startsWith(example)).toBe(true);
  });
});
