// Compares what keeps logs: the same files are stored and brought back by one thing after the other, in one run.
//   deno run -A --config=deno.tools.json scripts/bench/compare.ts [--mb N] [--files N] [--rounds N] [--write] [FOLDER]
//   (default: 1000 MB in 10 files, 1 round; --write: makes the table of the README; FOLDER: where all is kept, the system's folder for such by default). What is
//   not installed is left out with a word; without Ceph, rclone copies into a folder.
import { AwsClient } from "aws4fetch";
import { parseArgs } from "node:util";
import { type Ceph, hasCeph, startCeph, stopCeph } from "../bucket/ceph.ts";
import { keepPart } from "../shared/made_part.ts";
import { measuredOn } from "../shared/measured_on.ts";
import { output } from "../shared/processes.ts";
import { accessLog } from "../shared/sample_text.ts";
import { tidily } from "../shared/tidily.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mb: { type: "string", default: "1000" },
    files: { type: "string", default: "10" },
    rounds: { type: "string", default: "1" },
    write: { type: "boolean", default: false },
  },
});
const [megabytes, count, rounds] = [values.mb, values.files, values.rounds].map(Number) as [number, number, number];

/** Something that keeps files. */
interface Keeper {
  readonly name: string;
  /** Where it keeps them. */
  readonly place: string;
  /** Stores the files, and says how many bytes that takes. */
  store(): Promise<number>;
  /** Writes them to files again, in a folder. */
  back(to: string): Promise<void>;
}

const ROOT = new URL("../..", import.meta.url).pathname;
const DDFS = ["run", "-A", "--no-check", `--config=${ROOT}deno.json`, `${ROOT}lib/cli/main.ts`];
const folder = await Deno.makeTempDir({
  prefix: "ddfs-compare-",
  ...positionals[0] !== undefined && { dir: positionals[0] },
});
const names = Array.from({ length: count }, (_, i) => `log-${i}`);
const servers: Server[] = [];
let hasStarted = false;
await tidily(compare, async () => {
  for (const server of servers) await server.stop().catch(() => {});
  if (hasStarted) await stopCeph(`${folder}/ceph`).catch((error) => console.error(String(error)));
  await Deno.remove(folder, { recursive: true });
});

/** Measures all, and prints the table. */
async function compare(): Promise<void> {
  hasStarted = await hasCeph();
  const ceph = hasStarted ? await startCeph(`${folder}/ceph`) : undefined;
  const bytes = await makeLogs();
  const keepers = await keepersOf(ceph);
  const took = new Map<Keeper, { store: number; back: number; stored: number }[]>();
  for (let round = 0; round < rounds; round++) {
    for (const keeper of round % 2 === 0 ? keepers : keepers.toReversed()) {
      const to = `${folder}/back`;
      await Deno.mkdir(to);
      let stored = 0;
      const store = await seconds(async () => stored = await keeper.store());
      const back = await seconds(() => keeper.back(to));
      await checkBack(keeper, to, bytes);
      await Deno.remove(to, { recursive: true });
      took.set(keeper, [...took.get(keeper) ?? [], { store, back, stored }]);
      console.error(`${keeper.name}: ${store.toFixed(1)} s, ${(stored / 1e6).toFixed(0)} MB, ${back.toFixed(1)} s`);
    }
  }
  const table = `${tableOf(took, bytes)}\n\n${measuredOn(await versions(ceph !== undefined))}`;
  console.log(table);
  const part = { path: "scripts/bench/README.md", name: "compared", command: "deno run -A scripts/bench/compare.ts" };
  if (values.write) await keepPart(part, table, true);
}

/** Makes the logs; returns how many bytes they have. */
async function makeLogs(): Promise<number> {
  await Deno.mkdir(`${folder}/logs`);
  const each = Math.ceil(megabytes * 1e6 / count);
  let made = 0;
  let [file, left] = [await Deno.create(`${folder}/logs/${names[0]}`), each];
  // None of all these looks back so far.
  const pieces = [...accessLog(Math.min(megabytes * 1e6, 1e8))];
  const pieceAt = (i: number) => pieces[i % pieces.length] ?? new Uint8Array();
  for (let i = 0, total = 0; total < megabytes * 1e6; total += pieceAt(i++).length) {
    const piece = pieceAt(i);
    if (left <= 0) {
      file.close();
      made++;
      [file, left] = [await Deno.create(`${folder}/logs/${names[made]}`), each];
    }
    for (let at = 0; at < piece.length;) at += await file.write(piece.subarray(at));
    left -= piece.length;
  }
  file.close();
  names.length = made + 1;
  return await sizeOf(`${folder}/logs`);
}

/** A server of `ddfs serve`. */
interface Server {
  readonly master: string;
  stop(): Promise<void>;
}

async function serve(what: string, env: Record<string, string> = {}): Promise<Server> {
  const args = [...DDFS, "serve", what, "--port", "0", "--no-ui"];
  const child = new Deno.Command(Deno.execPath(), { args, env, stdout: "piped", stderr: "null" }).spawn();
  const reader = child.stdout.getReader();
  const master = /http:\S+/.exec(new TextDecoder().decode((await reader.read()).value))?.[0] ?? "";
  const server = {
    master,
    async stop() {
      child.kill("SIGTERM");
      await child.status;
      await reader.cancel();
    },
  };
  servers.push(server);
  return server;
}

async function keepersOf(ceph: Ceph | undefined): Promise<Keeper[]> {
  const keepers: Keeper[] = [];
  const compressors: [name: string, command: string, args: readonly string[], end: string][] = [
    ["gzip", "gzip", [], "gz"],
    ["pigz", "pigz", [], "gz"],
    ["zstd -3 -T2", "zstd", ["-q", "-3", "-T2"], "zst"],
  ];
  for (const [name, command, args, end] of compressors) {
    if (!await isThere(command)) continue;
    const at = `${folder}/${command}`;
    keepers.push({
      ...{ name, place: "a folder" },
      async store() {
        await Deno.mkdir(at, { recursive: true });
        for (const name of names) await shell(`"$@" -c <logs/${name} >${at}/${name}.${end}`, [command, ...args]);
        return await sizeOf(at);
      },
      async back(to) {
        for (const name of names) await shell(`"$@" -dc <${at}/${name}.${end} >${to}/${name}`, [command]);
      },
    });
  }
  if (await isThere("rclone")) keepers.push(rclone(ceph));
  if (ceph !== undefined) keepers.push(puts(ceph));
  else console.error("Without Ceph");
  keepers.push(ddfs("`ddfs chunk`, `ddfs xcat`", "`ddfs serve`, a folder, durable", await serve(`${folder}/volume`)));
  if (ceph !== undefined) {
    const server = await serve(`s3://${ceph.bucket}/ddfs`, {
      AWS_ENDPOINT_URL_S3: ceph.gateways[0] ?? "",
      AWS_ACCESS_KEY_ID: ceph.accessKeyId,
      AWS_SECRET_ACCESS_KEY: ceph.secretAccessKey,
    });
    keepers.push(ddfs("`ddfs chunk`, `ddfs xcat`", "`ddfs serve`, Ceph", server));
  }
  return keepers;
}

function rclone(ceph: Ceph | undefined): Keeper {
  const remote = ceph === undefined ? `${folder}/rclone` : `ceph:${ceph.bucket}/rclone`;
  const env = ceph === undefined ? {} : {
    // The address has no certificate, and rclone refuses one of its own for such.
    AWS_CA_BUNDLE: "",
    RCLONE_CONFIG_CEPH_TYPE: "s3",
    RCLONE_CONFIG_CEPH_PROVIDER: "Ceph",
    RCLONE_CONFIG_CEPH_ENDPOINT: ceph.gateways[0] ?? "",
    RCLONE_CONFIG_CEPH_ACCESS_KEY_ID: ceph.accessKeyId,
    RCLONE_CONFIG_CEPH_SECRET_ACCESS_KEY: ceph.secretAccessKey,
  };
  return {
    name: "rclone copy",
    place: ceph === undefined ? "a folder (no Ceph here)" : "Ceph",
    async store() {
      await output("rclone", ["copy", "--quiet", `${folder}/logs`, remote], { env });
      return await sizeOf(`${folder}/logs`);
    },
    back: async (to) => void await output("rclone", ["copy", "--quiet", remote, to], { env }),
  };
}

/** Each file by a signed PUT and a GET, four at a time, as somebody writes it in an afternoon. */
function puts({ gateways, bucket, accessKeyId, secretAccessKey }: Ceph): Keeper {
  const client = new AwsClient({ accessKeyId, secretAccessKey, service: "s3", region: "us-east-1" });
  const urlOf = (name: string) => `${gateways[0]}/${bucket}/puts/${name}`;
  const each = async (work: (name: string) => Promise<void>) => {
    const left = names.values();
    await Promise.all(Array.from({ length: 4 }, async () => {
      for (const name of left) await work(name);
    }));
  };
  return {
    name: "PUTs by aws4fetch",
    place: "Ceph",
    async store() {
      await each(async (name) => {
        const body = await Deno.readFile(`${folder}/logs/${name}`);
        const { ok, body: answer } = await client.fetch(urlOf(name), {
          method: "PUT",
          body,
          headers: { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" },
        });
        await answer?.cancel();
        if (!ok) throw new Error(`PUT ${name} failed`);
      });
      return await sizeOf(`${folder}/logs`);
    },
    back: (to) =>
      each(async (name) => {
        const { ok, body } = await client.fetch(urlOf(name));
        if (!ok || body === null) throw new Error(`GET ${name} failed`);
        await Deno.writeFile(`${to}/${name}`, body);
      }),
  };
}

function ddfs(name: string, place: string, { master }: Server): Keeper {
  const env = { DISCO_MASTER: master, XDG_STATE_HOME: `${folder}/state` };
  return {
    name,
    place,
    async store() {
      await output(Deno.execPath(), [...DDFS, "rm", "bench:logs"], { env }).catch(() => {});
      const files = names.map((name) => `./logs/${name}`);
      await output(Deno.execPath(), [...DDFS, "chunk", "bench:logs", ...files], { env, cwd: folder });
      const sizes = await output(Deno.execPath(), [...DDFS, "--json", "du", "bench:logs"], { env });
      return Number(/"bytes":\s*(\d+)/.exec(sizes)?.[1]);
    },
    // One file: the order of the lines is that of the files.
    back: (to) => shell(`"$@" >${to}/all`, [Deno.execPath(), ...DDFS, "xcat", "bench:logs"], env),
  };
}

/** Checks that all came back, byte for byte. */
async function checkBack({ name }: Keeper, to: string, bytes: number): Promise<void> {
  const all = await Deno.stat(`${to}/all`).then(() => true, () => false);
  const back = all ? `${to}/all` : names.map((name) => `${to}/${name}`).join(" ");
  await shell(`cat ${names.map((name) => `logs/${name}`).join(" ")} | cmp - <(cat ${back})`, []).catch(() => {
    throw new Error(`${name} brought back something else than ${bytes} bytes of logs`);
  });
}

async function shell(script: string, args: readonly string[], env: Record<string, string> = {}): Promise<void> {
  await output("bash", ["-c", script, "bash", ...args], { cwd: folder, env });
}

function isThere(command: string): Promise<boolean> {
  return output("which", [command]).then(() => true, () => {
    console.error(`Without ${command}: it is not installed`);
    return false;
  });
}

/** What was compared, with the versions that it tells. */
async function versions(hasCeph: boolean): Promise<string[]> {
  const found = [`Deno ${Deno.version.deno}`];
  for (const command of ["gzip", "pigz", "zstd", "rclone", ...hasCeph ? ["ceph"] : []]) {
    const text = await output(command, ["--version"]).catch(() => undefined);
    const [version] = /\d+(?:\.\d+)+/.exec(text ?? "") ?? [];
    if (version !== undefined) found.push(`${command} ${version}`);
  }
  return found;
}

async function sizeOf(folder: string): Promise<number> {
  let size = 0;
  for await (const { name } of Deno.readDir(folder)) size += (await Deno.stat(`${folder}/${name}`)).size;
  return size;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

function tableOf(
  took: ReadonlyMap<Keeper, readonly { store: number; back: number; stored: number }[]>,
  bytes: number,
): string {
  const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? NaN;
  const gigabytes = (bytes / 1e9).toFixed(bytes < 1e9 ? 1 : 0);
  return [
    `| ${gigabytes} GB of logs in ${names.length} files | kept in | seconds in | MB kept | seconds back |`,
    "| --- | --- | ---: | ---: | ---: |",
    ...Array.from(took, ([{ name, place }, runs]) => {
      const [store, back, stored] = (["store", "back", "stored"] as const).map((key) =>
        median(runs.map((r) => r[key]))
      );
      return `| ${name} | ${place} | ${store?.toFixed(1)} | ${((stored ?? NaN) / 1e6).toFixed(0)} | ${
        back?.toFixed(1)
      } |`;
    }),
  ].join("\n");
}
