import { describe, it } from "@std/testing/bdd";
import { gathered } from "../../lib/base/streams.ts";
import { bytesOf } from "../helpers/bytes.ts";
import { expect } from "../helpers/expect.ts";

const streamOf = (...parts: string[]) => {
  const left = parts.values();
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const { value } = left.next();
      if (value === undefined) controller.close();
      else if (value === "broken") controller.error(new Error("broken"));
      else controller.enqueue(bytesOf(value) as Uint8Array<ArrayBuffer>);
    },
  });
};

describe("gathered()", () => {
  it("gives all bytes, whether their number is known, not known, or more than comes", async () => {
    for (const size of [6, undefined, 7, 2 ** 53 - 1]) {
      expect(await gathered(streamOf("abc", "def"), size)).toEqual(bytesOf("abcdef"));
    }
    expect(await gathered(streamOf(), 0)).toEqual(new Uint8Array());
  });

  it("keeps no part beside the whole: each is copied as it comes, and may be used again", async () => {
    const part = new Uint8Array(3);
    let parts = 0;
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        if (++parts > 3) return controller.close();
        controller.enqueue(part.fill(96 + parts));
      },
    }, { highWaterMark: 0 });

    expect(await gathered(stream, 9)).toEqual(bytesOf("aaabbbccc"));
  });

  it("fails as the stream does", async () => {
    for (const size of [6, undefined]) {
      expect(await gathered(streamOf("abc", "broken"), size).catch(({ message }) => message)).toBe("broken");
    }
  });
});
