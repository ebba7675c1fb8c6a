import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { type ByteSource, DDFS } from "../../mod.ts";
import { all, failure } from "../helpers/fakes.ts";

const files: Record<string, BodyInit> = {};

/** An embedded DDFS, and beside it hosts that serve what `files` has by URL. */
function client(): DDFS {
  const { fetch, master } = embedded();
  return new DDFS(master, {
    settings: {},
    fetch: async (request) => {
      const body = files[request.url];
      return body === undefined ? await fetch(request) : new Response(body);
    },
  });
}

async function gzipped(text: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(
    await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer(),
  );
}

describe("URLs", () => {
  it("are read as lines", async () => {
    files["http://web/some/log.txt"] = "one\ntwo";
    const ddfs = client();

    await ddfs.chunk("data:x", ["http://web/some/log.txt", new URL("http://web/some/log.txt")]);

    expect(await all(ddfs.records("data:x", { text: true }))).toEqual(["one\n", "two", "one\n", "two"]);
    expect((await all(ddfs.pull("data:x"))).map(({ name }) => name)).toEqual(["log_txt-0", "log_txt-0"]);
  });

  it("of dir:// name an index of inputs, gzipped or not", async () => {
    const index = "a http://web/part-1 5\nb http://web/part-2 5\n";
    files["http://node:8989/disco/index"] = index;
    files["http://node:8989/disco/index.gz"] = await gzipped(index);
    files["http://web/part-1"] = "one\n";
    files["http://web/part-2"] = "two\n";

    for (const url of ["dir://node:8989/disco/index", "dir://node:8989/disco/index.gz"]) {
      const ddfs = client();
      await ddfs.chunk("data:x", [url]);
      expect(await all(ddfs.records("data:x", { text: true }))).toEqual(["one\n", "two\n"]);
    }
  });

  it("of dir:// whose index is no index are an error, and files of this machine are not read for it", async () => {
    files["http://node:8989/bad"] = "just text\n";
    files["http://node:8989/local"] = "a file:///etc/passwd 5\n";
    files["http://node:8989/bad.gz"] = "not gzip";

    for (const path of ["bad", "local", "bad.gz"]) {
      const error = await failure(client().chunk("data:x", [`dir://node:8989/${path}`]));
      expect([error.code, error.url]).toEqual(["source-failed", `dir://node:8989/${path}`]);
    }
  });

  it("of raw:// are the text itself", async () => {
    const ddfs = client();

    await ddfs.chunk("data:x", ["raw://some text\nmore"]);

    expect(await all(ddfs.records("data:x", { text: true }))).toEqual(["some text\n", "more"]);
  });

  for (const source of ["ftp://host/x", "disco:///x", "dir:///x", "", "http://"]) {
    it(`like ${JSON.stringify(source)} are refused by name`, async () => {
      const error = await failure(client().chunk("data:x", [source]));

      expect(error.name).toBe("DiscoError");
      expect(error.message).toContain(JSON.stringify(source));
    });
  }

  it("are not for push(), which says what is", async () => {
    expect((await failure(client().push("data:x", ["http://web/x"]))).message).toContain(
      "push() stores files; chunk() reads URLs and tags",
    );
  });
});

describe("sources", () => {
  for (const source of [null, 5, {}, [], [1], [""]]) {
    it(`that are ${JSON.stringify(source)} are refused`, async () => {
      expect((await failure(client().chunk("data:x", [source as unknown as string]))).message).toContain(
        "Invalid source",
      );
      expect((await failure(client().push("data:x", [[source, "name"] as unknown as string]))).message).toContain(
        "Invalid source",
      );
    });
  }

  it("that are no list are refused", async () => {
    expect((await failure(client().push("data:x", "./x" as unknown as string[]))).message).toContain(
      "push(tag, [source])",
    );
  });

  it("that are streams can be given once", async () => {
    const stream = new Blob(["x"]).stream();

    expect((await failure(client().push("data:x", [[stream, "a"], [stream, "b"]]))).message).toContain(
      "A stream can be read once",
    );
  });

  it("that are bytes are chunked where they are; when they are taken away meanwhile, that is an error, and nothing is tagged", async () => {
    const ddfs = client();
    const bytes = new TextEncoder().encode("a line of text\n".repeat(200_000));
    let isTaken = false;
    const onProgress = () => {
      if (!isTaken) structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
      isTaken = true;
    };

    const error = await failure(ddfs.chunk("data:bytes", [[bytes, "bytes"]], { onProgress }));

    expect(error.code).toBe("source-failed");
    expect(error.message).toContain("changed from 3000000 bytes");
    expect(await ddfs.exists("data:bytes")).toBe(false);
  });

  const bytes = () => new TextEncoder().encode("a\nb\n");
  const shared = () => {
    const memory = new Uint8Array(new SharedArrayBuffer(4));
    memory.set(bytes());
    return memory;
  };
  const kinds: Record<string, () => ByteSource> = {
    "a DataView": () => new DataView(bytes().buffer),
    "numbers of 16 bits": () => new Uint16Array(bytes().buffer),
    "a buffer": () => bytes().buffer,
    "shared memory": () => shared().buffer,
    "a view of shared memory": shared,
    "memory that can grow": () => {
      const buffer = new (ArrayBuffer as unknown as new (size: number, options: object) => ArrayBuffer)(4, {
        maxByteLength: 9,
      });
      new Uint8Array(buffer).set(bytes());
      return new Uint8Array(buffer);
    },
    "a Blob of another realm": () => {
      const blob = new Blob([bytes()]);
      return Object.setPrototypeOf({
        size: blob.size,
        stream: () => blob.stream(),
        slice: () => blob,
        arrayBuffer: () => blob.arrayBuffer(),
        [Symbol.toStringTag]: "Blob",
      }, null);
    },
    "a generator": async function* () {
      yield bytes();
    },
    "a stream of buffers": () =>
      new ReadableStream({
        start(controller) {
          controller.enqueue(bytes().buffer as unknown as Uint8Array);
          controller.close();
        },
      }),
  };
  for (const [kind, source] of Object.entries(kinds)) {
    it(`that are ${kind} are pushed, chunked, and read`, async () => {
      const ddfs = client();
      const reader = async function* (stream: ReadableStream<Uint8Array>) {
        yield await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).text();
      };

      if (!kind.includes("realm")) await ddfs.push("data:pushed", [[source(), "x"]]);
      await ddfs.chunk("data:chunked", [[source(), "x"]]);

      for await (const blob of ddfs.pull("data:chunked")) expect(blob.name).toBe("x-0");
      if (!kind.includes("realm")) {
        for await (const blob of ddfs.pull("data:pushed")) expect(await blob.text()).toBe("a\nb\n");
      }
      expect(await all(ddfs.records("data:chunked", { text: true }))).toEqual(["a\n", "b\n"]);
      expect(await all(ddfs.records(source(), { reader }))).toEqual(["a\nb\n"]);
    });
  }

  it("that are bytes whose memory is elsewhere are refused", async () => {
    const gone = bytes();
    structuredClone(gone, { transfer: [gone.buffer] });

    for (const source of [gone, gone.buffer]) {
      for (const call of [client().push("x", [[source, "a"]]), client().chunk("x", [[source, "a"]])]) {
        const error = await failure(call);
        expect([error.code, error.message.includes("transferred elsewhere")]).toEqual(["invalid-argument", true]);
      }
    }
  });

  it("that are files which were changed since they were picked are named", async () => {
    const changed = new File(["abc"], "picked.txt");
    const failing = () => {
      throw new DOMException("The requested file could not be read", "NotReadableError");
    };
    Object.defineProperties(changed, {
      arrayBuffer: { value: async () => await failing() },
      slice: { value: () => ({ arrayBuffer: async () => await failing() }) },
      stream: { value: () => new ReadableStream({ pull: failing }) },
    });
    const { master } = embedded();
    const { fetch } = embedded();
    const ddfs = new DDFS(master, {
      settings: {},
      fetch: (request) => request.method === "PUT" ? Promise.reject(new TypeError("Failed to fetch")) : fetch(request),
    });

    for (const call of [ddfs.push("data:x", [changed]), ddfs.chunk("data:x", [changed])]) {
      const error = await failure(call);
      expect([error.code, error.url]).toEqual(["source-failed", "picked.txt"]);
    }
  });

  it("that are iterables made by hand are read, and what they throw is their failure", async () => {
    const handMade = (next: () => unknown) =>
      ({ [Symbol.asyncIterator]: () => ({ next }) }) as AsyncIterable<Uint8Array>;
    const cluster = embedded();
    const ddfs = new DDFS(cluster.master, { fetch: cluster.fetch, settings: {} });
    const parts = [new TextEncoder().encode("one\n")];
    const broken = () => {
      throw new Error("no more");
    };

    await ddfs.push("x", [[handMade(() => ({ done: parts.length === 0, value: parts.pop() })), "n"]]);
    const texts: string[] = [];
    for await (const blob of ddfs.pull("x")) texts.push(await blob.text());

    expect(texts).toEqual(["one\n"]);
    const sources = () => [handMade(broken), { [Symbol.asyncIterator]: broken } as AsyncIterable<Uint8Array>];
    for (const source of sources()) {
      const { code, message } = await failure(ddfs.push("y", [[source, "n"]]));
      expect([code, message]).toEqual(["source-failed", expect.stringContaining("no more")]);
    }
    for (const source of sources()) {
      const { code, message } = await failure(ddfs.chunk("y", [[source, "n"]]));
      expect([code, message]).toEqual(["source-failed", expect.stringContaining("no more")]);
    }
  });

  it("that yield no bytes are errors", async () => {
    const stream = new ReadableStream({ pull: (controller) => controller.enqueue("text") });

    expect((await failure(client().chunk("data:x", [[stream, "a"]]))).message).toContain(
      "yields string where bytes (Uint8Array) are due",
    );
  });
});

describe("records()", () => {
  it("reads a corrupt hunk from another replica, and delivers no record twice", async () => {
    const { fetch, master } = embedded({ nodes: 2 });
    const events: string[] = [];
    let flipped = 0;
    const ddfs = new DDFS(master, {
      settings: {},
      onEvent: ({ type }) => events.push(type),
      fetch: async (request) => {
        const response = await fetch(request);
        if (request.method !== "GET" || !request.url.includes("/blob/") || flipped > 0) return response;
        flipped++;
        const bytes = new Uint8Array(await response.arrayBuffer());
        bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
        return new Response(bytes, { headers: response.headers });
      },
    });
    const text = Array.from({ length: 200_000 }, (_, i) => `line ${i}\n`).join("");
    await ddfs.chunk("data:x", [[new Blob([text]), "x"]], { replicas: 2 });

    expect((await all(ddfs.records("data:x", { text: true }))).join("") === text).toBe(true);
    expect(events).toEqual(["failover"]);
  });

  it("leaves a hunk out with ignoreCorrupt only when every replica is corrupt", async () => {
    const { fetch, master } = embedded();
    const ddfs = new DDFS(master, {
      settings: {},
      fetch: async (request) => {
        const response = await fetch(request);
        if (request.method !== "GET" || !request.url.includes("/blob/")) return response;
        const bytes = new Uint8Array(await response.arrayBuffer());
        bytes[20] = (bytes[20] ?? 0) ^ 1;
        return new Response(bytes, { headers: response.headers });
      },
    });
    await ddfs.chunk("data:x", [[new Blob(["one\n"]), "x"]]);
    const errors: string[] = [];

    expect((await failure(all(ddfs.records("data:x")))).code).toBe("corrupt-hunk");
    const options = { ignoreCorrupt: true, onCorrupt: ({ code }: { code: string }) => errors.push(code) };
    expect(await all(ddfs.records("data:x", options))).toEqual([]);
    expect(errors).toEqual(["corrupt-hunk"]);
  });
});
