import { describe, it } from "@std/testing/bdd";
import { embedded } from "../../lib/embedded/mod.ts";
import { DDFS } from "../../mod.ts";
import { expect } from "../helpers/expect.ts";
import { closing, hunk } from "../helpers/record_samples.ts";
import { type Counts, type Find, Search, type State } from "../../lib/explorer/parts/record_search.ts";

const NEVER = () => Promise.resolve(false);
const bytes = (text: string) => new TextEncoder().encode(text);

/** A search, and the states that it told; `told` is the last. */
function searched(find: Find, isNoChunk: (error: unknown) => Promise<boolean> = NEVER) {
  const states: State[] = [];
  const search = new Search(find, isNoChunk, (state) => states.push(state));
  return { search, states, told: () => states.at(-1) };
}

/** Lets some turns of promises pass, until something is so. */
async function turns(isSo: () => boolean): Promise<void> {
  for (let turn = 0; turn < 50 && !isSo(); turn++) await Promise.resolve();
}

/** Tells the counts of hunks as a client does: all of a blob, then the blob; what is found of each follows its counts. */
const hunks = (...blobs: readonly (readonly string[][])[]): Find =>
  async function* ({ onProgress }) {
    const counts = { bytesIn: 0, records: 0, blobs: 0 };
    for (const blob of blobs) {
      for (const found of blob) {
        onProgress({ ...counts, bytesIn: counts.bytesIn += 10 });
        onProgress({ ...counts, records: counts.records += 100 });
        if (found.length > 0) yield found.map(bytes);
      }
      onProgress({ ...counts, blobs: ++counts.blobs });
    }
  };

describe("a search of records", () => {
  it("that waits is not called reading by what is read ahead", async () => {
    let tell: (counts: Counts) => void = () => {};
    const { search, states, told } = searched(async function* ({ onProgress }) {
      tell = onProgress;
      yield ["one", "two"];
      await new Promise(() => {});
    });
    await search.read(2);
    expect(told()?.phase).toBe("waiting");

    // Longer than the pause between two looks.
    await new Promise((resolve) => setTimeout(resolve, 150));
    tell({ bytesIn: 1000, records: 0, blobs: 0 });

    expect(states.map(({ phase }) => phase)).toEqual(["reading", "waiting", "waiting"]);
    expect(told()).toMatchObject({ bytes: 1000, phase: "waiting" });
    search.stop();
    expect(told()?.phase).toBe("stopped");
  });

  it("reads on when more are wanted, until that is all", async () => {
    const { search, told } = searched(hunks([["a"], ["b"]], [["c"]]));
    await search.read(2);
    expect([told()?.phase, told()?.hits.length]).toEqual(["waiting", 2]);

    await search.read(9);

    expect([told()?.phase, told()?.hits.length, told()?.records]).toEqual(["ended", 3, 300]);
  });

  it("knows that nothing is left once all bytes are read", async () => {
    const { search, told } = searched(hunks([["a"], ["b"]]));
    search.knowTotal(20);
    await search.read(1);
    expect([told()?.phase, told()?.hits.length]).toEqual(["waiting", 1]);

    await search.read(2);

    await turns(() => told()?.phase === "ended");
    expect([told()?.phase, told()?.hits.length]).toEqual(["ended", 2]);
  });

  it("knows that nothing is left also when it learns only then how much there is", async () => {
    const { search, told } = searched(hunks([["a"], ["b", "c"]]));
    await search.read(2);
    expect([told()?.phase, told()?.hits.length]).toEqual(["waiting", 3]);

    search.knowTotal(20);

    await turns(() => told()?.phase === "ended");
    expect([told()?.phase, told()?.hits.length]).toEqual(["ended", 3]);
  });

  it("keeps what it finds when it looks whether that is all, until more are wanted", async () => {
    const { search, told } = searched(hunks([["a"], ["b"]]));
    await search.read(1);
    search.knowTotal(10);
    await turns(() => told()?.phase === "ended");
    expect([told()?.phase, told()?.hits.length]).toEqual(["waiting", 1]);

    await search.read(9);

    expect([told()?.phase, told()?.hits.length]).toEqual(["ended", 2]);
  });

  it("knows the blob and the hunk of what it finds", async () => {
    const { search, told } = searched(hunks([["a"], [], ["b", "c"]], [[]], [[], ["d"]]));
    await search.read(9);

    expect(told()?.hits.map(({ blob, hunk }) => [blob, hunk])).toEqual([[0, 0], [0, 2], [0, 2], [2, 1]]);
  });

  it("counts hunks that have no records, as the page that the place leads to does", async () => {
    const { fetch, master } = embedded();
    const ddfs = new DDFS(master, { settings: {}, fetch });
    const [empty, first, second] = [closing, hunk(0), hunk(1)];
    await ddfs.push("data", [
      [new Blob([empty, first, empty, empty, second, closing]), "one"],
      [new Blob([first, empty, second, closing]), "two"],
    ]);

    const { search, told } = searched(({ signal, onProgress }) =>
      ddfs.grep("tag://data", "a", { signal, onProgress, workers: 0 })
    );
    await search.read(9);

    expect(told()?.hits.map(({ blob, hunk }) => [blob, hunk])).toEqual([[0, 1], [0, 4], [1, 0], [1, 2]]);
  });

  it("reads lines from where it was at a blob that is no chunk, and knows no hunks then", async () => {
    const { search, told } = searched(async function* (options) {
      if (options.isLines) yield* hunks([["a"]], [["b"]])(options);
      else {
        yield* hunks([["a"]])(options);
        throw new Error("no chunk");
      }
    }, () => Promise.resolve(true));
    await search.read(9);

    expect(told()?.hits.map(({ blob, hunk }) => [blob, hunk])).toEqual([[0, 0], [1, undefined]]);
  });

  it("says what it ended with", async () => {
    // deno-lint-ignore require-yield
    const { search, told } = searched(async function* () {
      throw new Error("gone");
    });
    await search.read(9);

    expect(told()).toMatchObject({ phase: "stopped", error: { message: "gone" } });
  });
});
