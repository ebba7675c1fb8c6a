import { describe, it } from "@std/testing/bdd";
import { packTar } from "modern-tar";
import { tarBlobs } from "../../lib/sources/tar_blobs.ts";
import { all, bytesOf } from "../helpers/bytes.ts";
import { expect } from "../helpers/expect.ts";
import { rejectionOf } from "../helpers/thrown.ts";

const archive = () =>
  packTar([
    { header: { name: "logs/", size: 0, type: "directory" } },
    { header: { name: "logs/may.log", size: 4 }, body: "may\n" },
    { header: { name: "logs/link", size: 0, type: "symlink", linkname: "may.log" } },
    { header: { name: "logs/june.log", size: 5 }, body: "june\n" },
    { header: { name: "empty", size: 0 }, body: "" },
  ]);

async function gunzipped(blob: Blob): Promise<string> {
  return await new Response(blob.stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

describe("tarBlobs()", () => {
  it("gives the files of an archive, gzipped, by names that DDFS accepts", async () => {
    const files = await all(tarBlobs(await archive()));

    expect(files.map(({ name }) => name)).toEqual(["logs_may_log_gz", "logs_june_log_gz", "empty_gz"]);
    expect(await Promise.all(files.map(({ blob }) => gunzipped(blob)))).toEqual(["may\n", "june\n", ""]);
    expect(files.every(({ blob, size }) => blob.size === size)).toBe(true);
  });

  it("takes what is included and leaves out what is excluded, as it is where that is wanted", async () => {
    const options = { compress: false, include: "log", exclude: "june" };
    const [file, ...others] = await all(
      tarBlobs(new Blob([await archive() as Uint8Array<ArrayBuffer>]).stream(), options),
    );

    expect([file?.name, await file?.blob.text(), others]).toEqual(["logs_may_log", "may\n", []]);
  });

  it("reads a gzipped archive", async () => {
    const zipped = new Blob([await archive() as Uint8Array<ArrayBuffer>]).stream().pipeThrough(
      new CompressionStream("gzip"),
    );

    expect((await all(tarBlobs(zipped, { compress: false }))).map(({ size }) => size)).toEqual([4, 5, 0]);
  });

  it("is an error of what is no archive, or cut short", async () => {
    const whole = await archive();

    for (const source of [bytesOf("x".repeat(2000)), whole.subarray(0, 700)]) {
      expect(await rejectionOf(all(tarBlobs(source)))).toMatchObject({ code: "source-failed" });
    }
  });

  it("cancels a stream when no more is wanted, or it is aborted", async () => {
    const bytes = await archive();
    for (const how of ["left", "aborted"]) {
      const reasons: unknown[] = [];
      const stop = new AbortController();
      const stream = new ReadableStream<Uint8Array>({
        pull: (controller) => controller.enqueue(bytes.slice(0, 1536)),
        cancel: (reason) => void reasons.push(reason),
      }, { highWaterMark: 0 });
      const read = async () => {
        for await (const _ of tarBlobs(stream, { signal: stop.signal })) {
          if (how === "left") break;
          stop.abort("enough");
        }
      };

      expect(await read().catch((error) => error)).toBe(how === "left" ? undefined : "enough");
      expect(reasons.length).toBe(1);
    }
  });
});
