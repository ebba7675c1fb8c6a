import { describe, it } from "@std/testing/bdd";
import { embedded } from "../../lib/embedded/mod.ts";
import { DDFS } from "../../mod.ts";
import { expect } from "../helpers/expect.ts";
import { failure, settled } from "../helpers/fakes.ts";
import { never } from "../helpers/sources.ts";

function client(): DDFS {
  const { fetch, master } = embedded();
  return new DDFS(master, { fetch, settings: {} });
}

/** A stream without end that notes why it was cancelled. */
function endless(onCancel: () => unknown): { stream: ReadableStream<Uint8Array>; reasons: unknown[] } {
  const reasons: unknown[] = [];
  const line = new TextEncoder().encode(`${"x".repeat(99)}\n`);
  const stream = new ReadableStream<Uint8Array>({
    pull: (controller) => settled().then(() => controller.enqueue(line)),
    cancel(reason) {
      reasons.push(reason);
      return onCancel() as Promise<void>;
    },
  }, { highWaterMark: 0 });
  return { stream, reasons };
}

const stuck = async function* () {
  yield "one";
  await never;
};

describe("an operation whose source or reader is stuck", () => {
  const cancels = {
    "is cancelled": () => {},
    "never ends being cancelled": () => never,
    "fails to be cancelled": () => {
      throw new Error("no");
    },
  };
  for (const [what, onCancel] of Object.entries(cancels)) {
    it(`ends at once, and its stream ${what}, with the reason`, async () => {
      const calls = [
        (source: ReadableStream<Uint8Array>, signal: AbortSignal) => client().push("x", [[source, "s"]], { signal }),
        (source: ReadableStream<Uint8Array>, signal: AbortSignal) => client().chunk("x", [[source, "s"]], { signal }),
        async (source: ReadableStream<Uint8Array>, signal: AbortSignal) => {
          for await (const _ of client().records(source, { signal, reader: stuck }));
        },
      ];
      for (const call of calls) {
        const { stream, reasons } = endless(onCancel);
        const stop = new AbortController();
        const ended = failure(call(stream, stop.signal));
        await settled();

        stop.abort(new Error("enough"));

        expect((await ended).message).toBe("enough");
        expect(reasons).toEqual([new Error("enough")]);
      }
    });

    it(`can be left, and its stream ${what}`, async () => {
      const { stream, reasons } = endless(onCancel);
      const reader = async function* (stream: ReadableStream<Uint8Array>) {
        for await (const part of stream) yield part.length;
      };

      for await (const _ of client().records(stream, { reader })) break;

      expect(reasons.length).toBe(1);
    });
  }

  it("is refused before it begins: its streams are cancelled, whatever is wrong", async () => {
    const ddfs = client();
    const aborted = AbortSignal.abort(new Error("before"));
    const records = async (options: object, source: ReadableStream<Uint8Array>) => {
      for await (const _ of ddfs.records(source, options));
    };
    const calls: Record<string, (source: ReadableStream<Uint8Array>) => Promise<unknown>> = {
      "no such file": (source) => ddfs.push("x", [[source, "s"], "./none"]),
      "no such file to chunk": (source) => ddfs.chunk("x", [source, "./none"]),
      "no name": (source) => ddfs.push("x", [source]),
      "no valid name": (source) => ddfs.chunk("x", [[source, "a/b"]]),
      "no valid tag": (source) => ddfs.chunk("no/tag", [source]),
      "no valid option": (source) => ddfs.chunk("x", [source], { chunkSize: 0 }),
      "no such option": (source) => ddfs.chunk("x", [source], { chunksize: 9 } as object),
      "an abort before": (source) => ddfs.push("x", [[source, "s"]], { signal: aborted }),
      "records() with no valid option": (source) => records({ concurrency: 0 }, source),
      "records() with no such option": (source) => records({ texts: true }, source),
      "records() aborted before": (source) => records({ signal: aborted }, source),
      "records() of what is no chunk": (source) => records({}, source),
    };
    for (const [what, call] of Object.entries(calls)) {
      const { stream, reasons } = endless(() => {});

      await failure(call(stream));

      expect([what, reasons.length]).toEqual([what, 1]);
    }
  });
});

describe("option names", () => {
  it("that an operation does not take are refused by name", async () => {
    const ddfs = client();
    const wrong = { tokens: "x" } as object;
    const calls = [
      ddfs.get("x", wrong),
      ddfs.exists("x", wrong),
      ddfs.list("", wrong),
      ddfs.push("x", [], wrong),
      ddfs.chunk("x", [], wrong),
      ddfs.tag("x", [], wrong),
      ddfs.setattr("x", "a", "b", wrong),
      ddfs.walk("x", wrong).next(),
      ddfs.blobs("x", wrong).next(),
      ddfs.pull("x", undefined, wrong).next(),
      ddfs.records("x", wrong).next(),
      ddfs.verify("x", wrong).next(),
    ];

    for (const call of calls) {
      const error = await failure(call);
      expect([error.code, error.message.includes('"tokens"')]).toEqual(["invalid-argument", true]);
      expect(error.message).toContain("it takes signal, deadline");
    }
    expect(() => new DDFS("disco://m", { tokens: 5 } as object)).toThrow('"tokens"');
  });

  it("that are given without a value are none", async () => {
    expect(await client().list("", { tokens: undefined } as object)).toEqual([]);
  });
});
