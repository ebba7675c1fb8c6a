import * as fs from "node:fs/promises";
import { describe, it } from "@std/testing/bdd";
import { filesIn, inFolder, opened, said } from "../helpers/embedded_stores.ts";
import { expect } from "../helpers/expect.ts";
import { onDisk, storeSetup } from "../helpers/store_setup.ts";

const NODES = ["a", "b", "c"];
const PATH = "http://a:8989/ddfs/tag/data";
const ONE = [["disco://h/ddfs/vol0/blob/00/one$703-2-1"]];

/** So many sets; 14,000 of them are more than 512 KiB of JSON, which are not held in memory. */
function setsOf(count: number): string[][] {
  return Array.from({ length: count }, (_, i) => [`disco://h/ddfs/vol0/blob/${i % 90 + 10}/blob-${i}$703-1-${i}`]);
}

/** Writes over some bytes in the middle of a file. */
async function damage(path: string, at = 3000): Promise<void> {
  await Deno.chmod(path, 0o600);
  const file = await fs.open(path, "r+");
  await file.write("\n\n\n", at);
  await file.close();
}

/** The system's files; reads of some places in some of them fail. */
function failing(isFailing: (path: string, at: number) => boolean): typeof fs {
  return {
    ...fs,
    async open(...args: Parameters<typeof fs.open>) {
      const file = await fs.open(...args);
      const read = file.read.bind(file);
      return Object.assign(file, {
        read(into: Uint8Array, offset: number, length: number, at: number) {
          const error = Object.assign(new Error("broken"), { code: "EIO" });
          return isFailing(String(args[0]), at) ? Promise.reject(error) : read(into, offset, length, at);
        },
      });
    },
  } as unknown as typeof fs;
}

describe("a tag whose file on one node is damaged", () => {
  for (const count of [100, 14_000]) {
    for (const broken of [["a"], ["a", "b"], ["c"]]) {
      it(`is read from another node, also the next time, and what is damaged is not copied (${count}, ${broken})`, () =>
        inFolder(async (root) => {
          const options = { nodes: NODES, replicas: 3 };
          const sets = setsOf(count);
          const urls = () =>
            opened(root, async (ddfs) => {
              for (let time = 0; time < 3; time++) {
                expect((await said(ddfs.fetch(`${PATH}/ddfs:urls`)))[1]).toBe(JSON.stringify(sets));
              }
            }, options);
          await opened(root, async (ddfs) => {
            await said(ddfs.fetch(PATH, { method: "PUT", body: JSON.stringify(sets) }));
          }, options);
          for (const file of await filesIn(root)) {
            if (broken.some((node) => file.startsWith(`${node}/`)) && file.includes("data$")) {
              await damage(`${root}/${file}`);
            }
          }

          await urls();
          await opened(root, async (ddfs) => {
            const [status] = await said(ddfs.fetch(PATH, { method: "POST", body: JSON.stringify(ONE) }));
            expect(status).toBe(200);
          }, options);
          sets.unshift(...ONE);
          await urls();
          const files = (await filesIn(root)).filter((file) => file.includes("data$"));
          const texts = await Promise.all(files.map((file) => Deno.readTextFile(`${root}/${file}`)));
          expect(texts.map((text) => JSON.parse(text).urls)).toEqual([sets, sets, sets]);
        }));
    }
  }

  it("is not copied where the file that was good cannot be read in the middle", () =>
    inFolder(async (root) => {
      const sets = [["x".repeat(1_500_000)], ...setsOf(100)];
      let isFailing = (_path: string, _at: number) => false;
      const setup = storeSetup({ nodes: NODES, tagReplicas: 3 });
      const system = { fs: failing((path, at) => isFailing(path, at)), after: () => () => {} };
      const first = await onDisk(root, setup, system);
      await first.tags.change("data", () => ({ urls: JSON.stringify(sets) }));
      await first.close();
      await damage(`${root}/${(await filesIn(root)).find((file) => file.startsWith("b/"))}`, 1_200_000);

      const store = await onDisk(root, setup, system);
      await store.tags.read("data", { apart: true }).then((tag) => tag?.apart?.close());
      isFailing = (path, at) => path.includes("/a/vol0/") && at > 1_000_000 && at < 1_300_000;
      await store.tags.change("data", () => ({ added: JSON.stringify(ONE) }), { sets: false });
      await store.close();
      const files = (await filesIn(root)).filter((file) => file.includes("data$"));
      const texts = await Promise.all(files.map((file) => Deno.readTextFile(`${root}/${file}`)));
      expect(texts.map((text) => JSON.parse(text).urls)).toEqual([1, 2, 3].map(() => [...ONE, ...sets]));
    }));

  it("is answered with from another node where one cannot be read in the middle, though it was before", () =>
    inFolder(async (root) => {
      const sets = setsOf(30_000);
      let isFailing = (_path: string, _at: number) => false;
      const setup = storeSetup({ nodes: NODES, tagReplicas: 3 });
      const store = await onDisk(root, setup, {
        fs: failing((path, at) => isFailing(path, at)),
        after: () => () => {},
      });
      const { nodes: [node] } = await store.tags.change("data", () => ({ urls: JSON.stringify(sets) }));
      const read = async () => {
        const tag = await store.tags.read("data", { apart: true });
        return await new Blob(await Array.fromAsync(tag?.apart?.pieces() ?? [])).text();
      };

      isFailing = (path, at) => path.includes(`/${node}/vol0/`) && at > 200_000 && at < 1_300_000;
      expect(await read()).toBe(JSON.stringify(sets));
      isFailing = (_path, at) => at > 200_000 && at < 1_300_000;
      await expect(read()).rejects.toMatchObject({ code: "EIO" });
      await store.close();
    }));
});
