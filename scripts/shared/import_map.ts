/** The import map for machines that cannot reach JSR: `node:test` in place of @std/testing/bdd, npm's expect in place of @std/expect. */
const OFFLINE = new URL("./imports.offline.json", import.meta.url).href;

/** How long JSR may take to answer, in milliseconds. */
const PATIENCE = 20_000;

/**
 * Finds out whether JSR can be reached, and says which test libraries are used.
 *
 * @returns The arguments that a `deno` command needs: none, or the import map that does without JSR.
 */
export async function importMapArguments(): Promise<string[]> {
  const probe = new Deno.Command(Deno.execPath(), {
    args: ["info", "--no-config", "--json", "jsr:@std/expect@^1.0.0"],
    stdout: "piped",
    stderr: "null",
    signal: AbortSignal.timeout(PATIENCE),
  });
  const { success, stdout } = await probe.output();
  const reachable = success && !new TextDecoder().decode(stdout).includes('"error"');
  console.log(
    reachable
      ? "Test libraries: @std/testing and @std/expect, from JSR."
      : "Test libraries: node:test and npm:expect, as JSR cannot be reached from here (scripts/shared/imports.offline.json).",
  );
  return reachable ? [] : [`--import-map=${OFFLINE}`];
}
