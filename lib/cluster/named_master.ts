import { DiscoError } from "../errors.ts";
import { environment, mayRead } from "../runtime/host.ts";
import type { Settings } from "../settings.ts";

/**
 * Finds the master that the settings name.
 *
 * @throws {DiscoError} If the environment may not be read, and no settings were given in its place (code `forbidden`).
 */
export function namedMaster(settings: Settings | undefined): string {
  const named = (name: "DISCO_MASTER" | "DISCO_MASTER_HOST") => {
    if (settings) return settings[name];
    if (mayRead(name)) return environment(name);
    const variables = "DISCO_MASTER,DISCO_MASTER_HOST,DISCO_PORT,DISCO_PROXY,DDFS_READ_TOKEN,DDFS_WRITE_TOKEN";
    const message = `No master was given, and ${name} may not be read: give a master, or --allow-env=${variables}`;
    throw new DiscoError(message, { code: "forbidden" });
  };
  return named("DISCO_MASTER") || `disco://${named("DISCO_MASTER_HOST") || "localhost"}`;
}
