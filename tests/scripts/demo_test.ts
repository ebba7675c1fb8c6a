import { after, before, describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";

const DEMO = new URL("../../scripts/demo.ts", import.meta.url);
const decoder = new TextDecoder();

/** Runs the demo; its temporary folder is made inside `temp`. */
async function demo(
  temp: string,
  ...args: string[]
): Promise<{ code: number; out: string; err: string; left: string[] }> {
  const { code, stdout, stderr } = await command(temp, ...args).output();
  return { code, out: decoder.decode(stdout), err: decoder.decode(stderr), left: entries(temp) };
}

function command(temp: string, ...args: string[]): Deno.Command {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-all", "--quiet", DEMO.href, ...args],
    env: { TMPDIR: temp, TMP: temp, TEMP: temp, NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  });
}

function entries(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name);
}

/** Reads until a text has come; what came so far. */
async function until(reader: ReadableStreamDefaultReader<Uint8Array>, text: string): Promise<string> {
  let seen = "";
  while (!seen.includes(text)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`The output ended without ${text}: ${seen}`);
    seen += decoder.decode(value);
  }
  return seen;
}

async function rest(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  let seen = "";
  for (let { done, value } = await reader.read(); !done; { done, value } = await reader.read()) {
    seen += decoder.decode(value);
  }
  return seen;
}

describe("deno task demo", () => {
  let files: string;
  let temp: string;

  before(async () => {
    files = await Deno.makeTempDir();
    temp = await Deno.makeTempDir();
  });

  after(async () => {
    await Deno.remove(files, { recursive: true });
    await Deno.remove(temp, { recursive: true });
  });

  async function file(name: string, text: string): Promise<string> {
    await Deno.writeTextFile(`${files}/${name}`, text);
    return `${files}/${name}`;
  }

  it("chunks a file, reads it back the same, and leaves nothing behind", async () => {
    const path = await file("small.txt", "one\ntwo\r\n\nthe last line has no end");
    const { code, out, left } = await demo(temp, path);

    expect(out).toContain("4 lines, 34 bytes");
    // As sha256sum says.
    expect(out).toContain("479f0dc29298d6514cf6a2cafb47c3f218d565b1412285e5eca29d403f0b8543  the same as the source's");
    expect(out).toMatch(/disco:\/\/127\.0\.0\.1\/ddfs\/vol0\/blob\/[0-9a-f]{2}\/small_txt-0\$/);
    expect(out).toMatch(/vol0\/tag\/[0-9a-f]{2}\/data:demo\$/);
    expect({ code, left }).toEqual({ code: 0, left: [] });
  });

  it("makes a tag without blobs of an empty file", async () => {
    const { code, out, left } = await demo(temp, await file("empty.txt", ""));

    expect(out).toContain("empty: a tag without blobs");
    expect(out).toContain("the same as the source's");
    expect({ code, left }).toEqual({ code: 0, left: [] });
  });

  it("says that a file is not there", async () => {
    const { code, err, left } = await demo(temp, `${files}/none.txt`);

    expect(err).toContain(`There is no file ${files}/none.txt`);
    expect({ code, left }).toEqual({ code: 2, left: [] });
  });

  it("says that a folder is no file", async () => {
    const { code, err, left } = await demo(temp, files);

    expect(err).toContain(`${files} is a folder`);
    expect({ code, left }).toEqual({ code: 2, left: [] });
  });

  it("says which line is too long to be a record", async () => {
    const { code, err, left } = await demo(temp, await file("long.txt", "x".repeat(2 ** 20)));

    expect(err).toContain("1048576");
    expect(err).not.toContain("at async");
    expect({ code, left }).toEqual({ code: 1, left: [] });
  });

  for (const moment of ["DDFS", "Chunking", "Reading"]) {
    for (const [signal, expected] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
      it(`leaves nothing behind when ${signal} comes at "${moment}"`, async () => {
        const child = command(temp).spawn();
        const [out, err] = [child.stdout.getReader(), child.stderr.getReader()];
        // The rows are on standard output, the bars on standard error.
        let seen = await until(moment === "DDFS" ? out : err, moment);
        child.kill(signal);
        const [{ code }, errors] = await Promise.all([child.status, rest(err), rest(out)]);
        seen += errors;

        expect(seen).toContain(`Ended by ${signal}`);
        expect({ code, left: entries(temp) }).toEqual({ code: expected, left: [] });
      });
    }
  }
});
