/** A Worker that runs in workerd. */
export interface Worker {
  /** Its JavaScript, one module. */
  readonly code: string;
  /** The compiled codec that it imports as `./codec.wasm`, where it does. */
  readonly wasm?: Uint8Array;
  /** Decides what workerd does as it did on that day. */
  readonly compatibilityDate: string;
  /** Texts that the Worker finds in its environment. */
  readonly texts?: Readonly<Record<string, string>>;
  /** The class of a Durable Object that the Worker finds as `STORE`. */
  readonly store?: string;
  /** The host and port of the server that keeps its cache. */
  readonly cache?: string;
}

/** workerd with a Worker in it. */
export interface Running {
  /** Where it answers. */
  readonly origin: string;
  /** The id of the process. */
  readonly pid: number;
  /** Ends it. */
  stop(): Promise<void>;
}

/** A Durable Object that is kept in memory. */
const IN_MEMORY =
  `durableObjectNamespaces = [(className = "STORE", uniqueKey = "ddfs")], durableObjectStorage = (inMemory = void),`;

/**
 * Finds workerd, which npm's package brings along.
 *
 * @param installed The folder that has it among its `node_modules`.
 * @returns The path of the program; `undefined` where there is none for this machine.
 */
export async function workerdPath(installed: string): Promise<string | undefined> {
  const cpu = Deno.build.arch === "aarch64" ? "arm64" : "64";
  const path = `${installed}/node_modules/@cloudflare/workerd-${Deno.build.os}-${cpu}/bin/workerd`;
  return await Deno.stat(path).then(() => path, () => undefined);
}

/**
 * Starts a Worker on a free loopback port.
 *
 * @param path The path of workerd.
 * @param folder A folder for its files.
 * @param worker The Worker.
 * @returns Where it answers.
 */
export async function startWorker(path: string, folder: string, worker: Worker): Promise<Running> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/worker.mjs`, worker.code);
  if (worker.wasm !== undefined) await Deno.writeFile(`${folder}/codec.wasm`, worker.wasm);
  await Deno.writeTextFile(`${folder}/config.capnp`, configuration(worker));
  const child = new Deno.Command(path, {
    args: ["serve", `${folder}/config.capnp`, "--control-fd=1"],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!/"port":\s*\d+/.test(text)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`workerd ended before it listened: ${text}`);
    text += value;
  }
  const [, port] = text.match(/"port":\s*(\d+)/) ?? [];
  return {
    origin: `http://127.0.0.1:${port}`,
    pid: child.pid,
    stop: async () => {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
    },
  };
}

/** Without it, workerd reports rejections that are handled some microtasks later as ones that nobody handles. */
const FLAG = "unhandled_rejection_after_microtask_checkpoint";

function configuration({ wasm, compatibilityDate, texts = {}, store, cache }: Worker): string {
  const bindings = Object.entries(texts).map(([name, text]) => `(name = "${name}", text = ${JSON.stringify(text)})`);
  if (store !== undefined) bindings.push(`(name = "STORE", durableObjectNamespace = "${store}")`);
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .main),
    (name = "internet", network = (allow = ["public", "private", "local"])),
    ${cache === undefined ? "" : `(name = "cache", external = (address = "${cache}", http = ())),`}
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);

const main :Workerd.Worker = (
  modules = [
    (name = "worker.mjs", esModule = embed "worker.mjs"),
    ${wasm === undefined ? "" : `(name = "codec.wasm", wasm = embed "codec.wasm"),`}
  ],
  compatibilityDate = "${compatibilityDate}",
  compatibilityFlags = ["${FLAG}"],
  bindings = [${bindings.join(", ")}],
  ${cache === undefined ? "" : `cacheApiOutbound = "cache",`}
  ${store === undefined ? "" : IN_MEMORY.replace("STORE", store)}
);
`;
}

/** A figure of Linux about a process's memory, in MiB: what it has now (`VmRSS`), or had at most (`VmHWM`). */
export async function resident(pid: number, figure: "VmRSS" | "VmHWM"): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Math.round(Number(status.match(new RegExp(`${figure}:\\s*(\\d+) kB`))?.[1]) / 1024);
}

/** Fails where a finding is not as expected. */
export function same(found: unknown, expected: unknown): Promise<void> {
  const [a, b] = [JSON.stringify(found), JSON.stringify(expected)];
  if (a === b) return Promise.resolve();
  throw new Error(`${a?.slice(0, 500)} in place of ${b?.slice(0, 500)}`);
}
