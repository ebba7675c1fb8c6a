import { DDFS } from "../../mod.ts";

/** A server in a process of its own. */
export interface ExampleServer {
  /** Where it listens. */
  readonly origin: string;
  /** Ends it as Ctrl-C does; the exit code, or the signal. */
  stop(): Promise<number | string>;
}

/**
 * Starts a server, and waits until it says where it listens.
 *
 * @param command What runs it.
 * @param cwd Where it runs.
 */
export async function startExample(command: string, args: readonly string[], cwd: string): Promise<ExampleServer> {
  const child = new Deno.Command(command, {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
  })
    .spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let origin: string | undefined;
  while (origin === undefined) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`${command} ${args.join(" ")} ended before it listened: ${text}`);
    text += value;
    [, origin] = text.match(/listening on (http:\S+)\n/) ?? [];
  }
  return {
    origin,
    async stop() {
      child.kill("SIGINT");
      const { code, signal } = await child.status;
      await reader.cancel();
      return signal ?? code;
    },
  };
}

/** Stores lines in a DDFS, and reads them back. */
export async function storeLines(origin: string): Promise<string> {
  const ddfs = new DDFS(origin, { settings: {} });
  await ddfs.chunk("test:lines", [[new Blob(["one\n", "two\n"]), "lines"]], { workers: 0 });
  let text = "";
  for await (const line of ddfs.records("tag://test:lines", { text: true, workers: 0 })) text += line;
  await ddfs.delete("test:lines");
  return text;
}
