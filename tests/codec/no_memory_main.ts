// A process whose host compiles WebAssembly and has no memory for it: no_memory_test.ts runs it.
WebAssembly.Instance = class {
  constructor() {
    throw new RangeError("WebAssembly.Instance(): Out of memory: Cannot allocate Wasm memory for new instance");
  }
} as unknown as typeof WebAssembly.Instance;

const { chunks, records } = await import("../../lib/records/mod.ts");
const { codecName, useCodec } = await import("../../lib/codec/mod.ts");

const text = new TextEncoder().encode("a line of 20 letters\n".repeat(2_000_000));
let count = 0;
for await (const chunk of chunks(text, { workers: 2 })) {
  for await (const _ of records(chunk, { workers: 2 })) count++;
}
let refusal = "none";
try {
  useCodec("wasm");
} catch (error) {
  refusal = (error as { code: string }).code;
}
console.log(count, codecName(), refusal);
