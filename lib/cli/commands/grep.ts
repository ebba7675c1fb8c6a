import type { Value } from "../../../mod.ts";
import type { Cli } from "../common/cli.ts";
import { recordsOf } from "./cat.ts";
import { EXIT, usage } from "../common/exit_status.ts";
import type { CommandOptions } from "../common/options.ts";
import { showProgress } from "../common/progress.ts";
import { readerOf } from "../common/readers.ts";
import { printed } from "../common/record_text.ts";

const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** Prints the records that a regular expression fits; status 1 where there is none. */
export async function grep(cli: Cli, [text = "", ...args]: string[], options: CommandOptions): Promise<number> {
  const pattern = patternOf(text, options);
  const reading = await readerOf(options.reader);
  // Other records than bytes and text are searched as they are printed.
  const textOf = (record: Value) => DECODER.decode(printed([record]).bytes);
  let count = 0;
  await showProgress(cli, { output: options.count !== true }, async (shown) => {
    const found = recordsOf(cli, args, options, reading, shown, (ddfs, source, how) => {
      return ddfs.grep(source, pattern, { ...how, invert: options.invert, textOf });
    });
    for await (const records of found) {
      count += records.length;
      if (options.count === true) continue;
      if (cli.json) { for (const record of records) await cli.print("", record); }
      else await cli.write(printed(records).bytes);
    }
  });
  if (options.count === true) await cli.print(String(count), { count });
  return count > 0 ? EXIT.ok : EXIT.failed;
}

function patternOf(text: string, { fixedStrings, ignoreCase }: CommandOptions): string | RegExp {
  if (fixedStrings === true && ignoreCase !== true) return text;
  const source = fixedStrings === true ? text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&") : text;
  try {
    return new RegExp(source, ignoreCase === true ? "iu" : "u");
  } catch (error) {
    throw usage(`${JSON.stringify(text)} is no regular expression: ${error instanceof Error ? error.message : error}`);
  }
}
