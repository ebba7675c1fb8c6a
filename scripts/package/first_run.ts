// Checks what `deno task demo` does in a new clone on a machine that has nothing yet: how much it downloads, what it prints first, what it changes.
//   deno run -A scripts/package/first_run.ts

const ROOT = new URL("../..", import.meta.url);
const REGISTRY = (Deno.env.get("NPM_CONFIG_REGISTRY") ?? "https://registry.npmjs.org/").replace(/\/*$/, "/");

/** Folders of the root that a clone has not: git's own, and those of .gitignore. */
const NOT_IN_CLONES: ReadonlySet<string> = new Set([
  ...[".git", "npm", "release", "site", "node_modules", "coverage", "corpora"],
]);

/** The most that may be downloaded, in bytes. */
const MOST = 2_000_000;

/** npm's registry, on loopback, so that what comes from it is counted. */
interface CountedRegistry {
  readonly url: string;
  readonly downloads: number[];
  close(): Promise<void>;
}

const work = await Deno.makeTempDir({ prefix: "ddfs-first-run-" });
const registry = countedRegistry();
try {
  const clone = `${work}/clone`;
  const files = await copyFiles(clone);
  const env = { DENO_DIR: `${work}/deno`, HOME: work, NPM_CONFIG_REGISTRY: registry.url, NO_COLOR: "1" };
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "demo", "README.md"],
    cwd: clone,
    env,
  }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)) as [string, string];
  const bytes = registry.downloads.reduce((sum, size) => sum + size, 0);
  console.log(`The first \`deno task demo\`: ${registry.downloads.length} downloads, ${(bytes / 1e6).toFixed(2)} MB`);

  const broken: string[] = [];
  if (!success) broken.push(`the demo failed:\n${out}${err}`);
  if (bytes > MOST) broken.push(`it downloaded more than ${MOST / 1e6} MB`);
  if (!out.startsWith("Source ")) broken.push(`its first line is not the demo's:\n${out}`);
  if (/warn/i.test(out + err)) broken.push(`it warned:\n${err}`);
  for (const file of files) {
    const [before, after] = await Promise.all(
      [new URL(file, ROOT), `${clone}/${file}`].map((path) => Deno.readFile(path)),
    );
    if (String(before) !== String(after)) broken.push(`it changed ${file}`);
  }
  if (broken.length > 0) {
    console.error(broken.join("\n"));
    Deno.exitCode = 1;
  }
} finally {
  await registry.close();
  await Deno.remove(work, { recursive: true });
}

/** Copies what a clone has; the files' paths. */
async function copyFiles(to: string, folder = ""): Promise<string[]> {
  const files: string[] = [];
  await Deno.mkdir(`${to}/${folder}`, { recursive: true });
  for await (const { name, isFile, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    const path = folder + name;
    if (isDirectory && !NOT_IN_CLONES.has(path)) files.push(...await copyFiles(to, `${path}/`));
    if (!isFile) continue;
    await Deno.copyFile(new URL(path, ROOT), `${to}/${path}`);
    files.push(path);
  }
  return files;
}

function countedRegistry(): CountedRegistry {
  const downloads: number[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname, origin } = new URL(request.url);
    const answer = await fetch(REGISTRY + pathname.slice(1), {
      headers: { accept: request.headers.get("accept") ?? "*/*" },
    });
    if (pathname.endsWith(".tgz")) {
      const bytes = await answer.arrayBuffer();
      downloads.push(bytes.byteLength);
      return new Response(bytes, { status: answer.status });
    }
    const text = (await answer.text()).replaceAll(REGISTRY, `${origin}/`);
    const bytes = await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip")))
      .arrayBuffer();
    downloads.push(bytes.byteLength);
    return new Response(bytes, {
      status: answer.status,
      headers: { "content-type": "application/json", "content-encoding": "gzip" },
    });
  });
  return { url: `http://127.0.0.1:${server.addr.port}/`, downloads, close: () => server.shutdown() };
}
