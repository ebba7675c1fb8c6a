import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { foreignErrors } from "../../scripts/runtimes/type_errors.ts";

const DENO = "TS2304 [ERROR]: Cannot find name 'Deno'.\nDeno.cwd();\n~~~~\n    at file:///p/lib/a.ts:1:26";
const NODE = "TS2591 [ERROR]: Cannot find name 'node:fs'.\nimport\n~~~~~~\n    at file:///p/lib/disk.ts:1:22";
const output = `Check lib/a.ts\n${DENO}\n\n${NODE}\n\nFound 2 errors.\n\nerror: Type checking failed.\n`;

describe("foreignErrors()", () => {
  it("gives every type error with its place", () => {
    expect(foreignErrors(output, [])).toEqual([DENO, NODE]);
  });

  it("leaves out the errors of exempt files", () => {
    expect(foreignErrors(output, ["file:///p/lib/disk.ts"])).toEqual([DENO]);
  });

  it("leaves out the errors of exempt folders", () => {
    expect(foreignErrors(output, ["file:///p/lib/"])).toEqual([]);
  });

  it("keeps an error that names no place", () => {
    const missing = "TS2307 [ERROR]: Cannot find module 'file:///p/mod.ts'.";
    expect(foreignErrors(`Check mod.ts\n${missing}\n\nerror: Type checking failed.\n`, ["file:///p/"])).toEqual([
      missing,
    ]);
  });

  it("gives nothing when all is well", () => {
    expect(foreignErrors("Check mod.ts\n", [])).toEqual([]);
  });
});
