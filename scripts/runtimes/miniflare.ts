import type { Running, Worker } from "./workerd.ts";

const MAIN = new URL("../../tests/runtimes/worker/miniflare_main.mjs", import.meta.url);

/** A Worker with a bucket. */
export interface BucketWorker extends Pick<Worker, "code" | "wasm"> {
  /** Texts that it finds in its environment. */
  readonly texts?: Readonly<Record<string, string>>;
}

/**
 * Starts a Worker in workerd on a free loopback port, with an R2 bucket as `BUCKET`. Miniflare, which runs in Node, simulates the bucket.
 *
 * @param installed The folder that has miniflare among its `node_modules`.
 * @param folder A folder for its files, which has the bucket.
 * @returns Where it answers, and the process id of workerd.
 */
export async function startBucketWorker(
  installed: string,
  folder: string,
  { code, wasm, texts = {} }: BucketWorker,
): Promise<Running> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/worker.mjs`, code);
  if (wasm !== undefined) await Deno.writeFile(`${folder}/codec.wasm`, wasm);
  const main = `${installed}/miniflare_main.mjs`;
  await Deno.copyFile(MAIN, main);
  const options = {
    ...{ modules: true, scriptPath: `${folder}/worker.mjs`, modulesRoot: folder, rootPath: folder },
    modulesRules: [{ type: "ESModule", include: ["**/*.mjs"] }, { type: "CompiledWasm", include: ["**/*.wasm"] }],
    ...{ compatibilityDate: "2025-06-01", compatibilityFlags: ["nodejs_compat"] },
    ...{ r2Buckets: ["BUCKET"], r2Persist: `${folder}/r2`, bindings: texts },
    ...{ host: "127.0.0.1", port: 0, unsafeTriggerHandlers: true },
  };
  const child = new Deno.Command("node", {
    ...{ args: [main, JSON.stringify(options)], cwd: installed, stdin: "piped", stdout: "piped", stderr: "inherit" },
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`miniflare ended before it listened: ${text}`);
    text += value;
  }
  const { origin } = JSON.parse(text.slice(0, text.indexOf("\n"))) as { origin: string };
  return {
    origin,
    pid: await childOf(child.pid),
    stop: async () => {
      await child.stdin.close();
      await child.status;
      await reader.cancel();
    },
  };
}

/** Gives the only child of a process. */
async function childOf(pid: number): Promise<number> {
  return Number((await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`)).trim().split(" ").at(-1));
}
