import { after, before, describe, it } from "@std/testing/bdd";
import { embedded } from "../../lib/embedded/mod.ts";
import { DDFS } from "../../mod.ts";
import { expect } from "../helpers/expect.ts";
import { all, failure } from "../helpers/fakes.ts";

function client(): DDFS {
  const { fetch, master } = embedded();
  return new DDFS(master, { settings: {}, fetch });
}

/** The path of a device without content: in some sandboxes /dev/null is a file, with what others have thrown away. */
async function emptyDevice(folder: string): Promise<string> {
  if ((await Deno.stat("/dev/null")).isCharDevice) return "/dev/null";
  await new Deno.Command("mknod", { args: [`${folder}/null`, "c", "1", "3"] }).output();
  return `${folder}/null`;
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

    await ddfs.push("data:p", [
      "/proc/self/status",
      await emptyDevice(folder),
      "/sys/kernel/mm/transparent_hugepage/enabled",
    ]);

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
