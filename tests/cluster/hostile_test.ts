import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { codec } from "../../lib/codec/mod.ts";
import { DDFS, type DDFSOptions } from "../../mod.ts";
import { joined } from "../helpers/bytes.ts";
import { all, failure, json, settled } from "../helpers/fakes.ts";
import { storedHunk } from "../helpers/hunks.ts";

const BLOB = "http://a/ddfs/vol0/blob/00/log$1-2-3";

/** A client whose master has one tag with some URLs, and whose nodes answer all with the same body. */
function client(urls: string[][], body: () => BodyInit = () => "", options: DDFSOptions = {}) {
  const fetch = (request: Request): Promise<Response> => {
    if (!request.url.includes("/ddfs/tag/")) return Promise.resolve(new Response(body()));
    return Promise.resolve(json({ version: 1, id: "x$1-2-3", "last-modified": "now", urls, "user-data": {} }));
  };
  return new DDFS("disco://m", { settings: {}, fetch, retry: { tries: 1 }, random: () => 0, ...options });
}

/** The header of a hunk, with any sizes in it. */
function header(length: bigint, compressed = 1): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(14);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 0x81);
  view.setUint8(1, compressed);
  view.setBigUint64(6, length, true);
  return bytes;
}

/** A body that never ends, and counts what is taken of it. */
function endless(part: string) {
  const taken = { bytes: 0, cancelled: false };
  const bytes = new TextEncoder().encode(part.repeat(1 << 14));
  const stream = () =>
    new ReadableStream<Uint8Array>({
      pull(controller) {
        taken.bytes += bytes.length;
        controller.enqueue(bytes);
      },
      cancel: () => void (taken.cancelled = true),
    });
  return { taken, stream };
}

describe("records() of a hostile node", () => {
  for (const length of [2n ** 63n, 2n ** 64n - 1n, 2n ** 40n]) {
    it(`refuses a hunk that claims ${length} bytes before it takes memory`, async () => {
      const ddfs = client([[BLOB]], () => header(length));

      const error = await failure(all(ddfs.records("tag://x", { workers: 0 })));

      expect(error.code).toBe("corrupt-hunk");
      expect(error.message).toContain(`its header claims ${length} bytes`);
    });
  }

  it("stops an inflate bomb at maxHunkSize", async () => {
    const bomb = codec("js").deflate(new Uint8Array(64 << 20));
    const ddfs = client([[BLOB]], () => joined([header(BigInt(bomb.length)), bomb]));

    const error = await failure(all(ddfs.records("tag://x", { workers: 0, maxHunkSize: 1 << 20 })));

    expect(bomb.length).toBeLessThan(1 << 20);
    expect(error.message).toContain("more than the 1048576 bytes that are accepted");
  });

  for (
    const [what, pickle] of Object.entries({
      "100,000 lists in each other": `${"(".repeat(100_000)}${"l".repeat(100_000)}.`,
      "a list that holds itself": "]q\0h\0a.",
      "a call of os.system": "cos\nsystem\n(S'true'\ntR.",
      "a string that claims 4 GiB": "T\xff\xff\xff\x7f.",
    })
  ) {
    it(`ends in values or a typed error for ${what}`, async () => {
      const bytes = Uint8Array.from(pickle, (character) => character.charCodeAt(0));
      const ddfs = client([[BLOB]], () => joined([storedHunk(bytes), storedHunk(new Uint8Array(0))]));

      const ended = await all(ddfs.records("tag://x", { workers: 0 })).catch((error) => error);

      expect(Array.isArray(ended) ? ended.length : ended.code).toBe(Array.isArray(ended) ? 1 : "corrupt-hunk");
    });
  }
});

describe("a hostile master", () => {
  it("cannot make the client read an error for ever", async () => {
    const { stream, taken } = endless("x");
    const fetch = () => Promise.resolve(new Response(stream(), { status: 500 }));

    const error = await failure(new DDFS("disco://m", { settings: {}, fetch }).get("x"));
    await settled();

    expect(error.code).toBe("server-error");
    expect(error.message.length).toBeLessThan(3000);
    expect(taken).toMatchObject({ cancelled: true });
    expect(taken.bytes).toBeLessThan(1 << 18);
  });

  it("cannot make the client read JSON for ever", async () => {
    const { stream, taken } = endless("[".padEnd(256));
    const fetch = () => Promise.resolve(new Response(stream()));

    const error = await failure(new DDFS("disco://m", { settings: {}, fetch }).get("x"));
    await settled();

    expect(error.code).toBe("bad-answer");
    expect(error.message).toContain("it exceeds 268435456 bytes");
    expect(taken.cancelled).toBe(true);
  });

  it("cannot send JSON too deep to read", async () => {
    const fetch = () => Promise.resolve(new Response(`${"[".repeat(200_000)}${"]".repeat(200_000)}`));

    expect((await failure(new DDFS("disco://m", { settings: {}, fetch }).list())).code).toBe("bad-answer");
  });

  it("cannot have a blob put to an address that is none", async () => {
    for (const url of ["http://\0/", "file:///etc/passwd", "javascript:1", "http:///x", "//a/b", 5, null]) {
      const fetch = () => Promise.resolve(json([url]));
      const ddfs = new DDFS("disco://m", { settings: {}, fetch });
      expect((await failure(ddfs.push("x", [[new Blob(["1"]), "n"]]))).code).toBe("bad-answer");
    }
  });
});

describe("a graph of tags", () => {
  const graph = (links: (name: string) => string[]) => {
    const fetch = (request: Request): Promise<Response> => {
      const name = new URL(request.url).pathname.slice("/ddfs/tag/".length);
      const urls = links(name).map((link) => [`tag://${link}`]);
      return Promise.resolve(json({ version: 1, id: `${name}$1-2-3`, "last-modified": "now", urls, "user-data": {} }));
    };
    return new DDFS("disco://m", { settings: {}, fetch });
  };

  it("of 10,000 levels is walked to its end", async () => {
    const ddfs = graph((name) => name === "t9999" ? [] : [`t${Number(name.slice(1)) + 1}`]);

    let [count, depth] = [0, 0];
    for await (const { path } of ddfs.walk("t0")) [count, depth] = [count + 1, path.length];

    expect([count, depth]).toEqual([10_000, 10_000]);
  });

  it("with cycles ends, each tag once", async () => {
    const ddfs = graph((name) => name === "a" ? ["b", "c", "a"] : name === "b" ? ["a", "c"] : ["b"]);

    expect((await all(ddfs.walk("a"))).map(({ path }) => path.at(-1))).toEqual(["tag://a", "tag://b", "tag://c"]);
  });

  it("that grows for ever stops when the caller does", async () => {
    const ddfs = graph((name) => [`${name}1`, `${name}2`]);

    let count = 0;
    for await (const _ of ddfs.walk("t")) if (++count === 50) break;

    expect(count).toBe(50);
  });
});

describe("a name", () => {
  const NAMES = ["a\r\nx-evil: 1", "a?b", "a#b", "a/../b", "a/b", "a%2fb", "a b", "", ".", "..", "-", "x".repeat(512)];

  it("cannot add to a URL or a header", async () => {
    const asked: Request[] = [];
    const fetch = (request: Request) => {
      asked.push(request);
      return Promise.resolve(json([]));
    };
    const ddfs = new DDFS("disco://m", { settings: {}, fetch, retry: { tries: 1 } });

    for (const name of NAMES) {
      for (
        const operation of [
          () => ddfs.get(name),
          () => ddfs.get(`tag://m/${name}`),
          () => ddfs.tag(name, ["tag://x"]),
          () => ddfs.push("x", [[new Blob(["1"]), name]]),
          () => ddfs.push("x", [[new Blob(["1"]), "n"]], { forceOn: [name] }),
        ]
      ) {
        expect((await failure(operation())).name).toMatch(/Error$/);
      }
    }

    const plain = /^http:\/\/m:8989\/ddfs\/(new_blob\/(n|-)(\?include=[.x-]+)?|tag\/-)$/;
    expect(asked.map(({ url }) => url).filter((url) => !plain.test(url))).toEqual([]);
  });

  it("of an attribute is sent as it is, in one part of the path", async () => {
    const asked: string[] = [];
    const fetch = (request: Request) => {
      asked.push(new URL(request.url).pathname);
      return Promise.resolve(json("v"));
    };
    const ddfs = new DDFS("disco://m", { settings: {}, fetch });

    for (const name of ["a/b", "a?b", "a#b", "a\r\nb: c", "%2e%2e"]) await ddfs.getattr("x", name);

    expect(asked).toEqual(
      ["a%2Fb", "a%3Fb", "a%23b", "a%0D%0Ab%3A%20c", "%252e%252e"].map((name) => `/ddfs/tag/x/${name}`),
    );
  });
});
