import { describe, it } from "@std/testing/bdd";
import { joinedSets, NO_SETS } from "../../../../lib/embedded/stores/sets.ts";
import type { Store } from "../../../../lib/embedded/stores/store.ts";
import { expect } from "../../../helpers/expect.ts";
import { type Leftover, PowerLossFiles } from "../../../helpers/power_loss_files.ts";
import { blobText, onDisk, storeSetup, volumeOf, writeBlob } from "../../../helpers/store_setup.ts";

/** Numbers that look like chance, and are the same each time. */
function numbers(seed: number): () => number {
  return () => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
}

/** Opens a store on files; whoever had them before has ended. */
function opened(files: PowerLossFiles, root = "/srv/disco/ddfs"): Promise<Store> {
  const processes = { pid: 1, place: () => Promise.resolve("here"), isGone: () => Promise.resolve(true) };
  const now = () => 1_700_000_000_000;
  const after = (_: number, run: () => void, inBackground: boolean) => {
    if (!inBackground) queueMicrotask(run);
    return () => {};
  };
  return onDisk(root, storeSetup({ now }), { fs: files.files(), processes, after });
}

/** What must be there: for each tag and blob all values that it may have, where a change was begun and not acknowledged. */
type Model = Map<string, (string | undefined)[]>;

/** Changes a store, and keeps book of what was acknowledged. */
class Writer {
  readonly model: Model = new Map();
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async append(tag: string, url: string): Promise<void> {
    const urls = joinedSets(tag, [JSON.stringify([[url]]), this.#last(`tag ${tag}`) ?? NO_SETS]);
    await this.#change(`tag ${tag}`, urls, () => this.#store.tags.change(tag, () => ({ urls })));
  }

  /** Puts a URL in front of those that are there, which the store does not look at. */
  async splice(tag: string, url: string): Promise<void> {
    const added = JSON.stringify([[url]]);
    const urls = joinedSets(tag, [added, this.#last(`tag ${tag}`) ?? NO_SETS]);
    await this.#change(`tag ${tag}`, urls, () => this.#store.tags.change(tag, () => ({ added }), { sets: false }));
  }

  async delete(tag: string): Promise<void> {
    await this.#change(`tag ${tag}`, undefined, () => this.#store.tags.delete(tag, () => {}));
  }

  async put(object: string): Promise<void> {
    const text = `the bytes of ${object}`;
    await this.#change(`blob ${object}`, text, () => writeBlob(volumeOf(this.#store.volumes), object, text));
  }

  async remove(object: string): Promise<void> {
    // A blob that is removed may be back after a power cut: nothing has it.
    await this.#change(`blob ${object}`, undefined, () => volumeOf(this.#store.volumes).remove(object), true);
  }

  #last(key: string): string | undefined {
    return this.model.get(key)?.at(-1);
  }

  async #change(
    key: string,
    value: string | undefined,
    run: () => Promise<unknown>,
    mayComeBack = false,
  ): Promise<void> {
    const before = this.model.get(key) ?? [undefined];
    this.model.set(key, [...before, value]);
    await run();
    this.model.set(key, mayComeBack ? [...before, value] : [value]);
  }
}

/** Everything that changes files: new folders, versions, deletions, deletions of what was made again, collections. */
async function work(store: Store, writer: Writer): Promise<void> {
  await Promise.all([writer.put("a$703-1-1"), writer.put("b$703-1-1"), writer.append("first", "disco://h/a")]);
  await writer.append("first", "disco://h/b");
  // These are in one folder, which is new.
  await Promise.all(["c$703-1-3a", "c$703-1-103", "c$703-1-2b1"].map((object) => writer.put(object)));
  await writer.append("second", "disco://h/c");
  await writer.delete("first");
  await writer.append("first", "disco://h/again");
  await writer.delete("second");
  await store.tags.collect?.();
  await Promise.all([
    writer.delete("first"),
    writer.append("third", "disco://h/x"),
    writer.append("fourth", "disco://h/y"),
  ]);
  await writer.remove("b$703-1-1");
  await store.tags.collect?.();
  await writer.append("second", "disco://h/new");
  await writer.delete("third");
  // This one is not read to be written anew.
  await writer.append("large", `disco://h/${"x".repeat(600_000)}`);
  await Promise.all(["d", "e"].map((url) => writer.splice("large", `disco://h/${url}`)));
  await writer.splice("large", "disco://h/f");
}

/** Holds a store to what must be there. */
async function check(store: Store, model: Model, where: string): Promise<void> {
  for (const [key, values] of model) {
    const [kind, name = ""] = key.split(" ");
    const found = kind === "tag"
      ? (await store.tags.read(name))?.content.urls
      : await blobText(volumeOf(store.volumes), name);
    if (!values.includes(found)) throw new Error(`${where}: ${key} is ${found}, not one of ${JSON.stringify(values)}`);
  }
}

/** All that is seen in a store. */
async function seen(store: Store): Promise<Model> {
  const model: Model = new Map();
  for await (const name of store.tags.names("")) {
    model.set(`tag ${name}`, [(await store.tags.read(name))?.content.urls]);
  }
  for await (const { object } of volumeOf(store.volumes).list()) {
    model.set(`blob ${object}`, [await blobText(volumeOf(store.volumes), object)]);
  }
  return model;
}

describe("a power cut", () => {
  /** The files before each operation of the work, and what must be there then. */
  async function moments(): Promise<{ files: PowerLossFiles; model: Model; where: string }[]> {
    const files = new PowerLossFiles();
    const found: { files: PowerLossFiles; model: Model; where: string }[] = [];
    let model: Model = new Map();
    const record = (name: string) => {
      found.push({
        files: files.copy(),
        model: structuredClone(model),
        where: `before ${found.length} ${name}`,
      });
    };
    files.onOperation = record;
    const store = await opened(files);
    const writer = new Writer(store);
    model = writer.model;
    await work(store, writer);
    record("the end");
    return found;
  }

  const leftovers: [leftover: Leftover, seed: number][] = [["nothing", 0], ["names", 0], ["some", 1], ["some", 2], [
    "some",
    3,
  ]];
  for (const [leftover, seed] of leftovers) {
    const which = leftover === "some" ? `some (seed ${seed})` : leftover;
    it(`loses nothing that was acknowledged, whenever it comes, if of what was not fsynced it leaves ${which}`, async () => {
      const random = numbers(seed);
      for (const { files, model, where } of await moments()) {
        const store = await opened(files.afterCut(leftover, random));
        await check(store, model, where);
        // It can be used as before.
        const writer = new Writer(store);
        await writer.append("new", "disco://h/new");
        await writer.put("new$703-1-1");
        await check(store, writer.model, where);
      }
    });
  }

  it("takes nothing away that was seen after the process was killed", async () => {
    for (const { files, model, where } of await moments()) {
      const killed = files.afterCut("all");
      const store = await opened(killed);
      await check(store, model, where);
      // Into folders that the killed one may have made just before.
      const writer = new Writer(store);
      await writer.put("c$703-1-1");
      await writer.append("new", "disco://h/new");
      const before = await seen(store);
      await store.tags.collect?.();

      const after = await opened(killed.afterCut("nothing"));

      await check(after, before, `${where}, killed`);
      const names = await Array.fromAsync(after.tags.names(""));
      expect(names.filter((name) => !before.has(`tag ${name}`))).toEqual([]);
    }
  });

  it("is what these files are about: without fsync all is lost", async () => {
    const files = new PowerLossFiles();
    const store = await opened(files);
    const { open } = files.files();
    const file = await open("/srv/disco/ddfs/vol0/stray", "wx");
    await file.write(new Uint8Array(3), 0);
    await store.close();

    const left = files.afterCut("nothing").files();

    await expect(left.lstat("/srv/disco/ddfs/vol0/stray")).rejects.toMatchObject({ code: "ENOENT" });
    expect((await left.readdir("/srv/disco/ddfs/vol0", { withFileTypes: true })).map(({ name }) => String(name)).sort())
      .toEqual(["blob", "tag"]);
  });
});
