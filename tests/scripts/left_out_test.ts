import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { FILES_LEFT_OUT, FOLDERS_LEFT_OUT } from "../runtimes/left_out.ts";

describe("what other runtimes leave out", () => {
  for (const path of [...FILES_LEFT_OUT.keys(), ...FOLDERS_LEFT_OUT]) {
    it(`is there: ${path}`, async () => {
      const { isFile, isDirectory } = await Deno.stat(new URL(`../${path}`, import.meta.url));
      expect(isFile || isDirectory).toBe(true);
    });
  }
});
