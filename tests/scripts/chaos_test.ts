import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";

const root = new URL("../..", import.meta.url);

/** Runs a script, and gives what it says last; of one that finds violations, those. */
async function lastLine(script: string, ...args: string[]): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", "--v8-flags=--expose-gc", `scripts/stress/${script}`, ...args],
    cwd: root,
    stdout: "piped",
    stderr: "piped",
  });
  const { stdout, stderr } = await command.output();
  const [said = "", warned = ""] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trimEnd());
  const violations = warned.split("\n").filter((line) => line.startsWith("VIOLATION"));
  return [said.split("\n").at(-1) ?? "", ...violations].join("\n");
}

describe("the scripts that break things", () => {
  it("find nothing lost or doubled after 200 operations in chaos", async () => {
    expect(await lastLine("chaos.ts", "200", "1")).toBe("Nothing lost, nothing doubled, nothing hangs.");
  });

  it("find no acknowledged write lost after 5 kills", async () => {
    expect(await lastLine("kill_loop.ts", "5", "1")).toBe("No acknowledged write is lost, none is torn.");
  });

  it("find that a dead host costs less than two seconds", async () => {
    expect(await lastLine("dead_host.ts")).toMatch(
      /^A dead host costs at most [01]\.\d\d s$|^A dead host costs at most -/,
    );
  });
});
