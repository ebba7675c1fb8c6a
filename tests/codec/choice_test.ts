import { afterEach, describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { engine } from "../../lib/codec/current.ts";
import { codec, codecName, useCodec } from "../../lib/codec/mod.ts";
import { compiledCodec } from "../../lib/codec/wasm_module.ts";
import { bytesOf } from "../helpers/bytes.ts";
import { thrownBy } from "../helpers/thrown.ts";

const byDefault = "module" in compiledCodec ? "wasm" : "js";
/** An empty WebAssembly module. */
const EMPTY_MODULE = Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0);

describe("the choice of the codec", () => {
  afterEach(() => useCodec(byDefault));

  it("is WebAssembly wherever the host compiles it", async () => {
    expect(codecName()).toBe(byDefault);
    expect((await engine()).name).toBe(byDefault);
  });

  it("is what useCodec() was told last", async () => {
    useCodec("js");
    expect([codecName(), (await engine()).name]).toEqual(["js", "js"]);
    useCodec(byDefault);
    expect([codecName(), (await engine()).name]).toEqual([byDefault, byDefault]);
  });

  it("gives both engines by name, whichever is chosen", () => {
    const text = bytesOf("the same text either way");
    for (const name of ["js", byDefault] as const) {
      expect(codec(name).name).toBe(name);
      expect(codec(name).inflate(codec(name).deflate(text))).toEqual(text);
      expect(codec(name)).toBe(codec(name));
    }
  });
});

if ("module" in compiledCodec) {
  const { module } = compiledCodec;
  describe("a codec that was compiled ahead", () => {
    afterEach(() => useCodec(byDefault));

    it("runs once it is given", async () => {
      useCodec("js");
      useCodec(module);

      expect(codecName()).toBe("wasm");
      expect((await engine()).crc32(bytesOf("123456789"))).toBe(0xcbf43926);
    });

    it("is refused when it is another module, and the choice stays", () => {
      useCodec("js");

      expect(thrownBy(() => useCodec(new WebAssembly.Module(EMPTY_MODULE)))).toMatchObject({
        code: "unsupported",
        message: expect.stringContaining("codec.wasm"),
      });
      expect(codecName()).toBe("js");
    });
  });
}
