import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { DiscoError } from "../../lib/errors.ts";
import { type BodyLimits, piecesOf } from "../../lib/embedded/bodies.ts";
import { Closing } from "../../lib/embedded/closing.ts";
import { joined, numbered, sha256 } from "../helpers/bytes.ts";
import { handTimer, until } from "../helpers/embedded_stores.ts";

const PIECE = 1 << 18;

function limits(changes: Partial<BodyLimits> = {}): BodyLimits {
  return { size: 2 ** 30, stall: 1000, after: () => () => {}, closing: new Closing(), ...changes };
}

function request(body: BodyInit, headers: HeadersInit = {}): Request {
  return new Request("http://localhost/", { method: "PUT", body, headers, duplex: "half" } as RequestInit);
}

async function read(request: Request, changes?: Partial<BodyLimits>): Promise<Uint8Array<ArrayBuffer>[]> {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  for await (const piece of piecesOf(request, limits(changes))) pieces.push(piece);
  return pieces;
}

/** A stream of such parts that does what it is told after them. */
type Make = (
  parts: readonly Uint8Array<ArrayBuffer>[],
  then?: (controller: ReadableByteStreamController | ReadableStreamDefaultController<Uint8Array>) => unknown,
  cancel?: (reason: unknown) => void,
) => ReadableStream<Uint8Array>;

const end: Parameters<Make>[1] = (controller) => {
  controller.close();
  if ("byobRequest" in controller) controller.byobRequest?.respond(0);
};

const STREAMS: Readonly<Record<string, Make>> = {
  "parts": (parts, then = end, cancel = () => {}) => {
    const left = parts.values();
    return new ReadableStream({
      pull(controller) {
        const part = left.next().value;
        return part === undefined ? then(controller) as Promise<void> : controller.enqueue(part);
      },
      cancel,
    }, { highWaterMark: 0 });
  },
  "bytes": (parts, then = end, cancel = () => {}) => {
    const left = parts.filter(({ length }) => length > 0).values();
    let rest = new Uint8Array();
    return new ReadableStream({
      type: "bytes",
      pull(controller) {
        if (rest.length === 0) rest = left.next().value ?? rest;
        if (rest.length === 0) return then(controller) as Promise<void>;
        const view = controller.byobRequest?.view;
        if (!(view instanceof Uint8Array)) {
          controller.enqueue(rest.slice());
          rest = new Uint8Array();
          return;
        }
        const part = rest.subarray(0, view.length);
        view.set(part);
        rest = rest.subarray(part.length);
        controller.byobRequest?.respond(part.length);
      },
      cancel,
    });
  },
};

for (const [kind, make] of Object.entries(STREAMS)) {
  describe(`the body of a request that is a stream of ${kind}`, () => {
    it("is read whole, in pieces of 256 KiB and a rest, whatever parts it comes in", async () => {
      const parts = [1, 65_536, 3 * PIECE, 7, PIECE - 1].map(numbered);

      const pieces = await read(request(make(parts)));

      expect(pieces.map(({ length }) => length)).toEqual([PIECE, PIECE, PIECE, PIECE, 65_543]);
      expect(await sha256(joined(pieces))).toBe(await sha256(joined(parts)));
    });

    it("is read into memory of its announced size", async () => {
      const body = make([numbered(PIECE), numbered(100_000)]);

      const pieces = await read(request(body, { "Content-Length": String(PIECE + 100_000) }));

      expect(pieces.map(({ length, buffer }) => [length, buffer.byteLength])).toEqual([[PIECE, PIECE], [
        100_000,
        100_000,
      ]]);
    });

    it("takes no more memory than it needs when it is small", async () => {
      const pieces = await read(request(make([numbered(600), numbered(400)]), { "Content-Length": "1000" }));

      expect(pieces.map(({ length, buffer }) => [length, buffer.byteLength])).toEqual([[1000, 1000]]);
    });

    it("keeps no memory of who sends it", async () => {
      const part = numbered(10);

      const [piece] = await read(request(make([part])));
      part.fill(255);

      expect(piece).toEqual(numbered(10));
    });

    it("may be empty", async () => {
      expect(await read(request(make([])))).toEqual([]);
    });

    it("fails when it is shorter or longer than announced, at whichever byte", async () => {
      for (const size of [0, 9, PIECE - 1]) {
        const announced = { "Content-Length": String(size + 1) };
        await expect(read(request(make([numbered(size)]), announced))).rejects.toThrow(
          `the body ended after ${size} of ${size + 1} bytes`,
        );
      }
      for (const size of [0, 9, PIECE]) {
        const announced = { "Content-Length": String(size) };
        await expect(read(request(make([numbered(size), numbered(1)]), announced))).rejects.toThrow(
          `the body has more than the announced ${size} bytes`,
        );
      }
    });

    it("fails when it is larger than the limit, and its source learns of it", async () => {
      let cancelled = false;
      const body = make([numbered(6), numbered(6)], () => {}, () => cancelled = true);

      await expect(read(request(body), { size: 5 })).rejects.toThrow("the body is larger than 5 bytes");

      await until(() => cancelled);
    });

    it("fails when it breaks off, without the words of its source", async () => {
      for (const error of [new Error("secret"), new DiscoError("tag://secret@host/x", { code: "source-failed" })]) {
        const body = make([numbered(6)], (controller) => controller.error(error));

        await expect(read(request(body))).rejects.toThrow(/^the body broke off$/);
      }
    });

    it("fails when no byte comes for too long, and its source learns of it", async () => {
      const timer = handTimer();
      let cancelled = false;
      let isWaiting = false;
      const body = make([numbered(6)], () => (isWaiting = true, new Promise(() => {})), () => cancelled = true);

      const reading = expect(read(request(body), { after: timer.after, stall: 5000 })).rejects
        .toThrow("no byte came for 5000 ms");
      await until(() => isWaiting && timer.waiting().includes(5000));
      timer.fire();

      await reading;
      expect(cancelled).toBe(true);
    });

    it("fails when the request is aborted or the DDFS closes, and its source learns of it", async () => {
      const abort = new AbortController();
      const closing = new Closing();
      for (
        const [changes, stop] of [[{ signal: abort.signal }, () => abort.abort()], [
          { closing },
          () => closing.begin(),
        ]] as const
      ) {
        let isWaiting = false;
        let cancelled = false;
        const wait = () => (isWaiting = true, new Promise(() => {}));
        const reading = expect(read(request(make([numbered(6)], wait, () => cancelled = true)), changes)).rejects
          .toThrow("the request was aborted");
        await until(() => isWaiting);

        stop();

        await reading;
        expect(cancelled).toBe(true);
      }
    });
  });
}

describe("the body of a request", () => {
  it("is read straight into memory where it is large and its length is known: of what has none, Deno's server keeps ever more; what is small it has whole", async () => {
    const isGivenMemory = async (size: number, headers: HeadersInit) => {
      const given: boolean[] = [];
      let left = size;
      const body = new ReadableStream({
        type: "bytes",
        pull(controller) {
          given.push(controller.byobRequest !== null);
          if (left === 0) return end(controller) as undefined;
          const view = controller.byobRequest?.view;
          const length = Math.min(left, view?.byteLength ?? left);
          left -= length;
          if (view) controller.byobRequest?.respond(length);
          else controller.enqueue(new Uint8Array(length));
        },
      });
      await read(request(body, headers));
      return given[0];
    };

    expect(await isGivenMemory(100_000, { "Content-Length": "100000" })).toBe(true);
    expect(await isGivenMemory(100_000, {})).toBe(false);
    expect(await isGivenMemory(3, { "Content-Length": "3" })).toBe(false);
  });

  it("may be made of bytes of another realm, as in tests that run with jsdom", async () => {
    const { prototype } = Uint8Array;
    const other = Object.create(Object.getPrototypeOf(prototype), Object.getOwnPropertyDescriptors(prototype));
    const bytes: Uint8Array<ArrayBuffer> = Object.setPrototypeOf(Uint8Array.of(1, 2, 3), other);
    const body = STREAMS["parts"]?.([bytes]);
    if (body === undefined) throw new Error("there is no such stream");

    expect(bytes instanceof Uint8Array).toBe(false);
    expect(await read({ body, headers: new Headers() } as Request)).toEqual([Uint8Array.of(1, 2, 3)]);
  });

  it("fails when it is not made of bytes", async () => {
    const body = STREAMS["parts"]?.(["text" as unknown as Uint8Array<ArrayBuffer>]);
    if (body === undefined) throw new Error("there is no such stream");

    await expect(read({ body, headers: new Headers() } as Request)).rejects.toThrow("the body is not made of bytes");
  });
});
