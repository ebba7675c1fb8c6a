/** What tests and scripts need beyond what the library's users install, where JSR cannot be reached: `node:test` and npm's expect stand in. */
export const TOOLS = "--config=deno.tools.json";

/** The same with @std/testing and @std/expect, from JSR. It writes no lock: checksums of JSR's packages cannot be known without JSR. */
export const TOOLS_WITH_JSR = "--config=deno.tools.jsr.json";

/** How long JSR may take to answer, in milliseconds. */
const PATIENCE = 20_000;

/**
 * Finds out whether JSR can be reached, and says which test libraries are used.
 *
 * @returns The argument that gives the tools to a `deno` command, which runs in the project's root.
 */
export async function toolsArgument(): Promise<string> {
  const probe = new Deno.Command(Deno.execPath(), {
    args: ["info", "--no-config", "--json", "jsr:@std/expect@^1.0.0"],
    stdout: "piped",
    stderr: "null",
    signal: AbortSignal.timeout(PATIENCE),
  });
  const { success, stdout } = await probe.output();
  const isReachable = success && !new TextDecoder().decode(stdout).includes('"error"');
  console.log(
    isReachable
      ? "Test libraries: @std/testing and @std/expect, from JSR (deno.tools.jsr.json)."
      : "Test libraries: node:test and npm:expect, as JSR cannot be reached from here (deno.tools.json).",
  );
  return isReachable ? TOOLS_WITH_JSR : TOOLS;
}
