// node:test, without the tests that need another runtime.
import { it as run } from "node:test";
import { LEFT_OUT } from "../left_out.ts";

export { after, afterEach, before, beforeEach, describe } from "node:test";

type Body = () => void | Promise<void>;

/** A test, unless it is left out. */
export function it(name: string, body: Body): void {
  const reason = LEFT_OUT.get(name);
  if (reason === undefined) void run(name, body);
  else void run(name, { skip: reason });
}
