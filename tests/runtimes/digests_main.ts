// Prints the digests: for Node, Bun and Deno.
import { digests } from "./digests.ts";

console.log(JSON.stringify(await digests()));
