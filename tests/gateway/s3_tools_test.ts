import { describe, it } from "@std/testing/bdd";
import { embedded } from "../../lib/embedded/mod.ts";
import { s3Server } from "../../lib/gateway/s3_server.ts";
import { DDFS } from "../../mod.ts";
import { numbered } from "../helpers/bytes.ts";
import { inFolder } from "../helpers/embedded_stores.ts";
import { expect } from "../helpers/expect.ts";
import { isInstalled } from "../helpers/proxy.ts";

const LARGE = numbered(300_000);
const SIZES = { "data/large": 300_000, "data/logs/mon": 6, "data/logs/old/mon": 5, "data/z:1": 1 };
const SECRET = "a/secret+key";
/** Leaves out what a token locks. */
const OPEN = ["--exclude=/secret/**"];

/** Gives a task an S3 face on a port, and a program's way to it. */
async function served(task: (host: string, folder: string) => Promise<void>): Promise<void> {
  const { fetch, master, close } = embedded();
  const ddfs = new DDFS(master, { settings: {}, fetch });
  await ddfs.push("data", [[LARGE, "large"], [new Blob(["z"]), "z:1"]]);
  await ddfs.push("data:logs", [[new Blob(["monday"]), "mon"]]);
  await ddfs.push("data:logs:old", [[new Blob(["older"]), "mon"]]);
  await ddfs.push("secret", [[new Blob(["s"]), "s"]], { token: "sesame" });
  const s3 = s3Server({ ddfs, keys: { reader: SECRET } });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, s3.fetch);
  try {
    await inFolder((folder) => task(`127.0.0.1:${server.addr.port}`, folder));
  } finally {
    await server.shutdown();
    await close();
  }
}

/** Runs a program, and gives the bytes that it prints. */
async function printed(program: string, args: string[], env: Record<string, string>): Promise<Uint8Array<ArrayBuffer>> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args,
    // Settings of this machine for S3 are for others.
    clearEnv: true,
    env: { PATH: Deno.env.get("PATH") ?? "", ...env },
  }).output();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return stdout;
}

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** The files of a folder, their sizes by their paths. */
async function filesIn(folder: string, path = ""): Promise<[path: string, size: number][]> {
  const files: [string, number][] = [];
  for await (const { name, isDirectory } of Deno.readDir(`${folder}/${path}`)) {
    if (isDirectory) files.push(...await filesIn(folder, `${path}${name}/`));
    else files.push([path + name, (await Deno.stat(`${folder}/${path}${name}`)).size]);
  }
  return files.sort();
}

async function describeTool(program: string, tests: () => void): Promise<void> {
  const isHere = await isInstalled(program);
  if (!isHere) console.log(`The tests with ${program} are skipped: it is not installed (apt install ${program})`);
  // In CI all are there.
  const ignore = !isHere && Deno.env.get("CI") !== "true";
  describe(`the S3 face, read by ${program}`, { ignore, sanitizeOps: false, sanitizeResources: false }, tests);
}

await describeTool("rclone", () => {
  const rclone = (host: string, ...args: string[]) =>
    printed("rclone", ["--config=", "--retries=1", "--low-level-retries=1", ...args], {
      RCLONE_CONFIG_S_TYPE: "s3",
      RCLONE_CONFIG_S_PROVIDER: "Other",
      RCLONE_CONFIG_S_ENDPOINT: `http://${host}`,
      RCLONE_CONFIG_S_ACCESS_KEY_ID: "reader",
      RCLONE_CONFIG_S_SECRET_ACCESS_KEY: SECRET,
    });

  it("lists buckets, folders and all objects with their sizes", () =>
    served(async (host) => {
      expect(textOf(await rclone(host, "lsf", "s:"))).toBe("ddfs/\n");
      expect(textOf(await rclone(host, "lsf", "s:ddfs/data"))).toBe("large\nlogs/\nz:1\n");
      const all = JSON.parse(textOf(await rclone(host, "lsjson", "-R", "--files-only", ...OPEN, "s:ddfs")));
      expect(Object.fromEntries(all.map(({ Path, Size }: { Path: string; Size: number }) => [Path, Size]))).toEqual(
        SIZES,
      );
      expect(JSON.parse(textOf(await rclone(host, "size", "--json", ...OPEN, "s:ddfs")))).toMatchObject({
        count: 4,
        bytes: 300_012,
      });
    }));

  it("says that a tag is locked, copies all others, and deletes no copy of it", () =>
    served(async (host, folder) => {
      await Deno.mkdir(`${folder}/secret`);
      await Deno.writeTextFile(`${folder}/secret/s`, "copied when it was open");

      const error = await rclone(host, "sync", "s:ddfs", folder).then(() => "", ({ message }) => message);

      expect(error).toMatch(/AccessDenied/);
      expect(Object.fromEntries(await filesIn(folder))).toEqual({ ...SIZES, "secret/s": 23 });
    }));

  it("with one list of all is refused for a locked tag, by its name, and deletes no copy of it", () =>
    served(async (host, folder) => {
      await Deno.mkdir(`${folder}/secret`);
      await Deno.writeTextFile(`${folder}/secret/s`, "copied when it was open");

      const error = await rclone(host, "sync", "--fast-list", "s:ddfs", folder).then(
        () => "",
        ({ message }) => message,
      );
      await rclone(host, "sync", "--fast-list", "s:ddfs/data", `${folder}/data`);

      expect(error).toMatch(/a token locks tag secret/);
      expect(Object.fromEntries(await filesIn(folder))).toEqual({ ...SIZES, "secret/s": 23 });
    }));

  it("copies a tree, and finds nothing more to copy then", () =>
    served(async (host, folder) => {
      await rclone(host, "copy", ...OPEN, "s:ddfs", folder);
      expect(Object.fromEntries(await filesIn(folder))).toEqual(SIZES);
      expect(await Deno.readFile(`${folder}/data/large`)).toEqual(LARGE);
      await rclone(host, "check", "--download", ...OPEN, "s:ddfs", folder);
    }));

  it("reads a part, in several connections as well", () =>
    served(async (host, folder) => {
      expect(await rclone(host, "cat", "--offset=1000", "--count=77", "s:ddfs/data/large")).toEqual(
        LARGE.slice(1000, 1077),
      );
      const several = ["--multi-thread-cutoff=64k", "--multi-thread-streams=4"];
      await rclone(host, "copyto", ...several, "s:ddfs/data/large", `${folder}/large`);
      expect(await Deno.readFile(`${folder}/large`)).toEqual(LARGE);
    }));

  it("makes a presigned URL that anybody may read by", () =>
    served(async (host) => {
      const url = textOf(await rclone(host, "link", "s:ddfs/data/logs/mon")).trim();
      const good = await fetch(url);
      const bad = await fetch(url.replace("/mon?", "/mom?"));
      expect([good.status, await good.text(), bad.status]).toEqual([200, "monday", 403]);
      await bad.body?.cancel();
    }));
});

await describeTool("s3cmd", () => {
  const s3cmd = (host: string, folder: string, ...args: string[]) =>
    printed("s3cmd", [
      ...[
        "--config=/dev/null",
        "--no-ssl",
        `--host=${host}`,
        `--host-bucket=${host}`,
        "--access_key=reader",
        `--secret_key=${SECRET}`,
      ],
      ...["--no-progress", ...args],
    ], { HOME: folder });

  it("lists buckets, folders and all objects with their sizes", () =>
    served(async (host, folder) => {
      expect(textOf(await s3cmd(host, folder, "ls"))).toMatch(/s3:\/\/ddfs\n$/);
      expect(textOf(await s3cmd(host, folder, "ls", "s3://ddfs/data/"))).toMatch(
        /DIR +s3:\/\/ddfs\/data\/logs\/\n.* 300000 +s3:\/\/ddfs\/data\/large\n/,
      );
      const lines = textOf(await s3cmd(host, folder, "ls", "-r", "s3://ddfs/data/")).trim().split("\n");
      const sizes = lines.map((line) => /(\d+) +s3:\/\/ddfs\/(.*)$/.exec(line)).map((
        match,
      ) => [match?.[2], Number(match?.[1])]);
      expect(Object.fromEntries(sizes)).toEqual(SIZES);
    }));

  it("says that a tag is locked", () =>
    served(async (host, folder) => {
      for (const args of [["ls", "s3://ddfs/secret/"], ["ls", "-r", "s3://ddfs"]]) {
        const error = await s3cmd(host, folder, ...args).then(() => "", ({ message }) => message);
        expect(error).toMatch(/AccessDenied|Access Denied/);
      }
    }));

  it("copies a tree, and goes on with a file that it has the beginning of", () =>
    served(async (host, folder) => {
      await Deno.mkdir(`${folder}/data`);
      await s3cmd(host, folder, "get", "--recursive", "s3://ddfs/data/", `${folder}/data/`);
      expect(Object.fromEntries(await filesIn(folder, "data/"))).toEqual(SIZES);
      await Deno.truncate(`${folder}/data/large`, 1000);
      await s3cmd(host, folder, "get", "--continue", "s3://ddfs/data/large", `${folder}/data/large`);
      expect(await Deno.readFile(`${folder}/data/large`)).toEqual(LARGE);
    }));
});
