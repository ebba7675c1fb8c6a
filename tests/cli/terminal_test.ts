import { describe, it } from "@std/testing/bdd";
import { type CommandPlace, DDFS, inPlaceWith } from "../helpers/command.ts";
import { expect } from "../helpers/expect.ts";

const TEXT = Array.from({ length: 200_000 }, (_, i) => `line ${i} ${(i * 48271) % 2147483647}\n`).join("");
const FILES = { "a.log": TEXT, "b.log": TEXT };

/** Runs a test in a place of its own. */
const within = inPlaceWith(FILES);

/** Runs `ddfs` in a pseudo-terminal, and gives what is on its screen. */
function inTerminal(place: CommandPlace, args: readonly string[], env: Record<string, string> = {}): Deno.ChildProcess {
  const command = [Deno.execPath(), ...DDFS, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  return new Deno.Command("script", {
    args: ["-q", "-e", "-f", "-c", command, "/dev/null"],
    cwd: place.folder,
    clearEnv: true,
    env: { ...place.env, TERM: "xterm", ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

/** All that was printed, and the status. */
async function ended(child: Deno.ChildProcess): Promise<{ code: number; screen: string }> {
  const screen = await new Response(child.stdout).text();
  await child.stdin.close().catch(() => {});
  return { code: (await child.status).code, screen };
}

/** Answers PUTs only after some time. */
function slow(place: CommandPlace, milliseconds: number): void {
  place.intercept = async (request, answer) => {
    if (request.method === "PUT") await new Promise((resolve) => setTimeout(resolve, milliseconds));
    return await answer();
  };
}

describe("in a terminal", () => {
  it("progress is shown: a line for each file, the bytes, the rate, the time left, and a sum at the end", () =>
    within(async (place) => {
      slow(place, 600);

      const { code, screen } = await ended(inTerminal(place, ["push", "data:p", "a.log", "b.log"]));

      expect(code).toBe(0);
      expect(screen).toMatch(/a_log {2}[\d.]+M of 4\.\dM/);
      expect(screen).toMatch(/b_log {2}[\d.]+M of 4\.\dM/);
      expect(screen).toMatch(/\d done, [\d.]+[KM] of 8\.\dM, [\d.]+[KMG]\/s, \d+ s left/);
      expect(screen).toMatch(/2 done, 8\.\dM of 8\.\dM, [\d.]+[KMG]\/s in \d+\.\d s/);
    }));

  it("records are counted while they are chunked; the replicas come after", () =>
    within(async (place) => {
      const { code, screen } = await ended(inTerminal(place, ["chunk", "data:c", "./a.log", "./b.log"]));

      expect(code).toBe(0);
      expect(screen).toMatch(/400,000 records/);
      expect(screen).toMatch(/created: disco:\/\/127.0.0.1\/\S+a_log-0\$\S+\r?\n/);
    }));

  it("nothing is shown with --quiet, nor between the records of xcat", () =>
    within(async (place) => {
      const { screen } = await ended(inTerminal(place, ["chunk", "--quiet", "data:c", "./a.log"]));
      expect(screen).toMatch(/^created: \S+\r\n$/);

      const records = await ended(inTerminal(place, ["xcat", "data:c"]));
      expect(records.screen.replaceAll("\r\n", "\n") === TEXT).toBe(true);
    }));

  it("a command that waits for stdin says so, and one that has nothing to do", () =>
    within(async (place) => {
      const idle = await ended(inTerminal(place, ["rm"]));
      expect(idle).toEqual({ code: 0, screen: "There is nothing to do: write ddfs rm [tag...]\r\n" });

      const child = inTerminal(place, ["tag", "data:t"]);
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode("http://a.example/1\n\x04"));
      writer.releaseLock();
      const { code, screen } = await ended(child);
      expect([code, screen.includes("Reading URLs from stdin, a line each; Ctrl-D ends them.")]).toEqual([0, true]);
      expect((await place.ddfs(["urls", "data:t"])).out).toBe("http://a.example/1\n");
    }));

  it("Ctrl-C ends at once with status 130, gives the cursor back, and what was stored is gone on with", () =>
    within(async (place) => {
      const args = ["push", "data:p", "a.log", "b.log", "a.log", "b.log", "a.log"];
      let count = 0;
      let isBegun = () => {};
      let isOver = () => {};
      const over = new Promise<void>((resolve) => isOver = resolve);
      const begun = new Promise<void>((resolve) => isBegun = resolve);
      place.intercept = async (request, answer) => {
        const response = await answer();
        if (request.method !== "PUT") return response;
        if (++count > 1) {
          setTimeout(isBegun, 500);
          await over;
        }
        return response;
      };
      const child = inTerminal(place, args);
      await begun;
      const writer = child.stdin.getWriter();
      await writer.write(Uint8Array.of(3));
      writer.releaseLock();

      const { code, screen } = await ended(child);
      isOver();

      expect(code).toBe(130);
      expect(screen.lastIndexOf("\x1b[?25h")).toBeGreaterThan(screen.lastIndexOf("\x1b[?25l"));
      place.intercept = (_request, answer) => answer();
      const { status, err } = await place.ddfs(args);
      expect([status, err]).toEqual([0, expect.stringContaining("Going on where an earlier run was ended: 1 blobs")]);
    }));
});

describe("in a pipe", () => {
  it("stderr says nothing of progress", () =>
    within(async (place) => {
      expect((await place.ddfs(["chunk", "data:c", "./a.log"])).err).toBe("");
    }));

  it("that is closed, the command ends without an error", () =>
    within(async (place) => {
      await place.ddfs(["chunk", "data:c", "./a.log", "./b.log"]);
      for (const args of [["xcat", "data:c"], ["xcat", "--json", "data:c"], ["grep", "line", "data:c"]]) {
        const child = place.start(args);
        const reader = child.stdout.getReader();
        await reader.read();
        await reader.cancel();
        expect({ args, err: await new Response(child.stderr).text(), code: (await child.status).code })
          .toEqual({ args, err: "", code: 0 });
      }
    }));
});
