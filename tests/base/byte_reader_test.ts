import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { DiscoError } from "../../lib/errors.ts";
import { ByteReader, type ByteSource } from "../../lib/base/byte_reader.ts";
import { bytesOf, inParts, joined } from "../helpers/bytes.ts";
import { never, watchedStream } from "../helpers/sources.ts";
import { rejectionOf, thrownBy } from "../helpers/thrown.ts";

async function rest(reader: ByteReader): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let part = await reader.read(); part !== undefined; part = await reader.read()) parts.push(part);
  return joined(parts);
}

describe("ByteReader", () => {
  const text = bytesOf("some text");
  const kinds: [string, () => ByteSource][] = [
    ["bytes", () => text],
    ["a Blob", () => new Blob([text])],
    ["a stream", () => watchedStream([text.subarray(0, 4), text.subarray(4)]).stream],
    ["an async iterable", () => inParts(text, 2)],
  ];
  for (const [kind, source] of kinds) {
    it(`reads ${kind}`, async () => {
      expect(await rest(new ByteReader(source()))).toEqual(text);
    });
  }

  it("leaves out empty parts", async () => {
    const reader = new ByteReader(watchedStream([new Uint8Array(), text, new Uint8Array()]).stream);

    expect([await reader.read(), await reader.read()]).toEqual([text, undefined]);
  });

  it("gives a view of bytes that stay, and none of a stream's, nor across parts", async () => {
    const bytes = new Uint8Array(1_500_000).map((_, i) => i);
    const views: unknown[] = [];
    for (const source of [bytes, watchedStream([bytes]).stream, inParts(bytes, 1000)]) {
      const reader = new ByteReader(source);
      const head = new Uint8Array(2);
      await reader.fill(head);
      const view = await reader.view(1_200_000);
      views.push(view?.buffer === bytes.buffer && [view.byteOffset, view.length, reader.position]);
      if (view === undefined) expect(reader.position).toBe(2);
      else expect(await reader.view(300_000)).toBe(undefined);
      await reader.fill(head);
      expect(head[0]).toBe(bytes[view === undefined ? 2 : 1_200_002]);
    }

    expect(views).toEqual([[2, 1_200_000, 1_200_002], false, false]);
  });

  it("cuts large bytes into parts, and copies none", async () => {
    const bytes = new Uint8Array(2_500_000);
    const reader = new ByteReader(bytes);

    const parts = [await reader.read(), await reader.read(), await reader.read()];

    expect(parts.map((part) => part?.length)).toEqual([1048576, 1048576, 402848]);
    expect(parts.every((part) => part?.buffer === bytes.buffer)).toBe(true);
  });

  it("reads a large Blob a slice at a time, and never as a whole", async () => {
    const bytes = Uint8Array.from({ length: 10_000_000 }, (_, i) => i % 251);
    const blob = new Blob([bytes]);
    const slices: number[] = [];
    const whole = () => {
      throw new Error("the whole Blob was asked for");
    };
    Object.defineProperties(blob, {
      ...{ stream: { value: whole }, arrayBuffer: { value: whole } },
      slice: { value: (start: number, end: number) => (slices.push(end - start), new Blob([bytes]).slice(start, end)) },
    });

    expect(await rest(new ByteReader(blob))).toEqual(bytes);
    expect(slices).toEqual([1 << 22, 1 << 22, 1 << 22]);
  });

  it("gives back what was given back, and counts what was read", async () => {
    const reader = new ByteReader(text);
    const part = await reader.read() ?? text;

    reader.unread(part.length - 4);

    expect(reader.position).toBe(4);
    expect(await reader.read()).toEqual(text.subarray(4));
    expect(reader.position).toBe(9);
  });

  it("fills memory over parts of any size, as far as there is something", async () => {
    for (let size = 1; size <= text.length; size++) {
      const reader = new ByteReader(inParts(text, size));
      const [first, second] = [new Uint8Array(5), new Uint8Array(5)];

      expect([await reader.fill(first), await reader.fill(second)]).toEqual([5, 4]);
      expect(joined([first, second]).subarray(0, 9)).toEqual(text);
    }
  });

  it("is a stream of what is left", async () => {
    const reader = new ByteReader(inParts(text, 5));
    await reader.read();

    expect(await new Response(reader.stream()).text()).toBe("text");
  });

  it("ends the source when its stream is cancelled", async () => {
    const { stream, cancelled } = watchedStream([text, text]);

    await new ByteReader(stream).stream().cancel();

    expect(cancelled.length).toBe(1);
  });

  it("says after how many bytes a source failed, and why", async () => {
    const cause = new TypeError("reset");
    const reader = new ByteReader(watchedStream((n) => n === 0 ? text : Promise.reject(cause)).stream);

    const error = await rejectionOf(rest(reader)) as DiscoError;

    expect(error).toBeInstanceOf(DiscoError);
    expect([error.code, error.cause]).toEqual(["source-failed", cause]);
    expect(error.message).toContain("after 9 bytes: reset");
  });

  it("passes typed errors of a source on as they are", async () => {
    const cause = new DiscoError("lost", { code: "unreachable" });
    const reader = new ByteReader(watchedStream(() => Promise.reject(cause)).stream);

    expect(await rejectionOf(reader.read())).toBe(cause);
  });

  it("refuses parts that are no bytes, and what is no source", async () => {
    const strings = (async function* () {
      yield "text";
    })();

    const error = await rejectionOf(new ByteReader(strings as unknown as ByteSource).read()) as DiscoError;

    expect([error.code, error.message.includes("string")]).toEqual(["invalid-argument", true]);
    expect(thrownBy(() => new ByteReader("text" as unknown as ByteSource)).code).toBe("invalid-argument");
    expect(thrownBy(() => new ByteReader(undefined as unknown as ByteSource)).code).toBe("invalid-argument");
    expect(thrownBy(() => new ByteReader(null as unknown as ByteSource)).code).toBe("invalid-argument");
  });

  it("ends a stream and an iterable that are not wanted any longer, once", async () => {
    const { stream, cancelled } = watchedStream([text]);
    let returned = 0;
    const iterable = (async function* () {
      try {
        yield text;
        yield text;
      } finally {
        returned++;
      }
    })();
    const readers = [new ByteReader(stream), new ByteReader(iterable)];
    for (const reader of readers) {
      await reader.read();
      await reader.cancel();
      await reader.cancel();
    }

    expect([cancelled.length, returned]).toEqual([1, 1]);
  });

  it("does not cancel a source that has ended", async () => {
    const { stream, cancelled } = watchedStream([text]);
    const reader = new ByteReader(stream);
    await rest(reader);

    await reader.cancel();

    expect(cancelled).toEqual([]);
  });

  it("fails a read that is under way when it is cancelled, even of a generator that hangs", async () => {
    const hanging = (async function* () {
      await never;
      yield text;
    })();
    for (const source of [watchedStream(() => never).stream, hanging]) {
      const reader = new ByteReader(source);
      const reading = rejectionOf(reader.read());

      await reader.cancel();

      expect(await reading).toBeInstanceOf(DiscoError);
    }
  });

  it("throws the signal's reason at once when it is aborted, and cancels the stream with it", async () => {
    const { stream, cancelled } = watchedStream(() => never);
    const stop = new AbortController();
    const reader = new ByteReader(stream, { signal: stop.signal });
    const reading = rejectionOf(reader.read());

    stop.abort("enough");

    expect(await reading).toBe("enough");
    expect(await rejectionOf(reader.read())).toBe("enough");
    expect(cancelled).toEqual(["enough"]);
  });

  it("cancels the stream when the signal was aborted before", () => {
    const { stream, cancelled } = watchedStream([text]);

    new ByteReader(stream, { signal: AbortSignal.abort("before") });

    expect(cancelled).toEqual(["before"]);
  });
});
