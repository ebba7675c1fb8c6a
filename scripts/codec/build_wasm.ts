// Compiles wasm/ into lib/codec/wasm_text.ts.
//   deno task wasm [--check]     (--check: compiles, writes nothing, fails when the committed file is stale)
import asc from "assemblyscript/asc";
import { wasmOf } from "../../lib/codec/wasm_module.ts";
import { wasmAsText } from "./wasm_as_text.ts";

const ROOT = new URL("../..", import.meta.url);
const OUTPUT = new URL("lib/codec/wasm_text.ts", ROOT);

const OPTIONS = [
  "wasm/codec.ts",
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
  // Up to HEAP and one page; the host takes more as it needs it.
  "--initialMemory",
  "16",
  // Addresses are 32 bits here, and stay so.
  "--disableWarning",
  "201",
  "--outFile",
  "codec.wasm",
];

const module = moduleOf(await compile());
if (!Deno.args.includes("--check")) {
  await Deno.writeTextFile(OUTPUT, module);
  console.log(`Wrote ${OUTPUT.pathname.slice(ROOT.pathname.length)}, ${module.length} bytes.`);
} else if (await Deno.readTextFile(OUTPUT).catch(() => "") !== module) {
  console.error("lib/codec/wasm_text.ts is not what wasm/ compiles to: run `deno task wasm`, and commit it.");
  Deno.exitCode = 1;
}

async function compile(): Promise<Uint8Array> {
  const messages: string[] = [];
  const note = { write: (message: string | Uint8Array) => (messages.push(String(message)), true) };
  let wasm: Uint8Array | undefined;
  const { error } = await asc.main(OPTIONS, {
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

function moduleOf(wasm: Uint8Array): string {
  const text = wasmAsText(wasm);
  if (wasmOf(text).some((byte, i) => byte !== wasm[i])) throw new Error("the text is not read back as it was written");
  return `// Compiled from wasm/ by \`deno task wasm\`: change it there.
/** The WebAssembly module of the codec, as wasmOf() reads it. */
export const WASM_TEXT: string = "${text}";
`;
}
