/**
 * Takes the type errors out of what `deno check` printed.
 *
 * @param output The output, without colours.
 * @param exempt URLs of files and folders whose errors do not count.
 * @returns The errors of all other files, each with its place.
 */
export function foreignErrors(output: string, exempt: readonly string[]): string[] {
  return output.split(/^(?=TS\d+ \[ERROR\])|^Found \d+ errors?\.|^error: /m)
    .filter((text) => /^TS\d+ \[ERROR\]/.test(text))
    .filter((text) => {
      const [, place = ""] = text.match(/^ +at (file:\S+?):\d+:\d+$/m) ?? [];
      return !exempt.some((prefix) => place.startsWith(prefix));
    })
    .map((text) => text.trim());
}
