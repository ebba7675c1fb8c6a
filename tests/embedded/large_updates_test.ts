import { describe, it } from "@std/testing/bdd";
import { embedded } from "@ddfs/client/embedded";
import { inFolder, said, toTag } from "../helpers/embedded_stores.ts";
import { expect } from "../helpers/expect.ts";
import { sparing } from "./sparing_files.ts";
import { inMemory, onDisk } from "../helpers/store_setup.ts";

/** Sets of more than 512 KiB of JSON: they are not held in memory. */
const MANY = Array.from({ length: 14_000 }, (_, i) => [`disco://h/ddfs/vol0/blob/${i % 90 + 10}/blob-${i}$703-1-${i}`]);
const ONE = [["disco://h/ddfs/vol0/blob/00/one$703-2-1"]];
const TWO = [["disco://h/ddfs/vol0/blob/00/two$703-2-2", "disco://i/ddfs/vol0/blob/00/two$703-2-2"]];

describe("a large tag that is updated", () => {
  it("gets the new ones of an update where it has too many names to remember", async () => {
    const ddfs = embedded();
    const set = (name: string) => [`disco://h/ddfs/vol0/blob/00/${name}$703-1-1`];
    const long = Array.from({ length: 24 }, (_, i) => set(`${"x".repeat(900_000)}${i}`));
    await toTag(ddfs, "PUT", "data", long);

    for (let time = 0; time < 2; time++) {
      await toTag(ddfs, "POST", "data?update=1", [set("new"), ...long.slice(3, 5), set("newer"), set("new")]);
    }

    const urls = JSON.parse((await said(toTag(ddfs, "GET", "data/ddfs:urls")))[1]);
    expect(urls.length).toBe(26);
    expect(urls.slice(0, 2)).toEqual([set("newer"), set("new")]);
    await ddfs.close();
  });

  it("is not read as a whole to be updated, nor to find out what a request that is sent again has done", () =>
    inFolder(async (root) => {
      const { files, open, spare } = sparing();
      const ddfs = embedded({ store: (setup) => onDisk(root, setup, { fs: files, after: () => () => {} }) });
      await toTag(ddfs, "PUT", "data", MANY);
      spare();
      const many = Array.from({ length: 20 }, (_, i) => [`disco://h/ddfs/vol0/blob/00/other-${i}$703-2-1`]);

      await toTag(ddfs, "POST", "data?update=1", [...MANY.slice(0, 1), ...ONE, ...MANY.slice(-1)]);
      await toTag(ddfs, "POST", "data?update=1&delayed=1", [...ONE, ...many, ...MANY.slice(7, 9)]);
      await toTag(ddfs, "POST", "data?request=key&again=1", [...ONE, ...TWO]);

      const urls = JSON.parse((await said(toTag(ddfs, "GET", "data/ddfs:urls")))[1]);
      expect(urls).toEqual([...TWO, ...many.toReversed(), ...ONE, ...MANY]);
      expect(open.size).toBe(0);
      await ddfs.close();
    }));

  for (const changes of [1, 2, 10]) {
    it(`is updated by what is new, though others change it while it is looked through (${changes} times)`, async () => {
      let left = 0;
      const ddfs = embedded({
        store: async (setup) => {
          const store = await inMemory(setup);
          const { tags } = store;
          const read: typeof tags.read = async (name, options) => {
            const tag = await tags.read(name, options);
            if (options?.apart && left-- > 0) await tags.change(name, () => ({ added: JSON.stringify(ONE) }));
            return tag;
          };
          const own = { read, change: tags.change.bind(tags), delete: tags.delete.bind(tags) };
          return { ...store, tags: { ...own, names: tags.names.bind(tags) } };
        },
      });
      await toTag(ddfs, "PUT", "data", MANY);
      left = changes;

      await toTag(ddfs, "POST", "data?update=1", [...ONE, ...TWO, ...MANY.slice(3, 4)]);

      left = 0;
      const urls: string[][] = JSON.parse((await said(toTag(ddfs, "GET", "data/ddfs:urls")))[1]);
      const [two = []] = TWO;
      expect(urls.filter(([url]) => url === two[0]).length).toBe(1);
      expect(urls.filter(([url]) => url === ONE[0]?.[0]).length).toBe(Math.min(changes, 3));
      expect(urls.slice(-MANY.length)).toEqual(MANY);
      await ddfs.close();
    });
  }
});
