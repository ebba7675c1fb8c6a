import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { packageJson, type PackageSource, workerdFiles } from "../../scripts/package/package_json.ts";

const SOURCE: PackageSource = {
  name: "@ddfs/client",
  version: "1.2.3",
  license: "MIT",
  exports: {
    ".": "./mod.ts",
    "./read": "./lib/client/reader.ts",
    "./codec": "./lib/codec/mod.ts",
    "./records": "./lib/r.ts",
  },
};

describe("packageJson()", () => {
  it("gives workerd the compiled codec, in the entry points that use it, and everybody the types first", () => {
    const { exports } = packageJson(SOURCE, {}) as { exports: Record<string, Record<string, string>> };

    expect(Object.entries(exports["."] ?? {})).toEqual([
      ["types", "./mod.d.ts"],
      ["workerd", "./workerd/mod.js"],
      ["default", "./mod.js"],
    ]);
    expect(Object.entries(exports["./read"] ?? {})).toEqual([
      ["types", "./lib/client/reader.d.ts"],
      ["default", "./lib/client/reader.js"],
    ]);
    expect(exports["./codec.wasm"]).toBe("./codec.wasm");
  });

  it("has the paths of another builder's folder", () => {
    const { exports, browser } = packageJson(SOURCE, {}, "./esm/") as Record<string, Record<string, unknown>>;

    expect(exports?.["./read"]).toEqual({
      types: "./esm/lib/client/reader.d.ts",
      default: "./esm/lib/client/reader.js",
    });
    expect(browser).toEqual({
      "./esm/lib/runtime/files.js": "./esm/lib/runtime/files_browser.js",
      "./esm/lib/runtime/host.js": "./esm/lib/runtime/host_browser.js",
      "./esm/lib/runtime/threads.js": "./esm/lib/runtime/threads_browser.js",
    });
  });
});

describe("workerdFiles()", () => {
  it("choose the codec before they give what the entry point gives", () => {
    expect(Object.fromEntries(workerdFiles(SOURCE, "./esm/"))).toMatchObject({
      "workerd/use_codec.js":
        'import module from "../codec.wasm";\nimport { useCodec } from "../esm/lib/codec/mod.js";\n\nuseCodec(module);\n',
      "workerd/mod.js": 'import "./use_codec.js";\nexport * from "../esm/mod.js";\n',
    });
  });
});
