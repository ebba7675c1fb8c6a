import type { DDFSOptions, Settings } from "../../../mod.ts";
import type { CommonOptions } from "./options.ts";
import { CommandError, EXIT, usage } from "./exit_status.ts";
import { fileInfo, readText } from "../terminal/files.ts";
import { variable } from "../terminal/process.ts";

const NAMES = [
  "DISCO_MASTER",
  "DISCO_MASTER_HOST",
  "DISCO_PORT",
  "DISCO_PROXY",
  "DDFS_READ_TOKEN",
  "DDFS_WRITE_TOKEN",
] as const satisfies readonly (keyof Settings)[];

/** The arguments of a client's constructor. */
export interface ClientSettings {
  /** The master that was named with `-M`. */
  readonly master: string | undefined;
  /** Settings and token. */
  readonly options: DDFSOptions;
}

/**
 * Reads the settings of the environment and the options.
 *
 * @param options The command line's, which win over the environment.
 * @param warn Called with a warning.
 */
export async function clientSettings(options: CommonOptions, warn: (text: string) => void): Promise<ClientSettings> {
  const settings: Settings = {};
  for (const name of NAMES) settings[name] = variable(name);
  const { DDFS_READ_TOKEN, DDFS_WRITE_TOKEN, ...others } = settings;
  const given = options.token ?? await tokenOf(options.tokenFile, warn);
  const common = variable("DDFS_TOKEN");
  const read = given ?? DDFS_READ_TOKEN ?? common;
  const write = given ?? DDFS_WRITE_TOKEN ?? common;
  return { master: masterOf(options.master), options: { settings: others, token: { read, write } } };
}

/** Tells whether a master, or a proxy before one, was named at all. */
export function isMasterNamed({ master }: CommonOptions): boolean {
  const names = ["DISCO_MASTER", "DISCO_MASTER_HOST", "DISCO_PROXY"];
  return master !== undefined || names.some((name) => variable(name) !== undefined);
}

/** A bare host gets the port of the settings, as in the original. */
function masterOf(master: string | undefined): string | undefined {
  const port = variable("DISCO_PORT");
  return master === undefined || master.includes(":") || port === undefined ? master : `${master}:${port}`;
}

/** Reads a token, and tells if others may do so, too. */
export async function tokenOf(path: string | undefined, warn: (text: string) => void): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const info = await fileInfo(path);
  const text = readText(path);
  if (info === undefined || text === undefined) {
    throw new CommandError(`There is no token file ${JSON.stringify(path)}`, EXIT.notFound);
  }
  if (info.isPublic) warn(`others may read the token in ${path}: chmod 600 ${path}`);
  const [token = ""] = text.split(/\r?\n/);
  if (token === "") throw usage(`The token file ${JSON.stringify(path)} has no token in its first line`);
  return token;
}
