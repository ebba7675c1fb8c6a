// A Ceph on this machine, for tests: one monitor, one or three OSDs in memory, one or two S3 gateways on the loopback interface. All its files
// are in one folder; it ends by its process ids. It needs Debian's packages:
//   apt-get install --no-install-recommends ceph-mon ceph-osd radosgw
//   deno run -A --config=deno.tools.json scripts/bucket/ceph.ts start FOLDER [--osds=3] [--gateways=2]
//   deno run -A --config=deno.tools.json scripts/bucket/ceph.ts stop FOLDER
// `start` prints the environment that the tests want, for `eval`.
import { AwsClient } from "aws4fetch";
import { output } from "../shared/processes.ts";

/** The Debian packages that it takes, as apt-get wants them. */
export const PACKAGES = ["ceph-mon", "ceph-osd", "radosgw"];

/** A running Ceph. */
export interface Ceph {
  /** The addresses of its S3 gateways. */
  readonly gateways: readonly string[];
  /** A bucket that is there. */
  readonly bucket: string;
  /** The name of the key. */
  readonly accessKeyId: string;
  /** The key. */
  readonly secretAccessKey: string;
  /** The process ids of the OSDs, in their order. */
  readonly osds: readonly number[];
  /** The process ids of all. */
  readonly pids: readonly number[];
}

/** Says how large a Ceph is. */
export interface CephSize {
  /** The number of OSDs; with three of them each object is kept three times, and one may be lost. */
  readonly osds?: number;
  /** The number of gateways. */
  readonly gateways?: number;
}

/** Tells whether Ceph is installed here. */
export async function hasCeph(): Promise<boolean> {
  const commands = ["ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "monmaptool"];
  return await output("which", commands).then(() => true, () => false);
}

/**
 * Starts a Ceph, with a user and a bucket. It goes on when this process ends.
 *
 * @param folder A folder of its own, which is made.
 * @returns What there is; it is also written to `ceph.json` in the folder.
 */
export async function startCeph(folder: string, { osds = 1, gateways = 1 }: CephSize = {}): Promise<Ceph> {
  await Deno.mkdir(folder, { recursive: true });
  const path = await Deno.realPath(folder);
  const conf = `${path}/ceph.conf`;
  const started: number[] = [];
  const ids: number[] = [];
  const start = async (name: string, command: string, args: readonly string[]) => {
    const shell = 'exec "$0" "$@" >"$OUT" 2>&1 </dev/null';
    const child = new Deno.Command("sh", {
      ...{ args: ["-c", shell, command, "-c", conf, "-f", ...args], env: { OUT: `${path}/${name}.out` } },
      ...{ cwd: path, stdin: "null", stdout: "null", stderr: "null", detached: true },
    }).spawn();
    child.unref();
    started.push(child.pid);
    await Deno.writeTextFile(`${path}/pids`, `${started.join("\n")}\n`);
    return child.pid;
  };
  try {
    const id = crypto.randomUUID();
    const monitor = `[v2:127.0.0.1:${freePort()}]`;
    await Deno.writeTextFile(conf, configuration({ id, monitor, path, copies: osds < 3 ? 1 : 3 }));
    await output("monmaptool", ["--create", "--fsid", id, "--addv", "a", monitor, `${path}/monmap`]);
    await output("ceph-mon", ["-c", conf, "--mkfs", "-i", "a", "--monmap", `${path}/monmap`]);
    await start("mon", "ceph-mon", ["-i", "a"]);
    for (let osd = 0; osd < osds; osd++) {
      const uuid = crypto.randomUUID();
      await output("ceph", ["-c", conf, "osd", "new", uuid, String(osd)]);
      await Deno.mkdir(`${path}/osd${osd}`);
      await output("ceph-osd", ["-c", conf, "-i", String(osd), "--mkfs", "--osd-uuid", uuid]);
      ids.push(await start(`osd${osd}`, "ceph-osd", ["-i", String(osd)]));
    }
    await until("the OSDs", path, async () => {
      const text = await output("ceph", ["-c", conf, "osd", "stat", "-f", "json"]);
      return (JSON.parse(text) as { num_up_osds: number }).num_up_osds === osds;
    });
    const addresses: string[] = [];
    for (let gateway = 0; gateway < gateways; gateway++) {
      const port = freePort();
      const frontend = `beast endpoint=127.0.0.1:${port} tcp_nodelay=1`;
      await start(`rgw${gateway}`, "radosgw", ["--name", `client.rgw${gateway}`, `--rgw-frontends=${frontend}`]);
      addresses.push(`http://127.0.0.1:${port}`);
      await until("the gateway", path, async () => {
        const response = await fetch(`http://127.0.0.1:${port}/`);
        await response.body?.cancel();
        return response.ok;
      });
    }
    const keys = { accessKeyId: "DDFSTEST", secretAccessKey: crypto.randomUUID().replaceAll("-", "") };
    await output("radosgw-admin", [
      ...["-c", conf, "--name", "client.rgw0", "user", "create", "--uid=ddfs", "--display-name=ddfs"],
      ...[`--access-key=${keys.accessKeyId}`, `--secret-key=${keys.secretAccessKey}`],
    ]);
    const bucket = "ddfs";
    const client = new AwsClient({ ...keys, service: "s3", region: "us-east-1", retries: 0 });
    await until("the bucket", path, async () => {
      const response = await client.fetch(`${addresses[0]}/${bucket}`, { method: "PUT" });
      await response.body?.cancel();
      return response.ok;
    });
    const ceph = { gateways: addresses, bucket, ...keys, osds: ids, pids: started };
    await Deno.writeTextFile(`${path}/ceph.json`, JSON.stringify(ceph, null, 2));
    return ceph;
  } catch (error) {
    await end(started);
    throw error;
  }
}

/**
 * Ends a Ceph, and removes its folder.
 *
 * @param folder The folder that it was started in; where there is none, nothing is done.
 */
export async function stopCeph(folder: string): Promise<void> {
  const path = await Deno.realPath(folder).catch(() => undefined);
  if (path === undefined) return;
  const pids = (await Deno.readTextFile(`${path}/pids`).catch(() => "")).split("\n").filter(Boolean).map(Number);
  const isOurs = async (pid: number) =>
    (await Deno.readTextFile(`/proc/${pid}/cmdline`).catch(() => "")).includes(`${path}/ceph.conf`);
  const ours = await Promise.all(pids.map(isOurs));
  await end(pids.filter((_, index) => ours[index]));
  await Deno.remove(path, { recursive: true });
}

/** The environment by which the tests find a Ceph. */
export function environment(ceph: Ceph): Record<string, string> {
  return {
    DDFS_TEST_S3: ceph.gateways.join(","),
    DDFS_TEST_S3_BUCKET: ceph.bucket,
    DDFS_TEST_S3_ACCESS_KEY_ID: ceph.accessKeyId,
    DDFS_TEST_S3_SECRET_ACCESS_KEY: ceph.secretAccessKey,
    DDFS_TEST_S3_OSDS: ceph.osds.join(","),
  };
}

/** The data of a test is worth nothing: it is in memory, and needs no leave to be read on this machine. Everything it writes is in one folder. */
function configuration(
  { id, monitor, path, copies }: { id: string; monitor: string; path: string; copies: number },
): string {
  return `[global]
fsid = ${id}
mon host = ${monitor}
public addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
osd objectstore = memstore
memstore device bytes = 8589934592
osd pool default size = ${copies}
osd pool default min size = ${copies === 1 ? 1 : 2}
osd pool default pg num = 4
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd heartbeat grace = 6
osd heartbeat interval = 2
mon osd min down reporters = 1
mon osd adjust heartbeat grace = false
paxos propose interval = 0.1
mon allow pool size one = true
mon data avail crit = 1
mon data avail warn = 2
run dir = ${path}
log file = ${path}/$name.log
admin socket = ${path}/$name.$pid.asok
pid file = ${path}/$name.pid
crash dir = ${path}
mon data = ${path}/mon
osd data = ${path}/osd$id
rgw data = ${path}/rgw
rgw thread pool size = 64
`;
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Asks again until something is there; one that does not come within a minute is an error, with what the processes have printed. */
async function until(what: string, path: string, isThere: () => Promise<boolean>): Promise<void> {
  const end = Date.now() + 60_000;
  let failure: unknown;
  while (Date.now() < end) {
    try {
      if (await isThere()) return;
    } catch (error) {
      failure = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  const said = await output("sh", ["-c", `tail -n 5 ${path}/*.out`]).catch(() => "");
  throw new Error(`Ceph: ${what} did not come within a minute\n${said}`, { cause: failure });
}

/** Ends processes, and waits until they are gone. */
async function end(pids: readonly number[]): Promise<void> {
  const isThere = (pid: number) => Deno.stat(`/proc/${pid}/exe`).then(() => true, () => false);
  const kill = (pid: number, signal: Deno.Signal) => {
    try {
      Deno.kill(pid, signal);
    } catch {
      // It has ended by itself.
    }
  };
  // What is in memory need not be put away.
  for (const pid of pids) kill(pid, "SIGKILL");
  for (let looks = 0; looks < 100; looks++) {
    if (!(await Promise.all(pids.map(isThere))).includes(true)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

if (import.meta.main) {
  const [command, folder] = Deno.args;
  const count = (name: string) =>
    Number(Deno.args.find((argument) => argument.startsWith(`--${name}=`))?.split("=")[1] ?? 1);
  if (folder === undefined || (command !== "start" && command !== "stop")) {
    console.error("ceph.ts start FOLDER [--osds=3] [--gateways=2] | ceph.ts stop FOLDER");
    Deno.exit(2);
  }
  if (command === "stop") await stopCeph(folder);
  else if (!await hasCeph()) {
    console.error(`There is no Ceph here: apt-get install --no-install-recommends ${PACKAGES.join(" ")}`);
    Deno.exit(1);
  } else {
    const ceph = await startCeph(folder, { osds: count("osds"), gateways: count("gateways") });
    for (const [name, value] of Object.entries(environment(ceph))) console.log(`export ${name}=${value}`);
  }
}
