import { describe, it } from "@std/testing/bdd";
import { type CommandPlace, commandPlace } from "../helpers/command.ts";
import { expect } from "../helpers/expect.ts";
import { CASES, FILES } from "./original_cases.ts";

/** A real cluster, whose name for its one node is that of its address. */
const REAL = Deno.env.get("DDFS_TEST_MASTER");

describe("the original's commands", () => {
  it("print what they printed on a real cluster", async () => {
    const place = await commandPlace(FILES);
    try {
      await archive(place.folder);
      await runAll(place, place.master, "c:");
    } finally {
      await place[Symbol.asyncDispose]();
    }
  });

  if (REAL !== undefined) {
    it("print the same on the cluster of DDFS_TEST_MASTER", async () => {
      const place = await commandPlace(FILES);
      const prefix = `cli:${crypto.randomUUID().slice(0, 8)}:`;
      try {
        await archive(place.folder);
        await runAll(place, REAL, prefix);
      } finally {
        await place.ddfs(["-M", REAL, "rm", "-p", prefix]);
        await place[Symbol.asyncDispose]();
      }
    });
  }
});

/** Runs all cases, whose tags begin with `c:`, with another prefix. */
async function runAll(place: CommandPlace, master: string, prefix: string): Promise<void> {
  for (const { run, out = "", err = "", status = 0, stdin, isSet = false } of CASES) {
    const prefixed = (text: string) => text.replaceAll(/\bc:/g, prefix);
    const args = wordsOf(prefixed(run), master);
    const env = { DISCO_MASTER: master };
    const said = prefixed(err);
    const found = await place.ddfs(args, stdin === undefined ? { env } : { env, stdin: prefixed(stdin) });
    const shown = plain(found.out, master);
    const lines = (text: string) => isSet ? text.split("\n").sort().join("\n") : text;
    expect({ run, out: lines(shown), status: found.status, err: found.err.includes(said) ? said : found.err })
      .toEqual({ run, out: lines(prefixed(out)), status, err: said });
    // An error is one line, and nothing else is said.
    if (err === "" && status === 0) expect({ run, err: found.err }).toEqual({ run, err: "" });
    if (status === 2) expect({ run, lines: found.err.trimEnd().split("\n").length }).toEqual({ run, lines: 1 });
  }
}

/** The words of a command line, with the master's address in its places. */
function wordsOf(line: string, master: string): string[] {
  const { host, hostname } = new URL(master);
  const words = line.match(/'[^']*'|\S+/g) ?? [];
  return words.map((word) =>
    word.replace(/^'(.*)'$/, "$1").replace("MASTER", master).replace("HOSTPORT", host).replace("HOST", hostname)
  );
}

/** What was printed, without what differs each time. */
function plain(text: string, master: string): string {
  return text.replaceAll(master, "MASTER")
    .replaceAll(/disco:\/\/[^/\t\n"]+\/ddfs\/vol0\/blob\/[0-9a-f]{2}\/([\w@:-]+\$)[0-9a-f-]+/g, "$1")
    .replaceAll(/_[0-9a-f]+-[0-9a-f]+-[0-9a-f]+(?=-\d)/g, "_ID")
    .replaceAll(/\$[0-9a-f]+-[0-9a-f]+-[0-9a-f]+/g, "$ID")
    .replaceAll(/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d/g, "TIME");
}

async function archive(folder: string): Promise<void> {
  const gzip = new CompressionStream("gzip");
  const file = await Deno.create(`${folder}/a.txt.gz`);
  await (await Deno.open(`${folder}/a.txt`)).readable.pipeThrough(gzip).pipeTo(file.writable);
  const { success } = await new Deno.Command("tar", {
    args: ["-czf", "t.tgz", "dir/b.txt", "dir/sub/c.txt"],
    cwd: folder,
  }).output();
  if (!success) throw new Error("tar failed");
}
