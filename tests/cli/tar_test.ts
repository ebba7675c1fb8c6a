import { describe, it } from "@std/testing/bdd";
import { tarMembers } from "../../lib/cli/common/tar.ts";
import { expect } from "../helpers/expect.ts";

/** The paths and contents in an archive, which comes in parts of so many bytes. */
async function contents(archive: Uint8Array<ArrayBuffer>, part: number): Promise<Record<string, string>> {
  const parts = async function* () {
    for (let at = 0; at < archive.length; at += part) yield await archive.slice(at, at + part);
  };
  const found: Record<string, string> = {};
  for await (const member of tarMembers(parts(), "x.tar")) {
    let text = "";
    for await (const bytes of member.content()) text += new TextDecoder().decode(bytes);
    found[member.path] = text;
  }
  return found;
}

/** An archive that tar makes of files. */
async function archiveOf(files: Record<string, string>, format: string): Promise<Uint8Array<ArrayBuffer>> {
  const folder = await Deno.makeTempDir({ prefix: "ddfs-tar-" });
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
      await Deno.writeTextFile(`${folder}/${path}`, text);
    }
    const args = [`--format=${format}`, "-C", folder, "-cf", "-", ...Object.keys(files)];
    const { stdout, success } = await new Deno.Command("tar", { args }).output();
    if (!success) throw new Error("tar failed");
    return stdout;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const LONG = `${"a".repeat(90)}/${"b".repeat(90)}/é.txt`;
const FILES = { "a.txt": "one\ntwo\n", "dir/empty": "", [LONG]: "x".repeat(1500) };

describe("a tar archive", () => {
  for (const format of ["ustar", "pax", "gnu"]) {
    it(`in the format ${format} gives its files, however it is cut up`, async () => {
      const archive = await archiveOf(FILES, format);
      for (const part of [7, 512, 1 << 20]) expect(await contents(archive, part)).toEqual(FILES);
    });
  }

  it("that is passed over gives the members behind", async () => {
    const archive = await archiveOf(FILES, "pax");
    const paths: string[] = [];
    const parts = async function* () {
      yield await archive;
    };
    for await (const { path } of tarMembers(parts(), "x.tar")) paths.push(path);
    expect(paths).toEqual(Object.keys(FILES));
  });

  it("that ends too early, or is none, is an error", async () => {
    const archive = await archiveOf({ "a.txt": "x".repeat(5000) }, "ustar");
    await expect(contents(archive.slice(0, 2000), 512)).rejects.toThrow("ends too early");
    await expect(contents(new Uint8Array(1024).fill(65), 512)).rejects.toThrow("no tar archive");
  });
});
