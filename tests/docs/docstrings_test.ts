import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { textsOfRepository } from "./texts.ts";

const sources = [...await textsOfRepository()].filter(([path]) => /^(?:lib\/.*\.ts|mod\.ts)$/.test(path));

/** The lines of sources that match, with the files they are in. */
function linesLike(pattern: RegExp): string[] {
  return sources.flatMap(([path, text]) =>
    [...text.matchAll(pattern)].map(([line]) => `${path}: ${line.replace(/\s+/g, " ").trim()}`)
  );
}

describe("docstrings", () => {
  it("begin with what a thing does or is, not with a question", () => {
    expect(linesLike(/\/\*\*\s+(?:\* )?(?:What|How|Whether|Who|Where|Why)\b.*/g)).toEqual([]);
  });

  it("say of a parameter what may be given, or leave it out", () => {
    expect(linesLike(/^\s*\* @param (\w+) The \1\.$/gm)).toEqual([]);
  });
});
