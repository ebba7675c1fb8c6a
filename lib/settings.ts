import { environment } from "./host.ts";

/**
 * Settings by the names that Disco's own client knows.
 *
 * @see PROTOCOL "Settings the Python client reads"
 */
export interface Settings {
  /** The master's address, for instance `disco://host:8989`. */
  DISCO_MASTER?: string | undefined;
  /** The master's host, where `DISCO_MASTER` is not set. */
  DISCO_MASTER_HOST?: string | undefined;
  /** The port of the master and of every node. */
  DISCO_PORT?: string | undefined;
  /** A proxy that all requests go through. */
  DISCO_PROXY?: string | undefined;
  /** The token that reads tags. */
  DDFS_READ_TOKEN?: string | undefined;
  /** The token that writes tags. */
  DDFS_WRITE_TOKEN?: string | undefined;
}

/** A setting by its name: of those that were given, else of the environment, where an empty value counts as not set. */
export function settingOf(settings: Settings | undefined, name: keyof Settings): string | undefined {
  return settings === undefined ? environment(name) || undefined : settings[name];
}

/** The master's address that the settings name: `disco://localhost` where they name none. */
export function masterOf(settings: Settings | undefined): string {
  return settingOf(settings, "DISCO_MASTER") ||
    `disco://${settingOf(settings, "DISCO_MASTER_HOST") || "localhost"}`;
}
