/** An embedded DDFS that a process of its own serves on a free loopback port. */
export class ServerProcess {
  /** Its address. */
  readonly master: string;
  readonly #child: Deno.ChildProcess;
  #stopped: Promise<void> | undefined;

  private constructor(child: Deno.ChildProcess, master: string) {
    this.#child = child;
    this.master = master;
  }

  /**
   * Starts one, and waits until it listens.
   *
   * @param root A folder to keep its blobs in; in memory by default.
   */
  static async start(root?: string): Promise<ServerProcess> {
    const [script, config] = ["../../tests/memory/serve.ts", "../../deno.json"].map((path) =>
      new URL(path, import.meta.url).pathname
    );
    const args = [
      "run",
      "-A",
      "--quiet",
      "--no-check",
      `--config=${config}`,
      script ?? "",
      ...root === undefined ? [] : [root],
    ];
    const child = new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "null" }).spawn();
    const reader = child.stdout.getReader();
    const master = new TextDecoder().decode((await reader.read()).value).trim();
    reader.releaseLock();
    return new ServerProcess(child, master);
  }

  /** The most memory that it had, in bytes. */
  async memory(): Promise<number> {
    const status = await Deno.readTextFile(`/proc/${this.#child.pid}/status`);
    return 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(status)?.[1]);
  }

  /** Ends it, if that has not happened yet. */
  stop(): Promise<void> {
    return this.#stopped ??= this.#stop();
  }

  async #stop(): Promise<void> {
    this.#child.kill();
    await this.#child.stdout.cancel();
    await this.#child.status;
  }
}
