import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import * as esbuild from "esbuild";
import { packNpm } from "../../scripts/package/pack_npm.ts";
import { output } from "../../scripts/shared/processes.ts";
import { packageJson, type PackageSource } from "../../scripts/package/package_json.ts";

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
  it("gives workerd the compiled codec in place of its text, nothing that compiles more, and everybody the types first", () => {
    const { exports, imports } = packageJson(SOURCE, {}) as Record<string, Record<string, Record<string, string>>>;

    expect(Object.entries(exports?.["."] ?? {})).toEqual([["types", "./mod.d.ts"], ["default", "./mod.js"]]);
    expect(exports?.["./codec.wasm"]).toBe("./codec.wasm");
    expect(Object.entries(imports?.["#compiled-codec"] ?? {})).toEqual([
      ["workerd", "./workerd/compiled_codec.js"],
      ["default", "./lib/codec/wasm_module.js"],
    ]);
    expect(Object.entries(imports?.["#set-search"] ?? {})).toEqual([
      ["workerd", "./workerd/set_search.js"],
      ["default", "./lib/records/set_search.js"],
    ]);
  });

  it("has the explorer in no bundle for Workers and pages", () => {
    const { imports } = packageJson(SOURCE, {}) as Record<string, Record<string, Record<string, string>>>;
    const chosen = imports?.["#own-explorer"] ?? {};

    expect(Object.keys(chosen)).toEqual(["workerd", "worker", "edge-light", "browser", "default"]);
    for (const [condition, module] of Object.entries(chosen)) {
      expect(module).toBe(`./lib/explorer_page/own${condition === "default" ? "" : "_bundled"}.js`);
    }
  });

  it("has the disk's store in no bundle for Workers", () => {
    const { imports } = packageJson(SOURCE, {}) as Record<string, Record<string, Record<string, string>>>;
    const none = "./lib/embedded/stores/disk/no_disk.js";

    expect(Object.entries(imports?.["#disk-store"] ?? {})).toEqual([
      ...[["workerd", none], ["worker", none], ["edge-light", none]],
      ["default", "./lib/embedded/stores/disk/disk.js"],
    ]);
  });

  it("has no threads in a bundle for workerd, which starts none", () => {
    const { imports } = packageJson(SOURCE, {}) as Record<string, Record<string, Record<string, string>>>;

    expect(Object.entries(imports?.["#threads"] ?? {})).toEqual([
      ["workerd", "./lib/codec/no_threads.js"],
      ["default", "./lib/codec/threads.js"],
    ]);
  });

  it("gives the client as one file the client's types", () => {
    const { exports } = packageJson(SOURCE, {}) as { exports: Record<string, unknown> };

    expect(exports["./ddfs.min.js"]).toEqual({ types: "./mod.d.ts", default: "./ddfs.min.js" });
  });

  it("may be published by everybody who may, names Node's oldest version, and the repository once it is known", () => {
    expect(packageJson(SOURCE, {}, "./", "https://example.org/a/b")).toMatchObject({
      publishConfig: { access: "public" },
      engines: { node: ">=20.19" },
      homepage: "https://example.org/a/b#readme",
    });
    expect(packageJson(SOURCE, {}, "./", "")).not.toHaveProperty("homepage");
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

describe("the npm package", () => {
  it("has the command as one file, which is no entry point, and depends on two packages", async () => {
    const folder = await Deno.makeTempDir({ prefix: "ddfs-pack-" });
    try {
      const tarball = await packNpm(folder);
      await output("tar", ["-xzf", tarball, "-C", folder, "package/package.json", "package/ddfs.js"]);
      const { bin, dependencies, exports } = JSON.parse(await Deno.readTextFile(`${folder}/package/package.json`));
      expect(bin).toEqual({ ddfs: "./ddfs.js" });
      expect(Object.keys(dependencies).sort()).toEqual(["@noble/hashes", "fflate"]);
      expect(Object.keys(exports)).not.toContain("./cli");

      const gzip = new Blob([await Deno.readFile(`${folder}/package/ddfs.js`)]).stream()
        .pipeThrough(new CompressionStream("gzip"));
      expect((await new Response(gzip).arrayBuffer()).byteLength).toBeLessThan(50 * 1024);
    } finally {
      await esbuild.stop();
      await Deno.remove(folder, { recursive: true });
    }
  });
});
