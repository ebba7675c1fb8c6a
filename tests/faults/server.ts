const SCRIPT = new URL("./serve.ts", import.meta.url);

/** An embedded DDFS on disk in a process of its own, that can be killed and started again on the same port. */
export class ServerProcess {
  /** Its port on 127.0.0.1. */
  port = 0;
  readonly #root: string;
  #child: Deno.ChildProcess | undefined;

  /** Makes one that keeps its data in a folder; it does not run yet. */
  constructor(root: string) {
    this.#root = root;
  }

  /** Starts it, and waits until it answers. */
  async start(): Promise<void> {
    const args = ["run", "-A", "--quiet", "--no-check", SCRIPT.pathname, this.#root, String(this.port)];
    this.#child = new Deno.Command(Deno.execPath(), { args, stdout: "piped", stderr: "inherit" }).spawn();
    const reader = this.#child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const { value = "" } = await reader.read();
    this.port = Number(value.trim());
    if (!(this.port > 0)) throw new Error(`the server did not start: ${value}`);
  }

  /** Kills it, as a power cut would. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined) return;
    child.kill("SIGKILL");
    await child.status;
  }
}
