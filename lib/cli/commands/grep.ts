import type { Value } from "../../../mod.ts";
import type { Cli } from "../common/cli.ts";
import { recordsOf } from "./cat.ts";
import { EXIT, usage } from "../common/exit_status.ts";
import type { CommandOptions } from "../common/options.ts";
import { showProgress } from "../common/progress.ts";
import { readerOf } from "../common/readers.ts";
import { printed } from "../common/record_text.ts";

/** Prints the records that a regular expression fits; status 1 where there is none. */
export async function grep(cli: Cli, [text = "", ...args]: string[], options: CommandOptions): Promise<number> {
  if (args.length === 0) throw usage("missing required argument 'tag'");
  const search = new Search(text, options);
  const reading = await readerOf(options.reader);
  let count = 0;
  await showProgress(cli, { output: options.count !== true }, async (shown) => {
    for await (const records of recordsOf(cli, args, options, reading, shown)) {
      const found = search.in(records);
      count += found.length;
      if (options.count === true) continue;
      if (cli.json) { for (const i of found) await cli.print("", records[i]); }
      else if (found.length > 0) await cli.write(printed(found.map((i) => records[i] as Value)).bytes);
    }
  });
  if (options.count === true) await cli.print(String(count), { count });
  return count > 0 ? EXIT.ok : EXIT.failed;
}

/** Lookaround and references to groups may depend on what stands around a record. */
const DEPENDS = /\(\?[=!<]|\\[1-9k]/;

/** Finds the records that an expression fits, or does not. */
class Search {
  /** Tests one record, without its line end. */
  readonly #one: RegExp;
  /** Searches many records at once; nothing for expressions that have to see each record by itself. */
  readonly #many: RegExp | undefined;
  readonly #isInverted: boolean;

  constructor(text: string, { fixedStrings, ignoreCase, invert }: CommandOptions) {
    const source = fixedStrings === true ? text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&").replace(/\\-/g, "-") : text;
    const flags = ignoreCase === true ? "iu" : "u";
    try {
      this.#one = new RegExp(source, flags);
      this.#many = DEPENDS.test(source) ? undefined : new RegExp(source, `${flags}gm`);
    } catch (error) {
      throw usage(
        `${JSON.stringify(text)} is no regular expression: ${error instanceof Error ? error.message : error}`,
      );
    }
    this.#isInverted = invert === true;
  }

  /** The places of the records that are wanted. */
  in(records: readonly Value[]): number[] {
    const { bytes, starts } = printed(records);
    const text = DECODER.decode(bytes);
    const fitting = this.#many !== undefined && text.length === bytes.length
      ? this.#amongAscii(this.#many, text, starts)
      : this.#oneByOne(text, bytes, starts);
    if (!this.#isInverted) return fitting;
    const left = new Set(fitting);
    return Array.from(starts.keys()).filter((i) => !left.has(i));
  }

  /** Searches a text in which characters are bytes: a place in it says which record it is in. */
  #amongAscii(many: RegExp, text: string, starts: Uint32Array): number[] {
    const found: number[] = [];
    let record = 0;
    many.lastIndex = 0;
    for (let match = many.exec(text); match !== null; match = many.exec(text)) {
      while (record + 1 < starts.length && (starts[record + 1] ?? Infinity) <= match.index) record++;
      const end = record + 1 < starts.length ? starts[record + 1] ?? text.length : text.length;
      // A match may reach into the next record: the record alone decides.
      if (this.#fits(text.slice(starts[record], end))) found.push(record);
      many.lastIndex = end;
      record++;
      if (end >= text.length) break;
    }
    return found;
  }

  #oneByOne(text: string, bytes: Uint8Array, starts: Uint32Array): number[] {
    if (this.#many !== undefined) {
      this.#many.lastIndex = 0;
      if (!this.#many.test(text)) return [];
    }
    const found: number[] = [];
    for (let i = 0; i < starts.length; i++) {
      const record = bytes.subarray(starts[i], i + 1 < starts.length ? starts[i + 1] : bytes.length);
      if (this.#fits(DECODER.decode(record))) found.push(i);
    }
    return found;
  }

  #fits(record: string): boolean {
    return this.#one.test(record.replace(/\r?\n$/, ""));
  }
}

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });
