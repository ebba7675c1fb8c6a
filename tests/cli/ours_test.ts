import { describe, it } from "@std/testing/bdd";
import { DDFS } from "../../mod.ts";
import { type CommandPlace, inPlaceWith } from "../helpers/command.ts";
import { expect } from "../helpers/expect.ts";

const LINES = Array.from({ length: 2000 }, (_, i) => `line ${i} ${i % 7 === 0 ? "sevens" : ""}`).join("\n") +
  "\nend é\n";
const FILES = {
  "a.log": "one\ntwo\n",
  "b.log": "bee\n",
  "lines.txt": LINES,
  "deep/x.log": "x\n",
  "deep/y.txt": "y\n",
  "deep/below/z.log": "z\n",
};

/** Runs a test in a place of its own. */
const within = inPlaceWith(FILES);

/** Runs a command that must succeed, and gives what it printed. */
async function out(place: CommandPlace, line: string): Promise<string> {
  const { status, out, err } = await place.ddfs(line.split(" "));
  if (status !== 0) throw new Error(`${line}: ${status} ${err}`);
  return out;
}

describe("du, df and nodes", () => {
  it("print sizes for people, bytes for programs", () =>
    within(async (place) => {
      await out(place, "push data:a a.log b.log");
      await out(place, "push data:b lines.txt");
      await out(place, "tag data:all data:a data:b");

      expect(await out(place, "du data:a")).toBe("12\tdata:a\n");
      expect(await out(place, "du data:a data:b")).toBe("12\tdata:a\n22K\tdata:b\n22K\ttotal\n");
      const size = new TextEncoder().encode(LINES).length;
      expect(JSON.parse(await out(place, "du --json data:all")))
        .toEqual({ tag: "data:all", bytes: size + 12, blobs: 3, stored: size + 12, unknown: 0 });
      expect(await out(place, "df")).toMatch(/^NODE +SIZE +USED +FREE +USE\n127\.0\.0\.1 +[\d.]+\w? .*\d+%\n$/);
      expect(await out(place, "nodes")).toMatch(/^127\.0\.0\.1\tconnected\t\S+ used\t\S+ free\n$/);
      expect(JSON.parse(await out(place, "nodes --json"))).toMatchObject({ node: "127.0.0.1", connected: true });
    }));

  it("a blob without a size is told, and the status is 1", () =>
    within(async (place) => {
      await out(place, `tag data:gone ${place.master}/ddfs/vol0/blob/00/gone$1-2-3`);
      const { status, out: printed, err } = await place.ddfs(["du", "data:gone"]);
      expect([status, printed]).toEqual([1, "0\tdata:gone\n"]);
      expect(err).toContain("gone$1-2-3: its size is not known");
    }));
});

describe("a tag whose name is -", () => {
  it("is written tag://-, and among all tags is one of them", () =>
    within(async (place) => {
      await (await fetch(`${place.master}/ddfs/tag/-`, { method: "POST", body: "[]" })).body?.cancel();
      await out(place, "push data:a a.log");

      expect(await out(place, "du")).toBe("0\ttag://-\n8\tdata:a\n8\ttotal\n");
      expect(await out(place, "urls tag://-")).toBe("");
      expect((await place.ddfs(["rm", "-p", ""])).out).toBe("deleted\ndeleted\n");
      expect(await out(place, "ls")).toBe("");
    }));
});

describe("grep", () => {
  it("prints the records that a pattern fits, like the system's grep", () =>
    within(async (place) => {
      await out(place, "chunk data:lines ./lines.txt");
      const patterns = [["sevens"], ["^line 1.*sevens$"], ["-i", "SEVENS"], ["-F", "line 1 "], ["é"], [
        "--invert",
        "line",
      ], [
        "line 1[^a]*sevens",
      ], ["(?=line 14)"]];
      for (const args of patterns) {
        const flags = args.slice(0, -1).map((flag) => flag === "--invert" ? "-v" : flag);
        const { stdout } = await new Deno.Command("grep", {
          args: [...flags, args.includes("(?=line 14)") ? "-P" : "-E", args.at(-1) ?? "", "lines.txt"].filter((arg) =>
            !(arg === "-E" && flags.includes("-F"))
          ),
          cwd: place.folder,
          env: { LC_ALL: "C.UTF-8" },
        }).output();
        const found = await place.ddfs(["grep", ...args, "data:lines"]);
        expect({ args, out: found.out }).toEqual({ args, out: new TextDecoder().decode(stdout) });
      }
      expect(await out(place, "grep -c sevens data:lines")).toBe("286\n");
    }));

  it("has status 1 where nothing fits, 2 for a pattern that is none", () =>
    within(async (place) => {
      await out(place, "chunk data:lines ./lines.txt");
      expect(await place.ddfs(["grep", "nothing", "data:lines"])).toEqual({ status: 1, out: "", err: "" });
      expect((await place.ddfs(["grep", "(", "data:lines"])).status).toBe(2);
    }));
});

describe("pull", () => {
  it("writes blobs to files, and a second time only what is missing or of another size", () =>
    within(async (place) => {
      await out(place, "push data:a a.log b.log deep/x.log");
      expect(await out(place, "pull data:a got")).toBe("");
      expect(await Deno.readTextFile(`${place.folder}/got/a_log`)).toBe("one\ntwo\n");

      await Deno.remove(`${place.folder}/got/b_log`);
      // Another byte shows that what is there in part is not loaded again.
      const [, stamp] = /x_log\$(\S+)/.exec(await out(place, "blobs data:a")) ?? [];
      await Deno.writeTextFile(`${place.folder}/got/x_log~${stamp}.part`, "y");
      await Deno.remove(`${place.folder}/got/x_log`);
      place.requests.length = 0;
      const { err } = await place.ddfs(["pull", "data:a", "got"]);

      expect(err).toContain("2 pulled, 1 were there.");
      expect(await Deno.readTextFile(`${place.folder}/got/x_log`)).toBe("y\n");
      expect(place.requests.filter((request) => /GET .*a_log\$/.test(request))).toEqual([]);
      expect([...Deno.readDirSync(`${place.folder}/got`)].map(({ name }) => name).sort()).toEqual([
        "a_log",
        "b_log",
        "x_log",
      ]);
    }));

  it("into what is no folder is refused by name, and nothing is asked", () =>
    within(async (place) => {
      const { status, err } = await place.ddfs(["pull", "data:a", "a.log"]);

      expect([status, err, place.requests]).toEqual([
        2,
        "ddfs: a.log is no folder: name one to write blobs to\n",
        [],
      ]);
    }));

  it("does not go on with a part of another blob that had the name", () =>
    within(async (place) => {
      await out(place, "push data:a deep/x.log");
      const [, stamp] = /x_log\$(\S+)/.exec(await out(place, "blobs data:a")) ?? [];
      await Deno.mkdir(`${place.folder}/got`);
      for (const part of ["x_log.part", `x_log~${stamp}.part`]) {
        await Deno.writeTextFile(`${place.folder}/got/${part}`, "y");
      }
      await Deno.writeTextFile(`${place.folder}/x.log`, "another\n");
      await out(place, "rm data:a");
      await out(place, "push data:a x.log");

      await out(place, "pull data:a got");

      expect(await Deno.readTextFile(`${place.folder}/got/x_log`)).toBe("another\n");
    }));

  it("does not keep the end of a part that is longer than the blob", () =>
    within(async (place) => {
      await out(place, "push data:a deep/x.log");
      const [, stamp] = /x_log\$(\S+)/.exec(await out(place, "blobs data:a")) ?? [];
      await Deno.mkdir(`${place.folder}/got`);
      await Deno.writeTextFile(`${place.folder}/got/x_log~${stamp}.part`, "longer than it\n");

      await out(place, "pull data:a got");

      expect(await Deno.readTextFile(`${place.folder}/got/x_log`)).toBe("x\n");
    }));

  it("says why a file cannot be written", () =>
    within(async (place) => {
      await out(place, "push data:a a.log");
      const [, stamp] = /a_log\$(\S+)/.exec(await out(place, "blobs data:a")) ?? [];
      await Deno.mkdir(`${place.folder}/got`);
      await Deno.symlink("/dev/full", `${place.folder}/got/a_log~${stamp}.part`);

      const { status, err } = await place.ddfs(["pull", "data:a", "got"]);

      expect([status, err]).toEqual([1, expect.stringMatching(/^ddfs: got\/a_log: .*no space left on device/i)]);
    }));

  it("gives blobs of one name their time stamps, the same ones each time", () =>
    within(async (place) => {
      await out(place, "push data:a a.log a.log");
      await out(place, "pull data:a got");
      await out(place, "pull data:a got");
      const names = [...Deno.readDirSync(`${place.folder}/got`)].map(({ name }) => name);
      expect(names.map((name) => name.replace(/~[0-9a-f-]+$/, "~"))).toEqual(["a_log~", "a_log~"]);
    }));
});

describe("rm", () => {
  it("deletes a tag that the master cannot read", () =>
    within(async (place) => {
      await out(place, "push data:a a.log");
      // As of a tag whose file is damaged: it can be deleted, and nothing else.
      place.intercept = async (request, answer) =>
        request.method === "DELETE" || !request.url.endsWith("/ddfs/tag/data:a")
          ? await answer()
          : new Response("Corrupted tag", { status: 500 });

      expect(await place.ddfs(["rm", "data:a"])).toEqual({ status: 0, out: "deleted\n", err: "" });
      expect(await out(place, "ls")).toBe("");
    }));

  it("of a master that does not answer deletes nothing", () =>
    within(async (place) => {
      const { status, out: printed } = await place.ddfs(["rm", "-M", "127.0.0.1:1", "data:a"]);
      expect([status, printed]).toEqual([5, ""]);
    }));
});

describe("diff", () => {
  it("tells what was removed, added and changed, with status 1", () =>
    within(async (place) => {
      const ddfs = new DDFS(place.master);
      const blob = (text: string, name: string): [Blob, string] => [new Blob([text]), name];
      await ddfs.push("data:one", [
        blob("same", "same"),
        blob("a", "gone"),
        blob("x", "grown"),
        blob("abc", "content"),
      ]);
      await ddfs.push("data:two", [
        blob("same", "same"),
        blob("bb", "new"),
        blob("xyz", "grown"),
        blob("abd", "content"),
      ]);

      expect(await place.ddfs(["diff", "data:one", "data:two"]))
        .toEqual({ status: 1, out: "- gone\t1\n! grown\t1\t3\n+ new\t2\n", err: "" });
      expect((await place.ddfs(["diff", "--checksum", "data:one", "data:two"])).out)
        .toBe("! content\t3\t3\n- gone\t1\n! grown\t1\t3\n+ new\t2\n");
      expect(await place.ddfs(["diff", "--checksum", "data:one", "data:one"])).toEqual({ status: 0, out: "", err: "" });
    }));
});

describe("verify and gc", () => {
  it("names replicas that are not good, and repairs them", () =>
    within(async (place) => {
      const ddfs = new DDFS(place.master);
      const { blobs: [replicas = []] } = await ddfs.push("data:a", [[new Blob(["hello"]), "greeting"]]);
      await ddfs.put("data:a", [[...replicas, "disco://127.0.0.1/ddfs/vol0/blob/00/greeting$1-2-3"]]);

      const { status, out: printed, err } = await place.ddfs(["verify", "data:a"]);
      expect([status, printed.split("\t").slice(0, 2), err]).toEqual([
        3,
        ["missing", "greeting"],
        "1 good, 1 missing\n",
      ]);
      const dry = await place.ddfs(["verify", "--repair", "--dry-run", "data:a"]);
      expect(dry.out).toMatch(/^\(dry run\) repair missing\tgreeting/);
    }));

  it("repairs on a master without conditional writes when it is told to", () =>
    within(async (place) => {
      // As Disco's: a tag has no ETag there.
      place.intercept = async (_request, answer) => {
        const { body, status, headers } = await answer();
        const plain = new Headers(headers);
        plain.delete("etag");
        return new Response(body, { status, headers: plain });
      };
      const ddfs = new DDFS(place.master);
      const { blobs: [replicas = []] } = await ddfs.push("data:a", [[new Blob(["hello"]), "greeting"]]);
      await ddfs.put("data:a", [[...replicas, "disco://127.0.0.1/ddfs/vol0/blob/00/greeting$1-2-3"]]);

      const refused = await place.ddfs(["verify", "--repair", "data:a"]);
      expect([refused.status, refused.out]).toEqual([1, ""]);
      expect(refused.err).toContain("has no conditional writes");
      expect(refused.err).toContain("--repair --unconditional");
      expect((await place.ddfs(["verify", "--unconditional", "data:a"])).status).toBe(2);

      await place.ddfs(["verify", "--repair", "--unconditional", "data:a"]);
      expect(await place.ddfs(["verify", "data:a"])).toMatchObject({ status: 0, out: "" });
    }, { nodes: ["127.0.0.1", "localhost"] }));

  it("collects what no tag holds", () =>
    within(async (place) => {
      await out(place, "push data:a a.log");
      await out(place, "rm data:a");
      expect(await out(place, "gc --dry-run")).toBe("(dry run) collect garbage\n");
      expect(await out(place, "gc")).toMatch(/^tags\t.* kept\t.* deleted\nblobs\t0 \(0\) kept\t1 \(8\) deleted\n$/);
    }, { orphanAge: 0 }));
});

describe("tail", () => {
  it("prints the records of blobs that come, until it is interrupted", () =>
    within(async (place) => {
      await out(place, "chunk data:log ./a.log");
      const child = place.start(["tail", "--every", "1", "data:log"]);
      const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const errors = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
      expect((await errors.read()).value).toContain("Waiting for blobs of data:log; 1 are there.");

      await out(place, "chunk data:log ./b.log");

      expect((await lines.read()).value).toBe("bee\n");
      child.kill("SIGINT");
      expect((await child.status).code).toBe(130);
      await Promise.all([lines.cancel(), errors.cancel()]);
    }));
});

describe("files", () => {
  it("are chosen by globs, folders and patterns", () =>
    within(async (place) => {
      expect(await out(place, "push --dry-run t *.log")).toBe(
        "(dry run) push a.log as a_log (8)\n(dry run) push b.log as b_log (4)\n",
      );
      expect(await out(place, "push --dry-run t **/*.log")).toContain("deep/below/z.log as z_log");
      expect(await out(place, "push --dry-run -r t deep --include *.log --exclude below/*")).toBe(
        "(dry run) push deep/x.log as x_log (2)\n",
      );
      expect(await out(place, "chunk --dry-run -r t ./deep --exclude txt")).toBe(
        "(dry run) chunk deep/x.log (2)\n(dry run) chunk deep/below/z.log (2)\n",
      );
      expect(place.requests).toEqual([]);
      expect((await place.ddfs(["push", "t", "*.none"])).status).toBe(3);
    }));

  it("that are gzipped are chunked as what is in them, unless --raw keeps them", () =>
    within(async (place) => {
      const zipped = new Blob([LINES]).stream().pipeThrough(new CompressionStream("gzip"));
      await Deno.writeFile(`${place.folder}/lines.gz`, zipped);
      await out(place, "chunk data:plain ./lines.gz");
      await out(place, "chunk --raw data:raw ./lines.gz");

      expect(await out(place, "xcat data:plain")).toBe(LINES);
      expect((await out(place, "xcat data:raw")).startsWith("\x1f")).toBe(true);
      const zip = await Deno.readFile(`${place.folder}/lines.gz`);
      await place.ddfs(["chunk", "data:stdin", "-"], { stdin: zip });
      expect(await out(place, "xcat data:stdin")).toBe(LINES);
    }));

  it("that -u leaves out are told where their letters are lost in their names", () =>
    within(async (place) => {
      for (const name of ["日本", "中国"]) await Deno.writeTextFile(`${place.folder}/${name}`, `${name}\n`);
      const chunked = async (file: string) => (await place.ddfs(["chunk", "-u", "data:c", file])).err;

      expect(await chunked("./日本")).toBe("");
      expect(await chunked("./中国")).toContain("./中国 is ______-0");

      // A dot, too, is lost in nearly every name; nobody wants to hear of that.
      expect(await chunked("./a.log") + await chunked("./a.log")).toBe("");
    }));

  it("come by stdin under a name", () =>
    within(async (place) => {
      await place.ddfs(["push", "data:s", "-=notes"], { stdin: "hello" });
      expect(await out(place, "cat data:s")).toBe("hello");
      expect(await out(place, "urls data:s")).toContain("/notes$");
      expect((await place.ddfs(["push", "data:s", "-"], { stdin: "hello" })).status).toBe(2);
      const { status, err } = await place.ddfs(["chunk", "--resume", "data:s", "-"], { stdin: "hello" });
      expect([status, err.includes("only files can be read again")]).toEqual([2, true]);
    }));
});
