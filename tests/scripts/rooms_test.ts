import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { arrowFaults, circleFaults, codeLines, LIMITS, roomOf, ROOMS, sizeFaults } from "../../scripts/shared/rooms.ts";

const imports = (files: Record<string, string[]>) => new Map(Object.entries(files));

describe("the rooms of lib", () => {
  it("are named by their folders; the errors and checks are the ground, the other words a room", () => {
    expect(
      ["lib/errors.ts", "lib/check.ts", "lib/urls.ts", "lib/client/ddfs.ts", "lib/embedded/stores/disk/disk.ts"].map(
        roomOf,
      ),
    )
      .toEqual(["ground", "ground", "words", "client", "embedded/stores/disk"]);
    expect(["mod.ts", "scripts/ok.ts"].map(roomOf)).toEqual(["mod", undefined]);
  });

  it("import those below them, and packages", () => {
    expect(arrowFaults(imports({
      "lib/client/ddfs.ts": ["lib/cluster/walk.ts", "lib/errors.ts", "lib/client/push.ts"],
      "lib/codec/js_engine.ts": ["npm:fflate"],
      "lib/runtime/host.ts": ["node:fs"],
      "lib/cli/commands/list.ts": ["mod.ts", "lib/embedded/mod.ts"],
      "scripts/ok.ts": ["lib/client/ddfs.ts"],
    }))).toEqual([]);
  });

  it("import nothing above or beside them, nothing of scripts, and node: in few rooms only", () => {
    expect(arrowFaults(imports({
      "lib/cluster/walk.ts": ["lib/client/ddfs.ts"],
      "lib/records/mod.ts": ["lib/urls.ts"],
      "lib/cli/list.ts": ["lib/client/push.ts"],
      "lib/http/transport.ts": ["node:http", "scripts/ok.ts"],
      "lib/attic/x.ts": [],
    }))).toEqual([
      "lib/cluster/walk.ts imports lib/client/ddfs.ts, which cluster may not",
      "lib/records/mod.ts imports lib/urls.ts, which records may not",
      "lib/cli/list.ts imports lib/client/push.ts, which cli may not",
      "lib/http/transport.ts imports node:http, which http may not",
      "lib/http/transport.ts imports scripts/ok.ts, which http may not",
      "lib/attic/x.ts is in a room that ROOMS in scripts/shared/rooms.ts does not have",
    ]);
  });

  it("have no arrows back, by the table itself", () => {
    expect(circleFaults(imports(Object.fromEntries(Object.entries(ROOMS).map(([room, to]) => [room, [...to]])))))
      .toEqual([]);
  });
});

describe("circleFaults()", () => {
  it("gives the way round each circle, and nothing for files that meet again further down", () => {
    expect(circleFaults(imports({ a: ["b", "c"], b: ["d"], c: ["d"], d: [] }))).toEqual([]);
    expect(circleFaults(imports({ a: ["b"], b: ["c"], c: ["b"], d: ["d"] }))).toEqual([
      "Circle: b -> c -> b",
      "Circle: d -> d",
    ]);
  });
});

describe("sizeFaults()", () => {
  it("finds what is over the limits, and only that", () => {
    const files = (folder: string, count: number) =>
      Array.from({ length: count }, (_, i) => [`${folder}/${i}.ts`, 1] as const);

    expect(
      sizeFaults(new Map([...files("lib", LIMITS.lib), ...files("lib/a", LIMITS.folder), ["x/y.ts", LIMITS.lines]])),
    )
      .toEqual([]);
    expect(sizeFaults(new Map([...files("lib", 13), ...files("lib/a", 31), ["x/y.ts", 301]]))).toEqual([
      "lib/ has 13 files; 12 is the most",
      "lib/a/ has 31 files; 30 is the most",
      "x/y.ts has 301 lines of code; 300 is the most",
    ]);
  });

  it("is told lines of code, without comments and blank lines", () => {
    expect(codeLines("/**\n * a\n */\n\n// b\nconst c = 1; // d\n/* e */\nf(`\n  /g\n`);\n")).toBe(4);
  });
});
