import { describe, it } from "@std/testing/bdd";
import { inPlaceWith } from "../helpers/command.ts";
import { expect } from "../helpers/expect.ts";

/** Runs a test in a place of its own. */
const within = inPlaceWith({ "a.log": "one\ntwo\n", "dir/b.log": "bee\n" });

describe("ddfs help", () => {
  it("says of a command, and of all, what --help says", () =>
    within(async (place) => {
      for (const command of ["chunk", "serve", "ls"]) {
        const { out } = await place.ddfs([command, "--help"]);
        expect(await place.ddfs(["help", command])).toMatchObject({ status: 0, out });
      }
      const { out } = await place.ddfs(["--help"]);
      expect(await place.ddfs(["help"])).toMatchObject({ status: 0, out });
      expect(out).toContain('"ddfs help COMMAND"');
    }));
});

describe("an error", () => {
  it("without a master that was named says how to start one", () =>
    within(async (place) => {
      // Nobody listens on the port of DISCO_PORT.
      const { status, err } = await place.ddfs(["ls"], { env: { DISCO_MASTER: "", DISCO_PORT: "1" } });
      expect([status, err.includes("ddfs serve ./volume")]).toEqual([5, true]);
    }));

  it("with a proxy that does not answer names the proxy, and not a master", () =>
    within(async (place) => {
      const env = { DISCO_MASTER: "", DISCO_PROXY: "http://127.0.0.1:1" };
      const { status, err } = await place.ddfs(["ls"], { env });
      expect([status, err]).toEqual([5, expect.stringMatching(/is the proxy http:\/\/127\.0\.0\.1:1 there\?\n$/)]);
    }));

  it("about a tag hints at a file of that name", () =>
    within(async (place) => {
      await Deno.writeTextFile(`${place.folder}/access`, "x\n");
      const { status, err } = await place.ddfs(["chunk", "data:x", "access"]);
      expect([status, err.includes('write "./access"')]).toEqual([3, true]);
    }));

  it("about a tag that another one links to says how to leave it out", () =>
    within(async (place) => {
      await place.ddfs(["tag", "data:t", "data:gone"]);
      for (const args of [["du"], ["xcat", "data:t"], ["grep", "x", "data:t"]]) {
        const { status, err } = await place.ddfs(args);
        expect([status, err]).toEqual([3, expect.stringContaining("\n--ignore-missing leaves out tags")]);
      }
      expect((await place.ddfs(["xcat", "data:gone"])).err).not.toContain("--ignore-missing");
    }));

  it("keeps what was printed before", () =>
    within(async (place) => {
      await place.ddfs(["push", "data:p", "a.log"]);
      const { status, out } = await place.ddfs(["du", "data:p", "data:none"]);
      expect([status, out]).toEqual([3, "8\tdata:p\n"]);
    }));

  it("is told of a blob that cat -i leaves out", () =>
    within(async (place) => {
      await place.ddfs(["push", "data:p", "a.log"]);
      await place.ddfs(["tag", "data:p", `${place.master}/ddfs/gone`]);
      const { status, out, err } = await place.ddfs(["cat", "-i", "data:p"]);
      expect([status, out]).toEqual([0, "one\ntwo\n"]);
      expect(err).toMatch(/^ddfs: left out: GET .*\/ddfs\/gone: 404/);
    }));

  it("of what is no chunk says how it is read", () =>
    within(async (place) => {
      await place.ddfs(["push", "data:p", "a.log"]);
      for (const args of [["xcat", "./a.log"], ["xcat", "data:p"], ["grep", "one", "./a.log"]]) {
        const { status, out, err } = await place.ddfs(args);
        expect([status, out, err.trimEnd().split("\n")[1]]).toEqual([
          ...[6, ""],
          'If it is no chunk: -R None reads the lines of a text, and "ddfs cat" prints what push has stored',
        ]);
      }
      expect((await place.ddfs(["xcat", "-R", "None", "./a.log"])).out).toBe("one\ntwo\n");
      expect((await place.ddfs(["chunk", "--help"])).out).toContain('that all commands have: "ddfs --help"');
    }));

  it("of usage is one line with status 2, says what was meant, and nothing is sent", () =>
    within(async (place) => {
      const cases: [line: string, text: string][] = [
        ["chnk data:x", "Did you mean chunk?"],
        ["chunk --replcas 2 data:x ./a.log", "Did you mean --replicas?"],
        ["push --replicas two data:x a.log", "--replicas"],
        ["push --replicas 0 data:x a.log", "--replicas"],
        ["chunk -S nought data:x ./a.log", "--size"],
        ["chunk -R some.python.name data:x ./a.log", "--reader"],
        ["grep", "missing required argument 'pattern': write ddfs grep <pattern> <tag...>"],
        ["grep x", "missing required argument 'tag': write ddfs grep <pattern> <tag...>"],
        ["verify", "missing required argument 'tag': write ddfs verify <tag...>"],
        ["verify -p", "missing required argument 'tag'"],
        ["push data:x -", "-=NAME"],
        ["push data/x a.log", "Invalid tag"],
        ["tail --every 0 data:x", "--every"],
        ["pull data:x", "missing required argument"],
        ["help nothing", "There is no command"],
        ["completion tcsh", "There is no completion"],
        ["push data:x tag://data:p", "no file"],
        ["push -x data:x disco://localhost/blob", "no file"],
        ["chunk data:x ./dir", "-r"],
        ["cat ", "argument 1 is empty"],
        ["cat disco://localhost/blob ", "argument 2 is empty"],
        ["push data:x a.log ", "a path is empty"],
        ["push data:x -=", "-="],
        ["push data:x -=no.name", "-=no.name"],
        ["chunk data:x -=", "-="],
        ["chunk data:x -=no.name", "-=no.name"],
        ["help ls more", "one command"],
      ];
      for (const [line, text] of cases) {
        const { status, out, err } = await place.ddfs(line.split(" "));
        expect({ line, status, out, lines: err.trimEnd().split("\n").length, hasText: err.includes(text) })
          .toEqual({ line, status: 2, out: "", lines: 1, hasText: true });
      }
      expect(place.requests).toEqual([]);
    }));
});
