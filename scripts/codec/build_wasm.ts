// Compiles wasm/ into lib/codec/wasm_text.ts and lib/codec/byte_sets_text.ts.
//   deno task wasm [--check]     (--check: compiles, writes nothing, fails when the committed files are stale)
import asc from "assemblyscript/asc";
import { wasmOf } from "../../lib/codec/text_of_wasm.ts";
import { wasmAsText } from "./wasm_as_text.ts";

const ROOT = new URL("../..", import.meta.url);

interface Target {
  /** The file to compile, in wasm/. */
  readonly entry: string;
  /** What is written. */
  readonly output: string;
  /** The name of the text in it. */
  readonly name: string;
  /** What it is. */
  readonly what: string;
  /** Pages of memory to begin with; the host takes more as it needs it. */
  readonly pages: number;
}

const TARGETS: readonly Target[] = [
  // Up to HEAP and one page.
  { entry: "codec.ts", output: "wasm_text.ts", name: "WASM_TEXT", what: "WebAssembly module of the codec", pages: 17 },
  {
    entry: "byte_sets.ts",
    output: "byte_sets_text.ts",
    name: "BYTE_SETS_TEXT",
    what: "WebAssembly module that looks for sets of bytes",
    pages: 1,
  },
];

const OPTIONS = [
  "--baseDir",
  ROOT.pathname,
  "--optimizeLevel",
  "3",
  // Inlines what is called once or is a line or two, and nothing else: as fast, and a twelfth smaller.
  "--shrinkLevel",
  "1",
  "--converge",
  "--noAssert",
  "--uncheckedBehavior",
  "always",
  // No managed objects, so no runtime, and nothing to import.
  "--runtime",
  "stub",
  "--use",
  "abort=",
  "--enable",
  "simd",
  // Addresses are 32 bits here, and stay so.
  "--disableWarning",
  "201",
  "--outFile",
  "codec.wasm",
];

for (const target of TARGETS) {
  const path = `lib/codec/${target.output}`;
  const module = moduleOf(target, await compile(target));
  if (!Deno.args.includes("--check")) {
    await Deno.writeTextFile(new URL(path, ROOT), module);
    console.log(`Wrote ${path}, ${module.length} bytes.`);
  } else if (await Deno.readTextFile(new URL(path, ROOT)).catch(() => "") !== module) {
    console.error(`${path} is not what wasm/ compiles to: run \`deno task wasm\`, and commit it.`);
    Deno.exitCode = 1;
  }
}

async function compile({ entry, pages }: Target): Promise<Uint8Array> {
  const messages: string[] = [];
  const note = { write: (message: string | Uint8Array) => (messages.push(String(message)), true) };
  let wasm: Uint8Array | undefined;
  const { error } = await asc.main([`wasm/${entry}`, ...OPTIONS, "--initialMemory", `${pages}`], {
    stdout: note,
    stderr: note,
    writeFile: (_name: string, contents: Uint8Array | string) => {
      if (typeof contents !== "string") wasm = contents;
    },
  });
  if (error !== null || wasm === undefined) {
    console.error(messages.join("") || error?.message);
    Deno.exit(1);
  }
  if (messages.length > 0) console.log(messages.join(""));
  return wasm;
}

function moduleOf({ name, what }: Target, wasm: Uint8Array): string {
  const text = wasmAsText(wasm);
  if (wasmOf(text).some((byte, i) => byte !== wasm[i])) throw new Error("the text is not read back as it was written");
  return `// Compiled from wasm/ by \`deno task wasm\`: change it there.
/** The ${what}, as wasmOf() reads it. */
export const ${name}: string = "${text}";
`;
}
