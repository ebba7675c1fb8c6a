import { after, before, describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { DDFS } from "../../mod.ts";
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

describe("paths", () => {
  let folder = "";

  before(async () => {
    folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/a file.txt`, "one\ntwo\n");
    await Deno.mkdir(`${folder}/sub`);
  });
  after(() => Deno.remove(folder, { recursive: true }));

  it("are pushed as they are, under their base names", async () => {
    const ddfs = client();

    await ddfs.push("data:x", [
      `${folder}/a file.txt`,
      [`${folder}/a file.txt`, "other"],
      new URL(`file://${folder}/a%20file.txt`),
    ]);

    const found: string[] = [];
    for await (const blob of ddfs.pull("data:x")) found.push(`${blob.name} ${await blob.text()}`);
    expect(found).toEqual(["a_file_txt one\ntwo\n", "other one\ntwo\n", "a_20file_txt one\ntwo\n"]);
  });

  it("are chunked by lines", async () => {
    const ddfs = client();

    await ddfs.chunk("data:x", [`${folder}/a file.txt`]);

    expect(await all(ddfs.records("data:x", { text: true }))).toEqual(["one\n", "two\n"]);
    expect(
      await all(ddfs.records(`${folder}/a file.txt`, {
        reader: async function* (bytes) {
          yield await new Response(bytes as ReadableStream<Uint8Array<ArrayBuffer>>).text();
        },
      })),
    ).toEqual(["one\ntwo\n"]);
  });

  it("that are not there, or are folders, are errors that name them; nothing is tagged", async () => {
    const ddfs = client();

    for (const path of [`${folder}/none`, `${folder}/sub`]) {
      const push = () => ddfs.push("data:x", [[new Blob(["1"]), "a"], path]);
      for (const call of [push, () => ddfs.chunk("data:x", [path])]) {
        const error = await failure(call());
        expect(error.code).toBe("source-failed");
        expect(error.message).toContain(path);
      }
    }
    expect(await ddfs.exists("data:x")).toBe(false);
  });

  it("are told from tags by a slash, as the error says", async () => {
    expect((await failure(client().chunk("data:x", ["bigfile.txt"]))).message).toContain(
      '(for a file, write "./bigfile.txt")',
    );
  });
});

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
