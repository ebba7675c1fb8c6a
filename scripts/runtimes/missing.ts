/**
 * Says that a runtime is missing: in CI that is a failure, elsewhere the tests in it are skipped.
 *
 * @param runtime What is missing.
 * @param advice What to do about it.
 * @returns How many failures that is.
 */
export function missing(runtime: string, advice: string): number {
  const isCI = Deno.env.get("CI") === "true";
  console.log(`${isCI ? "FAILED " : "SKIPPED"} THE TESTS IN ${runtime.toUpperCase()}, which is not here: ${advice}`);
  return isCI ? 1 : 0;
}
