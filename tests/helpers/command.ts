import { embedded, type EmbeddedOptions } from "../../lib/embedded/mod.ts";

const ROOT = new URL("../..", import.meta.url);

/** What a command did. */
export interface Outcome {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

/** How a command is run. */
export interface CommandOptions {
  /** What it reads from stdin; nothing by default. */
  readonly stdin?: string | Uint8Array<ArrayBuffer>;
  /** Variables of its environment beside those of the place. */
  readonly env?: Readonly<Record<string, string>>;
  /** A module that runs before it. */
  readonly preload?: string;
}

/** A folder, a master and the `ddfs` command. */
export interface CommandPlace {
  /** The folder that commands run in. */
  readonly folder: string;
  /** The master's address. */
  readonly master: string;
  /** Requests that the master has had, `METHOD /path`. */
  readonly requests: string[];
  /** The environment of commands. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs `ddfs` with arguments. */
  ddfs(args: readonly string[], options?: CommandOptions): Promise<Outcome>;
  /** Takes the place of the master's answers. */
  intercept: (request: Request, answer: () => Promise<Response>) => Promise<Response>;
  /** Starts `ddfs`, to be ended by the test. */
  start(args: readonly string[], options?: Omit<CommandOptions, "stdin">): Deno.ChildProcess;
  /** Ends the master and removes the folder. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The arguments of `deno` that run the command. */
export const DDFS: readonly string[] = [
  "run",
  "--allow-all",
  "--quiet",
  `--config=${new URL("deno.json", ROOT).pathname}`,
  new URL("lib/cli/main.ts", ROOT).pathname,
];

/**
 * Makes a place to run commands in, with an embedded DDFS that is served on a port.
 *
 * @param files Files in the folder, by their paths.
 * @param options How the DDFS is made.
 */
export async function commandPlace(
  files: Readonly<Record<string, string | Uint8Array>> = {},
  options: EmbeddedOptions = {},
): Promise<CommandPlace> {
  const folder = await Deno.makeTempDir({ prefix: "ddfs-cli-" });
  for (const [path, content] of Object.entries(files)) {
    await Deno.mkdir(`${folder}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeFile(
      `${folder}/${path}`,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    );
  }
  const ddfs = embedded(options);
  const requests: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const { pathname, search } = new URL(request.url);
    requests.push(`${request.method} ${pathname}${search}`);
    return place.intercept(request, () => ddfs.fetch(request, {}));
  });
  const master = `http://127.0.0.1:${server.addr.port}`;
  const env = {
    PATH: Deno.env.get("PATH") ?? "",
    HOME: folder,
    DENO_DIR: Deno.env.get("DENO_DIR") ?? `${Deno.env.get("HOME")}/.cache/deno`,
    DISCO_MASTER: master,
    XDG_STATE_HOME: `${folder}/state`,
    NO_COLOR: "1",
  };
  const [run = "", ...main] = DDFS;
  const command = (args: readonly string[], stdin: "piped" | "null", { env: extra, preload }: CommandOptions) =>
    new Deno.Command(Deno.execPath(), {
      args: [run, ...preload === undefined ? [] : [`--preload=${preload}`], ...main, ...args],
      cwd: folder,
      clearEnv: true,
      env: { ...env, ...extra },
      stdin,
      stdout: "piped",
      stderr: "piped",
    });
  const place: CommandPlace = {
    folder,
    master,
    intercept: (_request, answer) => answer(),
    requests,
    env,
    async ddfs(args, options = {}) {
      const { stdin } = options;
      const child = command(args, stdin === undefined ? "null" : "piped", options).spawn();
      if (stdin !== undefined) {
        const bytes = typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin;
        const writer = child.stdin.getWriter();
        await writer.write(bytes).catch(() => {});
        await writer.close().catch(() => {});
      }
      const { code, stdout, stderr } = await child.output();
      return { status: code, out: new TextDecoder().decode(stdout), err: new TextDecoder().decode(stderr) };
    },
    start: (args, options = {}) => command(args, "null", options).spawn(),
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await ddfs.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
  return place;
}

/**
 * Runs tests in places of their own.
 *
 * @param files Files in the folder of each.
 * @returns A function that runs a test, with options of the embedded DDFS where they matter.
 */
export function inPlaceWith(
  files: Readonly<Record<string, string | Uint8Array>>,
): (work: (place: CommandPlace) => Promise<void>, options?: EmbeddedOptions) => Promise<void> {
  return async (work, options) => {
    const place = await commandPlace(files, options);
    try {
      await work(place);
    } finally {
      await place[Symbol.asyncDispose]();
    }
  };
}
