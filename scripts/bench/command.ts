// Measures the `ddfs` command beside the library: `chunk` of 200 files of 1 MB, `xcat` and `grep` of them, and the CPU of a start.
//   deno run -A scripts/bench/command.ts [ROUNDS] [FILES]     (default: 3 rounds, 200 files)
import { accessLog } from "../shared/sample_text.ts";

const ROOT = new URL("../..", import.meta.url);
const rounds = Number(Deno.args[0] ?? 3);
const count = Number(Deno.args[1] ?? 200);
const DDFS = ["run", "-A", "--no-check", `--config=${ROOT.pathname}deno.json`, `${ROOT.pathname}lib/cli/main.ts`];
const work = await Deno.makeTempDir({ prefix: "ddfs-bench-" });

/** What the library does by itself; in a process of its own, as the command is. */
const LIBRARY = `
import process from "node:process";
import { DDFS } from "${ROOT.href}mod.ts";
const [what, master, tag, ...files] = Deno.args;
const ddfs = new DDFS(master);
if (what === "chunk") await ddfs.chunk(tag, files);
else {
  for await (const records of ddfs.recordBatches(tag)) {
    const lines = new Uint8Array(records.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const record of records) {
      lines.set(record, at);
      at += record.length;
    }
    await new Promise((resolve) => process.stdout.write(lines, resolve));
  }
}
`;

/** What a process took, in seconds. */
interface Took {
  readonly real: number;
  readonly cpu: number;
}

/** Runs a process of Deno to its end, its output dropped. */
async function timed(args: readonly string[]): Promise<Took> {
  const { code, stderr } = await new Deno.Command("bash", {
    args: ["-c", 'TIMEFORMAT="took %R %U %S"; time "$@" > /dev/null', "bash", Deno.execPath(), ...args],
    cwd: work,
    env: { DISCO_MASTER: master, XDG_STATE_HOME: `${work}/state`, LC_ALL: "C" },
    stdout: "null",
    stderr: "piped",
  }).output();
  const text = new TextDecoder().decode(stderr);
  const [, real = NaN, user = NaN, system = NaN] = /took (\S+) (\S+) (\S+)\n$/.exec(text)?.map(Number) ?? [];
  // grep has status 1 where nothing fits.
  if (code !== 0 && !(code === 1 && args.includes("grep"))) throw new Error(text);
  return { real, cpu: user + system };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

const server = new Deno.Command(Deno.execPath(), {
  args: [...DDFS, "serve", `${work}/volume`, "--port", "0"],
  stdout: "piped",
  stderr: "null",
}).spawn();
const reader = server.stdout.getReader();
const master = /http:\S+/.exec(new TextDecoder().decode((await reader.read()).value))?.[0] ?? "";
try {
  await Deno.mkdir(`${work}/files`);
  await Deno.writeTextFile(`${work}/library.ts`, LIBRARY);
  const files: string[] = [];
  let bytes = 0;
  for (const piece of accessLog(count << 20)) {
    const path = `./files/${String(files.length).padStart(3, "0")}.log`;
    bytes += piece.length;
    await Deno.writeFile(`${work}/${path}`, piece);
    files.push(path);
  }
  console.log(`${count} files, ${(bytes / 1e6).toFixed(0)} MB, ${rounds} rounds, medians in seconds`);

  const library = ["run", "-A", "--no-check", `--config=${ROOT.pathname}deno.json`, `${work}/library.ts`];
  const kinds: Record<string, readonly string[]> = {
    "library chunk": [...library, "chunk", master, "bench:library", ...files],
    "ddfs chunk": [...DDFS, "chunk", "bench:command", ...files],
    "library records": [...library, "records", master, "bench:library"],
    "ddfs xcat": [...DDFS, "xcat", "bench:library"],
    "ddfs grep": [...DDFS, "grep", "nowhere", "bench:library"],
    "ddfs grep (a tenth)": [...DDFS, "grep", " 404 ", "bench:library"],
  };
  const took = new Map<string, Took[]>(Object.keys(kinds).map((kind) => [kind, []]));
  for (let round = 0; round < rounds; round++) {
    for (const tag of ["bench:library", "bench:command"]) await timed([...DDFS, "rm", tag]);
    for (const [kind, args] of Object.entries(kinds)) took.get(kind)?.push(await timed(args));
  }
  const of = (kind: string, key: keyof Took) => median((took.get(kind) ?? []).map((one) => one[key]));
  console.log(`${"".padEnd(22)}${"real".padStart(8)}${"CPU".padStart(8)}`);
  for (const kind of Object.keys(kinds)) {
    console.log(
      kind.padEnd(22) + (["real", "cpu"] as const).map((key) => of(kind, key).toFixed(2).padStart(8)).join(""),
    );
  }
  const ratio = (one: string, other: string) =>
    (["real", "cpu"] as const).map((key) => (of(one, key) / of(other, key)).toFixed(2)).join(", CPU ");
  console.log(`chunk: ${ratio("ddfs chunk", "library chunk")} of the library's`);
  console.log(`xcat: ${ratio("ddfs xcat", "library records")} of the library's`);
  console.log(
    `grep: ${ratio("ddfs grep", "ddfs xcat")} of xcat's; with many matches ${
      ratio("ddfs grep (a tenth)", "ddfs xcat")
    }`,
  );
} finally {
  server.kill("SIGTERM");
  await server.status;
  await reader.cancel();
  await Deno.remove(work, { recursive: true });
}
