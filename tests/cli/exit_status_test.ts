import { describe, it } from "@std/testing/bdd";
import { CommError, DataError, DiscoError, InvalidTagError } from "../../mod.ts";
import { CommandError, EXIT, Interrupted, MEANINGS, statusOf, usage } from "../../lib/cli/common/exit_status.ts";
import { VERSION } from "../../lib/cli/version.ts";
import { expect } from "../helpers/expect.ts";

const url = "http://localhost:8989/ddfs/tag/x";
const missing = Object.assign(new Error("No such file"), { code: "ENOENT" });

describe("the exit status", () => {
  const cases: [error: unknown, status: number][] = [
    [new Error("something"), 1],
    [new DiscoError("in use", { code: "locked" }), 1],
    [new DataError("broken off", { code: "source-failed", url: "./x" }), 1],
    [new CommError("500", { code: "server-error", url, status: 500 }), 1],
    [usage("--port: it must be a number"), 2],
    [new InvalidTagError("a/b"), 2],
    [new DiscoError("no URL", { code: "invalid-url" }), 2],
    [new DiscoError("no number", { code: "invalid-argument" }), 2],
    [new CommError("Tag not found.", { code: "not-found", url, status: 404 }), 3],
    [new DataError("cannot read ./x", { code: "source-failed", url: "./x", cause: missing }), 3],
    [new CommError("token", { code: "unauthorized", url, status: 401 }), 4],
    [new CommError("no", { code: "forbidden", url, status: 403 }), 4],
    [new CommError("no answer", { code: "unreachable", url }), 5],
    [new CommError("time", { code: "timeout", url }), 5],
    [new CommError("1 of 3", { code: "too-few-replicas", url }), 5],
    [new CommError("503", { code: "server-error", url, status: 503 }), 5],
    [new DataError("CRC", { code: "corrupt-hunk", url }), 6],
    [new DiscoError("pickle", { code: "invalid-pickle" }), 6],
    [new Interrupted(), 130],
    [new CommandError("a difference"), 1],
  ];

  for (const [error, status] of cases) {
    const { code = "" } = Object(error) as { code?: string };
    it(`is ${status} for ${Object(error).constructor.name} ${code}`, () => {
      expect(statusOf(error)).toBe(status);
    });
  }

  it("is documented for each number that occurs", () => {
    expect(MEANINGS.map(([status]) => status)).toEqual(Object.values(EXIT));
  });
});

describe("the version", () => {
  it("is that of deno.json", async () => {
    const { version } = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
    expect(VERSION).toBe(version);
  });
});
