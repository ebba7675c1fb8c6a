import { describe, it } from "@std/testing/bdd";
import { DDFS, type Progress, type Resume } from "../../mod.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { expect } from "../helpers/expect.ts";
import { failure } from "../helpers/fakes.ts";

const OPTIONS = { chunkSize: 1000, workers: 0 };

/** Lines that tell their place, of two chunks and more. */
function lines(count: number): Blob {
  return new Blob([Array.from({ length: count }, (_, i) => `line ${i}\n`).join("")]);
}

/** A client, and the names of the blobs that it stores. */
function recorded(): { ddfs: DDFS; put: string[] } {
  const { fetch, master } = embedded();
  const put: string[] = [];
  const ddfs = new DDFS(master, {
    fetch: (request) => {
      const name = /\/ddfs\/([^/]+)\$/.exec(request.url)?.[1];
      if (request.method === "PUT" && name !== undefined) put.push(name);
      return fetch(request);
    },
  });
  return { ddfs, put };
}

/** Chunks until so many chunks are stored, and gives what a journal would have of it. */
async function interrupted(ddfs: DDFS, sources: readonly [Blob, string][], after: number): Promise<Resume[]> {
  const stop = new AbortController();
  const journal = new Map<number, { stored: string[][]; offset: number | undefined }>();
  let count = 0;
  const onProgress = ({ source, replicas, offset }: Progress) => {
    if (source === undefined || count === after) return;
    const { stored } = journal.get(source) ?? { stored: [] };
    journal.set(source, { stored: [...stored, replicas], offset });
    if (++count === after) stop.abort(new Error("power cut"));
  };
  const options = { ...OPTIONS, onProgress, signal: stop.signal };
  await expect(ddfs.chunk("data:lines", sources, options)).rejects.toThrow("power cut");
  return Array.from(journal, ([source, entry]) => ({ source, ...entry }));
}

async function text(ddfs: DDFS): Promise<string> {
  let text = "";
  for await (const batch of ddfs.recordBatches("data:lines", { text: true })) text += batch.join("");
  return text;
}

describe("resume", () => {
  it("goes on in the middle of a source: every line is there once, and no chunk is sent again", async () => {
    const { ddfs, put } = recorded();
    const source = lines(400_000);
    const resume = await interrupted(ddfs, [[source, "log"]], 2);
    put.length = 0;

    const { blobs } = await ddfs.chunk("data:lines", [[source, "log"]], { ...OPTIONS, resume });

    expect(blobs.slice(0, 2)).toEqual(resume[0]?.stored);
    expect(put).not.toContain("log-0");
    expect(put).not.toContain("log-1");
    expect(await text(ddfs) === await source.text()).toBe(true);
  });

  it("keeps the order of several sources, of which one is done and one begun", async () => {
    const { ddfs } = recorded();
    const sources: [Blob, string][] = [[lines(10), "first"], [lines(300_000), "second"], [lines(20), "third"]];
    const resume = await interrupted(ddfs, sources, 2);

    await ddfs.chunk("data:lines", sources, { ...OPTIONS, resume });

    const wanted = await new Blob(sources.map(([blob]) => blob)).text();
    expect(await text(ddfs) === wanted).toBe(true);
  });

  it("leaves out what is in the tag already, as the earlier call was ended when all was done", async () => {
    const { ddfs } = recorded();
    const journal: Resume[] = [];
    const onProgress = ({ source, replicas, offset }: Progress) => {
      if (source !== undefined) journal.push({ source, stored: [replicas], offset });
    };
    const sources: [Blob, string][] = [[lines(10), "first"], [lines(20), "second"]];
    const { blobs } = await ddfs.chunk("data:lines", sources, { ...OPTIONS, onProgress });
    await ddfs.tag("data:lines", ["data:other"]);
    const before = await ddfs.urls("data:lines");

    const stored = await ddfs.chunk("data:lines", sources, { ...OPTIONS, resume: journal });
    const more = await ddfs.chunk("data:lines", [...sources, [lines(5), "third"]], { ...OPTIONS, resume: journal });

    expect(stored).toEqual({ tag: "tag://data:lines", blobs, kept: ["first-0", "second-0"] });
    expect(await ddfs.urls("data:lines")).toEqual([more.blobs[2], ...before]);
  });

  it("pushes only what is not stored yet", async () => {
    const { ddfs, put } = recorded();
    const { blobs: [stored = []] } = await ddfs.push("data:other", [[new Blob(["a"]), "a"]]);
    put.length = 0;

    const sources: [Blob, string][] = [[new Blob(["b"]), "b"], [new Blob(["a"]), "a"]];
    const { blobs } = await ddfs.push("data:files", sources, { resume: [{ source: 1, stored: [stored] }] });

    expect(put).toEqual(["b"]);
    expect(blobs[1]).toEqual(stored);
    expect(await ddfs.urls("data:files")).toEqual(blobs);
  });

  it("begins anew with a source of which nothing was stored", async () => {
    const { ddfs, put } = recorded();
    const resume = [{ source: 0, stored: [] }];

    await ddfs.chunk("data:lines", [[lines(9), "log"]], { resume });
    await ddfs.push("data:files", [[new Blob(["a"]), "a"]], { resume });

    expect(put).toEqual(["log-0", "a"]);
    expect(await text(ddfs)).toBe(await lines(9).text());
  });

  it("fails when the source became shorter", async () => {
    const { ddfs } = recorded();
    const resume = [{ source: 0, stored: [["disco://localhost/ddfs/vol0/blob/00/log-0$1-2-3"]], offset: 100 }];

    await expect(ddfs.chunk("data:lines", [[lines(1), "log"]], { resume })).rejects.toMatchObject({
      code: "source-failed",
    });
  });

  it("refuses what fits no source, or a reader, whose place in the source is not known", async () => {
    const { ddfs } = recorded();
    const before = { stored: [["disco://localhost/x"]], offset: 1 };
    const reader = () => [1];
    const { offset: _, ...nowhere } = before;
    const lost = { stored: [], offset: 1 };

    for (
      const options of [{ resume: [{ source: 1, ...before }] }, { resume: [{ source: 0, ...nowhere }] }, {
        resume: [{ source: 0, ...lost }],
      }, {
        reader,
        resume: [{ source: 0, ...before }],
      }]
    ) {
      await expect(ddfs.chunk("data:lines", [[lines(9), "log"]], options)).rejects.toMatchObject({
        code: "invalid-argument",
      });
    }
  });

  it("says which item fits no source, and what is in it", async () => {
    const { ddfs } = recorded();
    const good = { source: 0, stored: [["disco://localhost/x"]], offset: 1 };
    const said = async (item: unknown) =>
      (await failure(ddfs.chunk("data:lines", [[lines(9), "log"], lines(1)], { resume: [good, item as Resume] })))
        .message;

    const stored = "stored disco://localhost/x: each source once";
    expect(await said({ ...good, source: 2 })).toContain(`Invalid resume[1] (source 2, offset 1), ${stored}`);
    expect(await said({ ...good, source: 1, offset: 5n })).toContain(
      `Invalid resume[1] (source 1, offset 5), ${stored}`,
    );
    expect(await said(good)).toContain(`Invalid resume[1] (source 0, offset 1), ${stored}`);
    expect(await said(null)).toContain("Invalid resume[1] (source undefined, offset 0), stored undefined: ");
    await expect(ddfs.push("data:lines", [], { resume: good as unknown as Resume[] })).rejects.toMatchObject({
      code: "invalid-argument",
    });
  });
});
