import { describe, it } from "@std/testing/bdd";
import { turn } from "../../lib/base/turn.ts";
import { type Embedded, embedded, type EmbeddedOptions } from "@ddfs/client/embedded";
import { MASTER, said, settled, STORES, toTag } from "../helpers/embedded_stores.ts";
import { expect } from "../helpers/expect.ts";

/** A request to a tag whose body begins like this, and goes on when it is told to. */
function sending(
  ddfs: Embedded,
  beginning: string,
  { method = "POST", path = "data", token = "" }: { method?: string; path?: string; token?: string } = {},
): { answer: Promise<[status: number, text: string]>; send(text: string): void; end(): void; isCancelled(): boolean } {
  let isCancelled = false;
  let source: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      source = controller;
      controller.enqueue(new TextEncoder().encode(beginning));
    },
    cancel: () => void (isCancelled = true),
  });
  const headers = token === "" ? {} : { Authorization: `Basic ${btoa(`token:${token}`)}` };
  return {
    answer: said(ddfs.fetch(`${MASTER}/ddfs/tag/${path}`, { method, body, headers })),
    send: (text) => source?.enqueue(new TextEncoder().encode(text)),
    end: () => source?.close(),
    isCancelled: () => isCancelled,
  };
}

async function using(options: EmbeddedOptions, task: (ddfs: Embedded) => Promise<void>): Promise<void> {
  const ddfs = embedded(options);
  try {
    await task(ddfs);
  } finally {
    await ddfs.close();
  }
}

const NO_SETS: [number, string] = [403, "Invalid url object"];
/** More than is read before the body is looked at. */
const MANY = `[["disco://a/b"]${',["disco://a/b"]'.repeat(20_000)}`;

describe("a body that does not end", () => {
  for (
    const [what, next] of [
      ["a list in a set", ',["a",['],
      ["a list in a list in a set", ",[[["],
      ["an object", ",{"],
      ["a number in a set", ",[1"],
      ["a text that is no set", ',"a"'],
      ["one comma too many", ",,"],
      ["a line's end in a text", ',["a\n'],
      ["something after the list", '],["a"]'],
    ] as const
  ) {
    it(`is refused at the first byte of ${what}`, () =>
      using({}, async (ddfs) => {
        const request = sending(ddfs, MANY + next);

        expect(await request.answer).toEqual(NO_SETS);

        expect(request.isCancelled()).toBe(true);
        expect((await toTag(ddfs, "GET", "data")).status).toBe(404);
      }));
  }

  it("is refused at the first byte when a tag is replaced, too", () =>
    using({}, async (ddfs) => {
      const request = sending(ddfs, `${MANY},[[`, { method: "PUT" });

      expect(await request.answer).toEqual([403, "Invalid attribute key or value"]);
    }));

  it("is refused when it has too many sets, however small they are", () =>
    using({}, async (ddfs) => {
      const request = sending(ddfs, `[${"[],".repeat(8_400_000)}`);

      expect(await request.answer).toEqual(NO_SETS);

      expect(request.isCancelled()).toBe(true);
    }));

  it("is refused when a set or the space between two has no end", () =>
    using({}, async (ddfs) => {
      expect(await sending(ddfs, `${MANY},["${"x".repeat(1_400_000)}`).answer).toEqual(NO_SETS);
      expect(await sending(ddfs, MANY + " ".repeat(1_400_000)).answer).toEqual(NO_SETS);
    }));

  it("is refused before it is read by those without the tag's token", () =>
    using({}, async (ddfs) => {
      await toTag(ddfs, "POST", "data", [["a"]], "secret");

      for (const method of ["POST", "PUT"]) {
        const request = sending(ddfs, MANY, { method, token: "wrong" });
        expect((await request.answer)[0]).toBe(401);
        expect(request.isCancelled()).toBe(true);
      }
      const request = sending(ddfs, MANY, { token: "secret" });
      request.send("]");
      request.end();
      expect((await request.answer)[0]).toBe(200);
    }));

  it("is refused when it is an attribute, a token or a node's name, and much longer than one can be", () =>
    using({}, async (ddfs) => {
      const text = `"${"x".repeat(300_000)}`;
      const invalid = [403, "Invalid attribute key or value"];

      const attribute = sending(ddfs, text, { method: "PUT", path: "data/color" });
      expect(await attribute.answer).toEqual([403, "Attribute value too big."]);
      expect(attribute.isCancelled()).toBe(true);
      expect(await sending(ddfs, text, { method: "PUT", path: "data/ddfs:read-token" }).answer).toEqual(invalid);
      expect(await sending(ddfs, text, { path: "../../disco/ctrl/blacklist" }).answer).toEqual([
        403,
        "Invalid request.",
      ]);
    }));

  it("does not hold more memory with others than one may", () =>
    using({ limits: { tagBody: 900_000 } }, async (ddfs) => {
      const first = sending(ddfs, MANY + MANY.replace("[", ","), { path: "first" });
      await settled();
      expect(await sending(ddfs, MANY).answer).toEqual([503, "Too much is sent at the same time. Try again."]);

      first.send("]");
      first.end();

      expect((await first.answer)[0]).toBe(200);
      const again = sending(ddfs, MANY);
      again.send("]");
      again.end();
      expect((await again.answer)[0]).toBe(200);
    }));

  it("counts no longer when its source breaks off, or its request is refused", () =>
    using({ limits: { tagBody: 900_000 } }, async (ddfs) => {
      for (let i = 0; i < 10; i++) expect((await sending(ddfs, `${MANY},[[`).answer)[0]).toBe(403);
      const body = sending(ddfs, MANY);
      body.send("]");
      body.end();

      expect((await body.answer)[0]).toBe(200);
    }));
});

describe("a small body", () => {
  it("is held to the limit of sets, too", () =>
    using({ limits: { tagItems: 4 } }, async (ddfs) => {
      expect((await toTag(ddfs, "POST", "data", [["a"], ["b"]])).status).toBe(200);
      expect(await said(toTag(ddfs, "POST", "data", [["a"], [], ["b"]]))).toEqual(NO_SETS);
      expect((await toTag(ddfs, "PUT", "data", [["a", "b", "c", "d"]])).status).toBe(403);
    }));

  it("may be nothing but brackets", () =>
    using({}, async (ddfs) => {
      const deep = "[".repeat(100_000) + "]".repeat(100_000);
      const post = (body: string) => said(ddfs.fetch(`${MASTER}/ddfs/tag/data`, { method: "POST", body }));

      // Some runtimes refuse to parse it.
      expect((await post(deep))[0]).toBe(403);
      expect(await post("[".repeat(200_000))).toEqual([403, "Invalid request body."]);
    }));
});

for (const [name, use] of STORES) {
  describe(`a tag with very many sets (${name} store)`, () => {
    // More arguments than a call can have in any runtime; where they are stored does not count.
    const count = name === "memory" ? 1_000_000 : 250_000;

    it(`is taken, given back, appended to and replaced, ${count} sets at a time`, () =>
      use(async (ddfs) => {
        const post = (body: string, path = "data") =>
          said(ddfs.fetch(`${MASTER}/ddfs/tag/${path}`, { method: "POST", body }));
        const many = Array.from({ length: count }, (_, i) => `["disco://h/${i}"]`);

        expect((await post(`[${many.join(", ")}]`))[0]).toBe(200);
        expect((await post('[["tag://one"]]'))[0]).toBe(200);
        expect((await post('[["tag://one"],["tag://two"]]', "data?update=1"))[0]).toBe(200);

        const [, text] = await said(toTag(ddfs, "GET", "data/ddfs:urls"));
        expect(text === `[["tag://two"],["tag://one"],${many.join(",")}]`).toBe(true);
      }));

    it("leaves others their turns", () =>
      use(async (ddfs) => {
        const sets = Array.from({ length: 100_000 }, (_, i) => `["disco://host/ddfs/vol0/blob/00/${i}$1-2-3"]`);
        const [body, padded] = [`[${sets.join(",")}]`, `[ ${sets.join(" , ")}]`];
        // Sets are read in pieces of 256 KiB, 17 of them; where the tag's are not taken apart, there is nothing to be read in pieces.
        const requests: readonly [turns: number, string, string, string?][] = [
          [10, "POST", "data", body],
          [10, "PUT", "data", padded],
          [0, "POST", "data", '[["disco://host/ddfs/vol0/blob/00/new$1"]]'],
          [10, "POST", "data?update=1", '[["disco://host/ddfs/vol0/blob/00/newer$1"]]'],
          [0, "GET", "data"],
          [0, "PUT", "data/color", '"red"'],
        ];

        for (const [turns, method, path, body] of requests) {
          let isOver = false;
          const answer = said(
            ddfs.fetch(`${MASTER}/ddfs/tag/${path}`, { method, ...(body === undefined ? {} : { body }) }),
          )
            .finally(() => isOver = true);
          let served = 0;
          for (; !isOver; served++) {
            expect((await ddfs.fetch(`${MASTER}/ddfs/new_blob/log`)).status).toBe(200);
            await turn();
          }
          expect((await answer)[0]).toBe(200);
          expect([method, path, served > turns]).toEqual([method, path, true]);
        }
      }));
  });
}
