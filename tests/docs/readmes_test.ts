import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { DDFS } from "../../mod.ts";
import { ROOT } from "./texts.ts";

const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));

/** What the first column of a Markdown table holds. */
function firstColumn(markdown: string): string {
  return [...markdown.matchAll(/^\| ([^|]*)\|/gm)].map(([, cell]) => cell).join("\n");
}

describe("the READMEs", () => {
  it("keep the first one to 120 lines", async () => {
    expect((await read("README.md")).trimEnd().split("\n").length).toBeLessThan(121);
  });

  it("name every operation of the client", async () => {
    const table = firstColumn(await read("lib/client/README.md"));
    const operations: string[] = [];
    for (let type = DDFS.prototype; type !== Object.prototype; type = Object.getPrototypeOf(type)) {
      const members = Object.entries(Object.getOwnPropertyDescriptors(type));
      operations.push(
        ...members.filter(([name, { value }]) => typeof value === "function" && !(name in Object.prototype)).map((
          [name],
        ) => name),
      );
    }

    expect(operations.length).toBeGreaterThan(20);
    expect(operations.filter((name) => !table.includes(`\`${name}(`))).toEqual([]);
  });

  it("say of every dependency why it is there", async () => {
    const table = firstColumn(await read("scripts/README.md"));
    const [root, tools, npm] =
      (await Promise.all(["deno.json", "deno.tools.json", "tests/runtimes/package.json"].map(read)))
        .map((text) => JSON.parse(text) as { imports?: Record<string, string>; dependencies?: Record<string, string> });
    const packages = [
      ...Object.values({ ...root?.imports, ...tools?.imports }).map((target) =>
        /^(?:npm|jsr):((?:@[^/]+\/)?[^@/]+)/.exec(target)?.[1]
      ),
      ...Object.keys(npm?.dependencies ?? {}),
    ].filter((name) => name !== undefined);

    expect(packages.length).toBeGreaterThan(10);
    expect([...new Set(packages)].filter((name) => !table.includes(name))).toEqual([]);
  });
});
