/** An embedded DDFS in memory that a process of its own serves on a free loopback port. */
export class ServerProcess {
  /** Its address. */
  readonly master: string;
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess, master: string) {
    this.#child = child;
    this.master = master;
  }

  /** Starts one, and waits until it listens. */
  static async start(): Promise<ServerProcess> {
    const [script, config] = ["../../tests/memory/serve.ts", "../../deno.json"].map((path) =>
      new URL(path, import.meta.url).pathname
    );
    const args = ["run", "-A", "--quiet", "--no-check", `--config=${config}`, script ?? ""];
    const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "inherit" }).spawn();
    const reader = child.stdout.getReader();
    const master = new TextDecoder().decode((await reader.read()).value).trim();
    reader.releaseLock();
    return new ServerProcess(child, master);
  }

  /** Ends it. */
  async stop(): Promise<void> {
    this.#child.kill();
    await this.#child.stdout.cancel();
    await this.#child.status;
  }
}
