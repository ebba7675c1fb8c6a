import { describe, it } from "@std/testing/bdd";
import { COMMANDS } from "../../lib/cli/commands.ts";
import { DDFS, inPlaceWith } from "../helpers/command.ts";
import { expect } from "../helpers/expect.ts";

const BLOB = "volume/vol0/blob/08/x$5e7-4a1f2-1b2c3";
const FILES = { "a.log": "one\ntwo\n", "dir/b.log": "bee\n", [BLOB]: "12345678" };

/** Runs a test in a place of its own. */
const within = inPlaceWith(FILES);

/** Commands, in an order in which each finds what it needs, and the lines of JSON that they print. */
const JSON_LINES: readonly (readonly [line: string, values: readonly unknown[]])[] = [
  ["--json", [{ master: expect.stringMatching(/^http:/) }]],
  ["chunk --json data:c ./a.log", [{ tag: "data:c", replicas: [expect.stringMatching(/a_log-0\$/)] }]],
  ["--json push data:p a.log", [{ tag: "data:p", replicas: [expect.stringMatching(/a_log\$/)] }]],
  ["push --json data:p dir", [{ folder: "dir", pushed: false }]],
  ["--json tag data:t data:c", [{ tag: "data:t", urls: ["data:c"], dryRun: false }]],
  ["--json put data:t data:c", [{ tag: "data:t", urls: ["data:c"], dryRun: false }]],
  ["--json cp data:t data:u", [{ source: "data:t", target: "data:u", urls: 1, dryRun: false }]],
  ["--json touch data:n", [{ tag: "data:n", dryRun: false }]],
  ["--json setattr data:n k v", [{ tag: "data:n", name: "k", dryRun: false }]],
  ["--json attrs data:n", [{ name: "k", value: "v" }]],
  ["--json getattr data:n k", [{ name: "k", value: "v" }]],
  ["--json delattr data:n k", [{ tag: "data:n", name: "k", dryRun: false }]],
  ["--json chtok --dry-run -r data:n x", [{ tag: "data:n", read: true, write: false, dryRun: true }]],
  ["--json exists data:n", [{ tag: "data:n", exists: true }]],
  ["--json get data:n", [{
    version: 1,
    id: expect.stringMatching(/^data:n\$/),
    "last-modified": expect.any(String),
    urls: [],
    "user-data": {},
  }]],
  ["--json stat data:n", [{
    "last-modified": expect.any(String),
    version: 1,
    id: expect.any(String),
    "user-data": {},
  }]],
  ["--json ls data:n", [{ tag: "data:n" }]],
  ["--json ls -r data:p", [{ tag: "data:p", blobs: [[expect.any(String)]] }]],
  ["--json urls data:t", [{ urls: ["tag://data:c"] }]],
  ["--json blobs data:t", [{ replicas: [expect.any(String)] }]],
  ["--json find data:t", [{ path: ["tag://data:t"] }, { path: ["tag://data:t", "tag://data:c"] }]],
  ["--json cat data:p", [{ name: "a_log", url: expect.any(String), size: 8, text: "one\ntwo\n" }]],
  ["--json xcat data:c", ["one\n", "two\n"]],
  ["--json grep t data:c", ["two\n"]],
  ["--json grep -c t data:c", [{ count: 1 }]],
  ["--json du data:p", [{ tag: "data:p", bytes: 8, blobs: 1, stored: 8, unknown: 0 }]],
  ["--json df", [{ node: "127.0.0.1", size: expect.any(Number), used: expect.any(Number), free: expect.any(Number) }]],
  ["--json nodes", [{
    ...{ node: "127.0.0.1", connected: true, blacklisted: false },
    ...{ used: expect.any(Number), free: expect.any(Number) },
  }]],
  ["--json diff data:p data:n", [{ name: "a_log", change: "removed", sizes: { "data:p": 8 } }]],
  ["--json verify -a data:p", [{
    ...{ tag: "tag://data:p", blob: "a_log", url: expect.any(String), state: "good", size: 8, dryRun: false },
  }]],
  ["--json pull data:p got", [{ tag: "data:p", name: "a_log", path: "got/a_log", size: 8 }]],
  ["--json copy volume copied", [{
    from: "volume",
    to: "copied",
    failed: [],
    elsewhere: expect.anything(),
    blobs: expect.anything(),
    tags: expect.anything(),
  }]],
  ["--json gc", [{ tags: expect.anything(), blobs: expect.anything() }]],
  ["--json rm data:n", [{ tag: "data:n", deleted: true, dryRun: false }]],
  ["--json rm data:n", [{ tag: "data:n", deleted: false, dryRun: false }]],
];

describe("--json", () => {
  it("is one value a line, for every command", () =>
    within(async (place) => {
      for (const [line, values] of JSON_LINES) {
        const { out, err } = await place.ddfs(line.split(" "));
        const found = out.split("\n").filter((text) => text !== "").map((text) => JSON.parse(text));
        expect({ line, found, err: line.includes("verify") || line.includes("pull ") ? "" : err })
          .toEqual({ line, found: [...values], err: "" });
      }
      const shown = COMMANDS.filter(({ name }) => JSON_LINES.some(([line]) => line.split(" ").includes(name)));
      // A server's line, a stream that does not end, a script for shells.
      expect(COMMANDS.length - shown.length).toBe(["serve", "tail", "completion"].length);
    }));

  it("makes an error one line of JSON, with code, url and status", () =>
    within(async (place) => {
      const { status, out, err } = await place.ddfs(["--json", "get", "data:none"]);
      expect([status, out]).toEqual([3, ""]);
      expect(JSON.parse(err)).toEqual({
        error: expect.stringMatching(/Tag not found/),
        code: "not-found",
        url: `${place.master}/ddfs/tag/data:none`,
        status: 3,
      });
    }));

  it("makes what was not understood one line of JSON, too", () =>
    within(async (place) => {
      for (
        const line of ["--json lss", "ls --json --recusive", "attrs --json", "ls --json a/b", "help --json nothing"]
      ) {
        const { status, out, err } = await place.ddfs(line.split(" "));
        expect({ line, status, out, error: JSON.parse(err) })
          .toEqual({
            line,
            status: 2,
            out: "",
            error: expect.objectContaining({ error: expect.any(String), status: 2 }),
          });
      }
      const { err } = await place.ddfs(["lss", "--", "--json"]);
      expect(err).toBe("ddfs: unknown command 'lss' (Did you mean ls?)\n");
    }));

  it("stands before help, too", () =>
    within(async (place) => {
      const { status, out } = await place.ddfs(["--json", "help", "ls"]);
      expect([status, out.split("\n")[0]]).toEqual([0, "Usage: ddfs ls [options] [prefix...]"]);
    }));
});

describe("--dry-run", () => {
  it("writes nothing, and marks each line", () =>
    within(async (place) => {
      await place.ddfs(["push", "data:p", "a.log"]);
      place.requests.length = 0;
      for (
        const line of [
          "push --dry-run data:x a.log",
          "push --dry-run data:x a.log dir/b.log",
          "chunk --dry-run data:x ./a.log",
          "tag --dry-run data:x data:p",
          "put --dry-run data:x data:p",
          "cp --dry-run data:p data:x",
          "touch --dry-run data:x",
          "rm --dry-run data:p",
          "rm --dry-run -p data:",
          "setattr --dry-run data:p k v",
          "delattr --dry-run data:p k",
          "chtok --dry-run -w data:p x",
          "gc --dry-run",
          "pull --dry-run data:p got",
        ]
      ) {
        const { status, out } = await place.ddfs(line.split(" "));
        const lines = out.trimEnd().split("\n");
        expect({ line, status, marked: lines.every((text) => text.startsWith("(dry run) ")) })
          .toEqual({ line, status: 0, marked: true });
      }
      expect(place.requests.filter((request) => !/^(GET|HEAD) /.test(request) || request.includes("gc_start"))).toEqual(
        [],
      );
    }));
});

describe("settings", () => {
  it("come from the environment, and options win", () =>
    within(async (place) => {
      await place.ddfs(["-t", "tok", "touch", "data:locked"]);
      const status = async (env: Record<string, string>, ...args: string[]) =>
        (await place.ddfs([...args, "get", "data:locked"], { env })).status;

      expect(await status({})).toBe(4);
      expect(await status({ DDFS_TOKEN: "tok" })).toBe(0);
      expect(await status({ DDFS_READ_TOKEN: "tok" })).toBe(0);
      expect(await status({ DDFS_WRITE_TOKEN: "tok" })).toBe(4);
      expect(await status({ DDFS_READ_TOKEN: "wrong", DDFS_TOKEN: "tok" })).toBe(4);
      expect(await status({ DDFS_READ_TOKEN: "wrong" }, "-t", "tok")).toBe(0);
      const { port } = new URL(place.master);
      const byHost = { DISCO_MASTER: "", DISCO_MASTER_HOST: "127.0.0.1", DISCO_PORT: port, DDFS_TOKEN: "tok" };
      expect(await status(byHost)).toBe(0);
      expect(
        await status({ DISCO_MASTER: "http://localhost:1", DISCO_PORT: port, DDFS_TOKEN: "tok" }, "-M", "127.0.0.1"),
      )
        .toBe(0);
    }));

  it("--token-file is read; one that others may read is warned of, and works", () =>
    within(async (place) => {
      await place.ddfs(["-t", "tok", "touch", "data:locked"]);
      const path = `${place.folder}/token`;
      await Deno.writeTextFile(path, "tok\n", { mode: 0o600 });
      expect(await place.ddfs(["--token-file", path, "attrs", "data:locked"])).toEqual({ status: 0, out: "", err: "" });

      await Deno.chmod(path, 0o644);
      const { status, err } = await place.ddfs(["--token-file", path, "attrs", "data:locked"]);
      expect([status, err]).toEqual([0, `ddfs: others may read the token in ${path}: chmod 600 ${path}\n`]);
      expect((await place.ddfs(["--token-file", "nowhere", "attrs", "data:locked"])).status).toBe(3);
    }));

  it("tokens are in no output, however it fails", () =>
    within(async (place) => {
      for (const args of [["get", "tag://s3cret@127.0.0.1:1/x"], ["-v", "-t", "s3cret", "get", "data:x"]]) {
        const { out, err } = await place.ddfs(args);
        expect(out + err).not.toContain("s3cret");
      }
    }));
});

describe("completion in bash", () => {
  it("knows commands, options and the names of tags", () =>
    within(async (place) => {
      await place.ddfs(["touch", "data:may", "data:june", "other"]);
      const words = [Deno.execPath(), ...DDFS].map((word) => `'${word}'`).join(" ");
      await Deno.writeTextFile(`${place.folder}/ddfs`, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
      const complete = async (line: string) => {
        const script = `source <(ddfs completion bash)
compopt() { :; }
COMP_LINE=${JSON.stringify(line)}; COMP_POINT=\${#COMP_LINE}
__ddfs_with_colons; printf '%s\\n' "\${COMPREPLY[@]}"`;
        const { stdout, stderr } = await new Deno.Command("bash", {
          args: ["-c", script],
          cwd: place.folder,
          clearEnv: true,
          env: { ...place.env, PATH: `${place.folder}:${place.env["PATH"]}` },
        }).output();
        const text = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
        return text.split("\n").map((word) => word.trim()).filter((word) => word !== "").sort();
      };

      expect(await complete("ddfs ch")).toEqual(["chtok", "chunk"]);
      expect(await complete("ddfs ls --rec")).toEqual(["--recursive"]);
      expect(await complete("ddfs stat oth")).toEqual(["other"]);
      // Behind a colon bash begins a new word.
      expect(await complete("ddfs stat data:m")).toEqual(["may"]);
      expect(await complete("ddfs rm data:")).toEqual(["june", "may"]);
    }));

  it("leaves paths to the shell where files are wanted, and only there", () =>
    within(async (place) => {
      const answer = async (line: string) => (await place.ddfs(["complete", "--", ...line.split(" ")])).out.trim();
      for (
        const line of [
          "push data:p a",
          "chunk data:p ./",
          "pull data:p g",
          "serve ./v",
          "xcat ./a",
          "ls --token-file t",
        ]
      ) expect([line, await answer(line)]).toEqual([line, ":0"]);
      for (const line of ["push no", "chunk no", "pull no", "stat a.log"]) {
        expect([line, await answer(line)]).toEqual([line, ":4"]);
      }
      expect(await answer("stat --js")).toMatch(/^--json\t.*\n:4$/);
    }));
});
