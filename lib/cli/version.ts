/** The version of the package, which is that in deno.json. */
export const VERSION = "0.2.0";
