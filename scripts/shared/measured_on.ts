import { availableParallelism, cpus, loadavg } from "node:os";
import process from "node:process";

/**
 * Says when and where something was measured, as it stands below a table.
 *
 * @param versions What was measured, with versions; the runtime by default.
 */
export function measuredOn(versions: readonly string[] = [`Deno ${process.versions["deno"]}`]): string {
  const day = new Date().toISOString().slice(0, 10);
  const [model = "a processor without a name"] = cpus().map(({ model }) => model.trim());
  const load = loadavg()[1]?.toFixed(1);
  return `Measured on ${day} with ${
    versions.join(", ")
  }, on ${availableParallelism()} cores (${model}) with a load of ${load}.`;
}
