import { describe, it } from "@std/testing/bdd";
import { type CommandPlace, inPlaceWith } from "../helpers/command.ts";
import { expect } from "../helpers/expect.ts";

/** Runs a test in a place of its own. */
const within = inPlaceWith({ "a.log": "one\ntwo\n", "dir/b.log": "bee\n" });

/** Makes a pipe with a name; it stands for devices, too, which only root makes. */
async function pipe(place: CommandPlace, path: string): Promise<void> {
  await new Deno.Command("mkfifo", { args: [`${place.folder}/${path}`] }).output();
}

describe("pull", () => {
  it("takes any number of jobs", () =>
    within(async (place) => {
      await place.ddfs(["push", "data:a", "a.log"]);

      expect(await place.ddfs(["pull", "-q", "-J", "5000000000", "data:a", "got"])).toEqual({
        status: 0,
        out: "",
        err: "",
      });
    }));
});

describe("what is neither a file nor a folder", () => {
  it("is not replaced by pull", () =>
    within(async (place) => {
      await place.ddfs(["push", "data:a", "a.log"]);
      await Deno.mkdir(`${place.folder}/got`);
      await pipe(place, "got/a_log");
      await Deno.symlink("a_log", `${place.folder}/got/link`);
      await place.ddfs(["push", "data:l", "-=link"], { stdin: "x" });

      for (const [tag, name] of [["data:a", "a_log"], ["data:l", "link"]] as const) {
        const { status, err } = await place.ddfs(["pull", tag, "got"]);
        expect([status, err]).toEqual([1, `ddfs: got/${name} is there, and no file: it is not replaced\n`]);
      }

      expect((await Deno.lstat(`${place.folder}/got/a_log`)).isFifo).toBe(true);
      expect((await Deno.lstat(`${place.folder}/got/link`)).isSymlink).toBe(true);
      expect([...Deno.readDirSync(`${place.folder}/got`)].length).toBe(2);
    }));

  it("is passed over in folders", () =>
    within(async (place) => {
      await pipe(place, "dir/pipe");

      expect((await place.ddfs(["push", "-r", "data:a", "dir"])).status).toBe(0);
      expect((await place.ddfs(["chunk", "-r", "data:b", "./dir"])).status).toBe(0);

      expect((await place.ddfs(["cat", "data:a"])).out).toBe("bee\n");
      expect((await place.ddfs(["xcat", "data:b"])).out).toBe("bee\n");
    }));

  it("cannot be gone on with", () =>
    within(async (place) => {
      await pipe(place, "pipe");

      for (const args of [["push", "data:a", "pipe"], ["chunk", "data:b", "./pipe"]]) {
        const { status, err } = await place.ddfs([...args, "--resume"]);
        expect([status, err]).toEqual([2, expect.stringContaining("--resume: only files")]);
      }
    }));

  it("as a token file is warned of no more than a secret pipe is", () =>
    within(async (place) => {
      await pipe(place, "token");
      await Deno.chmod(`${place.folder}/token`, 0o644);
      const written = Deno.writeTextFile(`${place.folder}/token`, "secret\n");

      expect(await place.ddfs(["ls", "--token-file", "token"])).toEqual({ status: 0, out: "", err: "" });
      await written;
    }));
});
