import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { removeAdditions } from "../../scripts/package/dnt_additions.ts";

describe("removeAdditions()", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await Deno.makeTempDir();
    await Deno.mkdir(`${folder}/lib`);
    await Deno.writeTextFile(`${folder}/package.json`, '{ "type": "module" }');
    for (const module of ["polyfills", "shims"]) {
      for (const extension of ["js", "d.ts"]) await Deno.writeTextFile(`${folder}/_dnt.${module}.${extension}`, "");
    }
  });

  afterEach(() => Deno.remove(folder, { recursive: true }));

  it("leaves the library alone, with the globals that the runtime has", async () => {
    await Deno.writeTextFile(`${folder}/mod.d.ts`, '/** A library. */\nimport "./_dnt.polyfills.js";\nexport {};\n');
    await Deno.writeTextFile(
      `${folder}/lib/host.js`,
      'import * as dntShim from "../_dnt.shims.js";\nimport "./a.js";\nconst { process } = dntShim.dntGlobalThis;\n',
    );

    await removeAdditions(folder);

    expect([...Deno.readDirSync(folder)].map(({ name }) => name).sort()).toEqual(["lib", "mod.d.ts"]);
    expect(await Deno.readTextFile(`${folder}/mod.d.ts`)).toBe("/** A library. */\nexport {};\n");
    expect(await Deno.readTextFile(`${folder}/lib/host.js`)).toBe(
      'import "./a.js";\nconst { process } = globalThis;\n',
    );
  });

  it("refuses what it does not know", async () => {
    await Deno.writeTextFile(
      `${folder}/lib/host.js`,
      'import * as dntShim from "../_dnt.shims.js";\ndntShim.Deno.cwd();\n',
    );

    await expect(removeAdditions(folder)).rejects.toThrow("lib/host.js");
  });
});
