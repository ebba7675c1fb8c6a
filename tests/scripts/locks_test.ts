import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";

const ROOT = new URL("../..", import.meta.url);

/** A configuration of Deno. */
interface Config {
  readonly name?: string;
  readonly lock?: string | false;
  readonly exports?: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
  readonly compilerOptions: unknown;
  readonly test?: unknown;
}

async function configOf(file: string): Promise<Config> {
  return JSON.parse(await Deno.readTextFile(new URL(file, ROOT)));
}

/** The imports that do not start with any of some names. */
function without(imports: Config["imports"], ...names: string[]): Config["imports"] {
  return Object.fromEntries(Object.entries(imports).filter(([name]) => !names.some((own) => name.startsWith(own))));
}

const [library, tools, toolsWithJsr] = await Promise.all(
  ["deno.json", "deno.tools.json", "deno.tools.jsr.json"].map(configOf),
) as [Config, Config, Config];

describe("the locks", () => {
  it("name no package of JSR, whose checksums cannot be known everywhere", async () => {
    const locks = [...Deno.readDirSync(ROOT)].map(({ name }) => name).filter((name) => name.endsWith(".lock"));

    expect(locks.sort()).toEqual(["deno.lock", "deno.tools.lock"]);
    for (const lock of locks) expect(await Deno.readTextFile(new URL(lock, ROOT))).not.toContain("jsr:");
  });

  it("stay as they are where the tools come from JSR", () => {
    expect(toolsWithJsr.lock).toBe(false);
    for (const { imports } of [library, tools]) expect(JSON.stringify(imports)).not.toContain("jsr:");
  });
});

describe("the configurations", () => {
  it("give users and the demo no more than they need", () => {
    const ofTheCommand = ["@bomb.sh/tab", "cli-progress", "commander"];
    const ofTheLibrary = ["@noble/hashes/legacy.js", "aws4fetch", "fflate", "modern-tar"];
    expect(Object.keys(library.imports).sort()).toEqual([...ofTheCommand, ...ofTheLibrary].sort());
  });

  it("have the library and its packages as it has them itself", () => {
    const exported = Object.entries(library.exports ?? {})
      .map(([entry, source]) => [`${library.name}${entry.slice(1)}`, source]);

    expect(tools.imports).toMatchObject({ ...library.imports, ...Object.fromEntries(exported) });
    expect(tools.compilerOptions).toEqual(library.compilerOptions);
  });

  it("differ by JSR alone", () => {
    const fromJsr = ["@std/", "@deno/dnt"];

    expect(without(toolsWithJsr.imports, ...fromJsr)).toEqual(without(tools.imports, ...fromJsr));
    expect(toolsWithJsr.compilerOptions).toEqual(tools.compilerOptions);
    expect(toolsWithJsr.test).toEqual(tools.test);
  });
});
