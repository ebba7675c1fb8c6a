import { describe, it } from "@std/testing/bdd";
import { bodyReads, comesSmall } from "../../lib/http/body_reads.ts";
import { expect } from "../helpers/expect.ts";

/** A stream of bytes that gives as much as is asked for, up to `most` at a time, and tells how much was asked for. */
function bytes(total: number, most: number): { body: ReadableStream<Uint8Array<ArrayBuffer>>; asked: number[] } {
  const asked: number[] = [];
  let sent = 0;
  const body = new ReadableStream({
    type: "bytes",
    pull(controller) {
      const { byobRequest } = controller as ReadableByteStreamController;
      const view = byobRequest?.view ?? new Uint8Array(1);
      asked.push(view.byteLength);
      const size = Math.min(view.byteLength, most, total - sent);
      new Uint8Array(view.buffer, view.byteOffset, size).forEach((_, i, part) => part[i] = (sent + i) % 251);
      sent += size;
      if (size === 0) controller.close();
      byobRequest?.respond(size);
    },
  });
  return { body: body as ReadableStream<Uint8Array<ArrayBuffer>>, asked };
}

async function all(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<number[]> {
  const reads = bodyReads(body, true);
  const found: number[] = [];
  for (let { value } = await reads.read(); value !== undefined; { value } = await reads.read()) found.push(...value);
  return found;
}

describe("bodyReads()", () => {
  it("asks for more while as much comes, and for less when little does", async () => {
    const [fast, slow] = [bytes(100_000, Infinity), bytes(30, 10)];
    const expected = Array.from({ length: 100_000 }, (_, i) => i % 251);

    expect(await all(fast.body)).toEqual(expected);
    expect(await all(slow.body)).toEqual(expected.slice(0, 30));
    expect(fast.asked.slice(0, 5)).toEqual([4096, 8192, 16384, 32768, 65536]);
    expect(slow.asked).toEqual([4096, 4096, 4096, 4096]);
  });

  it("reads streams that are not of bytes, and empty ones", async () => {
    const parts = [new Uint8Array([1, 2]), new Uint8Array([3])];
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        const part = parts.shift();
        if (part === undefined) controller.close();
        else controller.enqueue(part);
      },
    });

    expect(await all(body)).toEqual([1, 2, 3]);
    expect(await all(bytes(0, 1).body)).toEqual([]);
  });

  it("ends the body when it is not wanted any more", async () => {
    const reasons: unknown[] = [];
    const body = new ReadableStream({ type: "bytes", cancel: (reason) => void reasons.push(reason) });

    await bodyReads(body as ReadableStream<Uint8Array<ArrayBuffer>>, true).cancel("enough");

    expect(reasons).toEqual(["enough"]);
  });
});

describe("comesSmall()", () => {
  it("takes short answers for such where a plain read clears much memory, and no others", () => {
    const answer = (length?: number) =>
      new Response(null, { headers: length === undefined ? {} : { "content-length": String(length) } });

    const found = [0, 80, 4096, 4097, undefined].map((length) => comesSmall(answer(length), true));

    expect(found).toEqual([true, true, true, false, false]);
    expect(comesSmall(answer(80), false)).toBe(false);
  });
});
