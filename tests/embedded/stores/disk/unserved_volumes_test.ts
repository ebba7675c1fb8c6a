import { describe, it } from "@std/testing/bdd";
import { expect } from "../../../helpers/expect.ts";
import { DAY, filesIn, inFolder, MASTER, opened, place, said } from "../../../helpers/embedded_stores.ts";

const BLOB = "old$703-1-1";
const TAG = "data$703-1-2";
const CONTENT = JSON.stringify({
  ...{ "version": 1, "id": TAG, "last-modified": "2026/11/22 07:46:35", "user-data": {} },
  urls: [[`disco://node1/ddfs/vol0/blob/00/${BLOB}`]],
});
/** In five days and a bit, so that blobs of today are old. */
const LATER = { now: () => Date.now() + 6 * DAY };

/** Puts a tag where `volume` is, in the place of vol0. */
async function placeTag(root: string, volume: string): Promise<void> {
  await place(`${root}/made`, "tag", TAG, CONTENT);
  await Deno.mkdir(`${root}/${volume}`.replace(/\/[^/]*$/, ""), { recursive: true });
  await Deno.rename(`${root}/made/vol0`, `${root}/${volume}`);
  await Deno.remove(`${root}/made`);
}

describe("a folder with volumes that are not served", () => {
  const cases: [name: string, served: string, volume: string, nodes: string[] | undefined][] = [
    ["a second volume of the node", "", "vol1", undefined],
    ["a second volume of a node with a name", "node1/", "node1/vol3", ["node1"]],
    ["a node that is not named", "node1/", "node2/vol0", ["node1"]],
    ["a node that is not named, beside one without a name", "", "node2/vol0", undefined],
    ["the volume of a node without a name", "node1/", "vol0", ["node1"]],
  ];
  for (const [name, served, volume, nodes] of cases) {
    it(`collects nothing, as its tags may name any blob: ${name}`, () =>
      inFolder(async (root) => {
        await place(`${root}/${served}`, "blob", BLOB, "bytes");
        await placeTag(root, volume);

        await opened(root, async (ddfs) => {
          const collected = ddfs.gc();
          await expect(collected).rejects.toThrow(`Nothing was deleted: ${volume} has tags, and is not served`);
          expect((await said(ddfs.fetch(`${MASTER}/ddfs/ctrl/gc_status`)))[1]).toContain(`${volume} has tags`);
        }, { ...LATER, nodes });

        expect(await filesIn(root)).toContainEqual(expect.stringMatching(/old\$703-1-1$/));
      }));
  }

  it("collects where what else is there holds no tag", () =>
    inFolder(async (root) => {
      await place(root, "blob", BLOB, "bytes");
      await Deno.mkdir(`${root}/vol1/tag`, { recursive: true });
      await Deno.mkdir(`${root}/node2/vol0/blob/00`, { recursive: true });
      await Deno.mkdir(`${root}/lost+found`);
      await Deno.writeTextFile(`${root}/vol2`, "a file");
      await Deno.writeTextFile(`${root}/notes`, "a file");

      await opened(root, async (ddfs) => {
        expect((await ddfs.gc()).blobs.deleted.objects).toBe(1);
      }, LATER);
    }));

  for (
    const [nodes, volume, advice] of [
      [undefined, "node2/vol0", "nodes: node2"],
      [["node1"], "node2/vol0", "nodes: node2"],
      [["node1"], "vol0", "nodes: one without a name"],
    ] as const
  ) {
    it(`is not opened as an empty one: ${volume} for ${nodes ?? "a node without a name"}`, () =>
      inFolder(async (root) => {
        await placeTag(root, volume);
        const before = await filesIn(root);

        await opened(root, async (ddfs) => {
          await expect(ddfs.ready()).rejects.toMatchObject({
            code: "not-found",
            message: expect.stringContaining(advice),
          });
        }, { nodes });

        expect(await filesIn(root)).toEqual(before);
      }));
  }
});
