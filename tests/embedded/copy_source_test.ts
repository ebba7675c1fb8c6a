import { describe, it } from "@std/testing/bdd";
import { type CopyPlace, copyStore } from "@ddfs/client/embedded";
import { folderOf } from "../../lib/embedded/stores/object_names.ts";
import { inFolder, place } from "../helpers/embedded_stores.ts";
import { expect } from "../helpers/expect.ts";

const failure = async (work: Promise<unknown>) =>
  await work.then(() => "none", ({ code, message }) => `${code} ${message}`);

describe("the source of a copy", () => {
  it("is refused where it is not there, or has no volume, and nothing is made", () =>
    inFolder(async (folder) => {
      const [from, to] = [`${folder}/from`, `${folder}/to`];
      await place(`${from}/node1`, "blob", "log$52e-1-1", "hello");
      const cases: readonly (readonly [CopyPlace, RegExp])[] = [
        [{ root: `${from}-typo` }, /^not-found Nothing can be copied from .*from-typo: there is no such folder$/],
        [{ root: from, nodes: ["node1", "node2"] }, /^not-found .*from\/node2: there is no such folder$/],
        [
          { root: from },
          /^not-found .*from holds no DDFS: it has no vol0; the folder of several nodes needs their names$/,
        ],
        [
          { root: `${from}/node1/vol0/blob/${folderOf("log$52e-1-1")}/log$52e-1-1` },
          /^server-error .*it cannot be read$/,
        ],
      ];
      for (const [source, said] of cases) expect(await failure(copyStore(source, { root: to }))).toMatch(said);

      const top = [...Deno.readDirSync(`${from}/..`)].map(({ name }) => name);
      expect([top, [...Deno.readDirSync(from)].map(({ name }) => name)]).toEqual([["from"], ["node1"]]);
    }));
});
