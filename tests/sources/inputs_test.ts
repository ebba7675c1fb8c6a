import { after, before, describe, it } from "@std/testing/bdd";
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

describe("paths", () => {
  let folder = "";

  before(async () => {
    folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/a file.txt`, "one\ntwo\n");
    await Deno.mkdir(`${folder}/sub/below`, { recursive: true });
    await Deno.writeTextFile(`${folder}/sub/b.log`, "b\n");
    await Deno.writeTextFile(`${folder}/sub/below/c.log`, "c\n");
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
    expect(found).toEqual(["a_file_txt one\ntwo\n", "other one\ntwo\n", "a_file_txt one\ntwo\n"]);
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

  it("of a folder stand for the files in it and below it, which are called by their paths there", async () => {
    const ddfs = client();

    await ddfs.push("data:pushed", [`${folder}/sub`, [`${folder}/sub/`, "logs"]]);
    await ddfs.chunk("data:chunked", [`${folder}/sub`, [new URL(`file://${folder}/sub`), "logs"]]);

    const names = async (tag: string) => (await all(ddfs.pull(tag))).map(({ name }) => name);
    expect(await names("data:pushed")).toEqual(["b_log", "below:c_log", "logs:b_log", "logs:below:c_log"]);
    expect(await names("data:chunked")).toEqual(["b_log-0", "below:c_log-0", "logs:b_log-0", "logs:below:c_log-0"]);
    expect(await all(ddfs.records("data:chunked", { text: true }))).toEqual(["b\n", "c\n", "b\n", "c\n"]);
  });

  it("and URLs of a file give it the same name", async () => {
    const odd = "100% of a#b?c ü\\d.txt";
    await Deno.writeTextFile(`${folder}/${odd}`, "x\n");
    const ddfs = client();

    await ddfs.push("data:x", [`${folder}/${odd}`, new URL(`file://${folder}/${encodeURIComponent(odd)}`)]);

    const names = (await all(ddfs.pull("data:x"))).map(({ name }) => name);
    expect(names).toEqual(["100__of_a_b_c___d_txt", "100__of_a_b_c___d_txt"]);
  });

  const wrong = { "100%.txt": "%25 for %", "a#b": "%23 for #", "a?b": "%23 for #", "a%2Fb": "no name of a file" };
  for (const [name, advice] of Object.entries(wrong)) {
    it(`that are written as file: URLs with ${name} are refused with advice`, async () => {
      for (const call of [client().push("x", [`file:///${name}`]), client().chunk("x", [`file:///${name}`])]) {
        const error = await failure(call);

        expect([error.name, error.code]).toEqual(["DiscoError", "invalid-url"]);
        expect(error.message).toContain(advice);
      }
    });
  }

  it("on other machines are refused", async () => {
    expect((await failure(client().push("x", ["file://elsewhere/etc/hosts"]))).message).toContain("not here");
  });

  it("of files that grow are read as far as they were", async () => {
    const path = `${folder}/growing.log`;
    const line = `${"x".repeat(99)}\n`;
    for (const how of ["push", "chunk"] as const) {
      await Deno.writeTextFile(path, line.repeat(20_000));
      const ddfs = client();
      let isGrown = false;
      const onProgress = () => {
        if (!isGrown) Deno.writeTextFileSync(path, "more\n", { append: true });
        isGrown = true;
      };

      await ddfs[how]("data:x", [path], { onProgress });

      expect(isGrown).toBe(true);
      if (how === "chunk") expect((await all(ddfs.records("data:x"))).length).toBe(20_000);
      else for await (const blob of ddfs.pull("data:x")) expect((await blob.bytes()).length).toBe(2_000_000);
    }
  });

  it("of /proc and of devices are read to their ends", async () => {
    if (Deno.build.os !== "linux") return;
    const ddfs = client();

    await ddfs.push("data:p", ["/proc/self/status", "/dev/null", "/sys/kernel/mm/transparent_hugepage/enabled"]);

    const [status = "", nothing, setting] = await Promise.all(
      (await all(ddfs.pull("data:p"))).map((blob) => blob.text()),
    );
    expect(status).toMatch(/^Name:/);
    expect([nothing, setting?.includes("madvise")]).toEqual(["", true]);
  });

  it("of pipes are read once", async () => {
    if (Deno.build.os === "windows") return;
    await new Deno.Command("mkfifo", { args: [`${folder}/pipe`] }).output();
    const ddfs = client();
    const writer = new Deno.Command("sh", { args: ["-c", `printf 'one\\ntwo\\n' > ${folder}/pipe`] }).spawn();

    await ddfs.chunk("data:x", [`${folder}/pipe`]);
    await writer.status;

    expect(await all(ddfs.records("data:x", { text: true }))).toEqual(["one\n", "two\n"]);
    await Deno.remove(`${folder}/pipe`);
  });

  it("that are not there are errors that name them; nothing is tagged", async () => {
    const ddfs = client();

    for (const path of [`${folder}/none`, `file://${folder}/none`]) {
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
