import type { DDFS } from "../../../mod.ts";
import type { CommonOptions } from "./options.ts";
import { jsonLine } from "./output.ts";
import { clientSettings } from "./settings.ts";
import { writeError, writeOut } from "../terminal/streams.ts";

/** Output is written when so much has come together. */
const BUFFERED = 1 << 16;

/** The surroundings of a command: its client, its output, the signal that ends it. */
export class Cli {
  /** The options that all commands have. */
  readonly options: CommonOptions;
  /** Ends everything that is under way. */
  readonly signal: AbortSignal;
  #client: Promise<DDFS> | undefined;
  #waiting = "";

  constructor(options: CommonOptions, signal: AbortSignal) {
    this.options = options;
    this.signal = signal;
  }

  /** True where values are printed as JSON. */
  get json(): boolean {
    return this.options.json === true;
  }

  /** True once the command has a client. */
  get isClient(): boolean {
    return this.#client !== undefined;
  }

  /** The client; the library is loaded by the first command that needs it. */
  ddfs(): Promise<DDFS> {
    return this.#client ??= this.#connect();
  }

  async #connect(): Promise<DDFS> {
    const { master, options } = await clientSettings(this.options, (text) => this.warn(text));
    const { DDFS } = await import("../../../mod.ts");
    const { verbose } = this.options;
    return new DDFS(master, {
      ...options,
      ...verbose && {
        onEvent: ({ type, url, attempt, cause }) => this.tell(`${type} ${url} (${attempt}): ${messageOf(cause)}`),
      },
    });
  }

  /** Prints a value: the plain lines, or one line of JSON. */
  async print(plain: string | readonly string[], value: unknown): Promise<void> {
    const lines = this.json ? [jsonLine(value)] : typeof plain === "string" ? [plain] : plain;
    for (const line of lines) this.#waiting += line + "\n";
    if (this.#waiting.length > BUFFERED) await this.flush();
  }

  /** Writes bytes as they are. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.flush();
    await writeOut(bytes);
  }

  /** Writes what was printed. */
  async flush(): Promise<void> {
    const text = this.#waiting;
    this.#waiting = "";
    if (text !== "") await writeOut(text);
  }

  /** Tells of something on stderr, unless only errors are wanted. */
  tell(text: string): void {
    if (this.options.quiet !== true) writeError(`${text}\n`);
  }

  /** Warns on stderr. */
  warn(text: string): void {
    writeError(this.json ? jsonLine({ warning: text }) + "\n" : `ddfs: ${text}\n`);
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
