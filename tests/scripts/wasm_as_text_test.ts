import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { wasmOf } from "../../lib/codec/text_of_wasm.ts";
import { compiledCodec } from "../../lib/codec/wasm_module.ts";
import { wasmAsText } from "../../scripts/codec/wasm_as_text.ts";

describe("wasmAsText()", () => {
  it("writes every byte so that wasmOf() reads it back", () => {
    const bytes = Uint8Array.from({ length: 1024 }, (_, i) => i < 512 ? i : i >> 2);

    expect(wasmOf(wasmAsText(bytes))).toEqual(bytes);
    expect(wasmOf(wasmAsText(new Uint8Array()))).toEqual(new Uint8Array());
  });

  it("wrote the codec that is compiled here", () => {
    expect(compiledCodec).toHaveProperty("module");
  });

  it("needs no escapes in double quotes", () => {
    const text = wasmAsText(Uint8Array.from({ length: 256 }, (_, i) => i));

    expect(JSON.stringify(text)).toBe(`"${text}"`);
    expect(text).toMatch(/^[ -~]+$/);
  });

  it("gives the commonest byte the commonest character", () => {
    expect(wasmAsText(Uint8Array.of(9, 9, 9, 107, 107)).slice(-5)).toBe("eeett");
  });
});
