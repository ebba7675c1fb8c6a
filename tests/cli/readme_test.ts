import { describe, it } from "@std/testing/bdd";
import { COMMANDS } from "../../lib/cli/commands.ts";
import { commandPlace, DDFS } from "../helpers/command.ts";
import { place as placed } from "../helpers/embedded_stores.ts";
import { expect } from "../helpers/expect.ts";

const README = new URL("../../lib/cli/README.md", import.meta.url);

/** A command line, and what it is said to print. */
interface Example {
  readonly command: string;
  readonly output: string;
}

/** The examples of a document: lines with `$` in its blocks of kind `console`, each with its output below. */
function examplesOf(text: string): Example[] {
  return [...text.matchAll(/^```console\n(.*?)^```$/gms)].flatMap(([, block = ""]) =>
    block.split(/^\$ /m).slice(1).map((part) => {
      const [command = "", ...lines] = part.split("\n");
      return { command, output: lines.join("\n") };
    })
  );
}

/** The pattern of an output in which `..` and `...` stand for what differs. */
function pattern(output: string): RegExp {
  const escaped = output.replace(/[\\^$*+?()[\]{}|/]/g, "\\$&").replace(
    /\.{2,3}|\./g,
    (dots) => dots === "." ? "\\." : "[^\\n]*",
  );
  return new RegExp(`^${escaped}$`);
}

/** What a command line prints; of one that `timeout` ends, as many lines as are wanted, however long they take to come. */
async function printedBy(command: string, output: string, options: Deno.CommandOptions): Promise<string> {
  const [, endless] = /^timeout \d+ (.*)$/.exec(command) ?? [];
  const args = ["-c", endless === undefined ? command : `exec ${endless}`];
  const child = new Deno.Command("bash", { ...options, args, stdout: "piped", stderr: "null" }).spawn();
  let lines = endless === undefined ? Infinity : output.split("\n").length - 1;
  let text = "";
  for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += part;
    if (text.split("\n").length <= lines) continue;
    lines = Infinity;
    child.kill();
  }
  await child.status;
  return text;
}

describe("the README", () => {
  it("has an example of each command, and all do what it says", async () => {
    const examples = examplesOf(await Deno.readTextFile(README));
    const place = await commandPlace({
      "access.log": "10.0.0.1 GET /\n10.0.0.1 GET /page\n10.0.0.2 POST /form\n",
      "notes.txt": "remember the milk\n",
      "words.mjs": `export async function* reader(stream) {
  const text = await new Response(stream).text();
  yield* text.trim().split(/\\s+/);
}\n`,
    });
    try {
      await placed(`${place.folder}/volume`, "blob", "log$52e-1-1", "hello");
      await Deno.mkdir(`${place.folder}/logs`);
      await Deno.mkdir(`${place.folder}/bin`);
      const zipped = new Blob(["10.0.0.3 GET /may\n"]).stream().pipeThrough(new CompressionStream("gzip"));
      await Deno.writeFile(`${place.folder}/logs/may.gz`, zipped);
      const words = [Deno.execPath(), ...DDFS].map((word) => `'${word}'`).join(" ");
      await Deno.writeTextFile(`${place.folder}/bin/ddfs`, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o755 });
      const env = { ...place.env, PATH: `${place.folder}/bin:${place.env["PATH"]}` };
      for (const { command, output } of examples) {
        const text = await printedBy(command, output, { cwd: place.folder, clearEnv: true, env });
        expect({ command, text: pattern(output).test(text) ? output : text }).toEqual({ command, text: output });
      }
      const missing = COMMANDS.filter(({ name }) => !examples.some(({ command }) => command.includes(`ddfs ${name}`)));
      expect(missing.map(({ name }) => name)).toEqual([]);
    } finally {
      await place[Symbol.asyncDispose]();
    }
  });
});
