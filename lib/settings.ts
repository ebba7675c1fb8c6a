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

const NAMES = [
  "DISCO_MASTER",
  "DISCO_MASTER_HOST",
  "DISCO_PORT",
  "DISCO_PROXY",
  "DDFS_READ_TOKEN",
  "DDFS_WRITE_TOKEN",
] as const;

/**
 * Reads the settings from the environment, where there is one that may be read.
 *
 * @returns What is set; empty values count as not set.
 */
export function settingsFromEnvironment(): Settings {
  const settings: Settings = {};
  for (const name of NAMES) {
    const value = environment(name);
    if (value !== undefined && value !== "") settings[name] = value;
  }
  return settings;
}

/** The master's address that settings name: `disco://localhost` where they name none. */
export function masterOf(settings: Settings): string {
  return settings.DISCO_MASTER || `disco://${settings.DISCO_MASTER_HOST || "localhost"}`;
}
