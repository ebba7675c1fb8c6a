import type { EmbeddedOptions } from "../../embedded/mod.ts";
import { wholeNumberOf } from "../common/arguments.ts";
import type { Cli } from "../common/cli.ts";
import { CommandError, EXIT, usage } from "../common/exit_status.ts";
import type { CommandOptions } from "../common/options.ts";
import { tokenOf } from "../common/settings.ts";
import { readText } from "../terminal/files.ts";
import { variable } from "../terminal/process.ts";
import { type Certificate, localAddresses } from "../terminal/server.ts";

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/;

/** Tells whether an address is reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/** The names and addresses that a request may ask for. */
export function knownHosts(hosts: readonly string[], names: readonly string[]): ReadonlySet<string> {
  const addresses = hosts.flatMap((host) => {
    if (isLoopback(host)) return [host, "localhost", "127.0.0.1", "::1"];
    return /^(?:0\.0\.0\.0|::|\[::\])$/.test(host) ? [...localAddresses(), "localhost"] : [host];
  });
  return new Set(
    [...names, ...addresses].map((name) =>
      name.includes(":") && !name.startsWith("[") ? `[${name}]` : name.toLowerCase()
    ),
  );
}

/** A port from an option. */
export function portOf(name: string, text: string | undefined): number | undefined {
  const port = wholeNumberOf(name, text, 0);
  if (port === undefined || port <= 65535) return port;
  throw usage(`--${name} ${port}: it must be 0 to 65535`);
}

/** The nodes, by their number or their names. */
export function nodesOf(text: string | undefined): number | string[] | undefined {
  if (text === undefined) return undefined;
  return /^\d+$/.test(text) ? wholeNumberOf("nodes", text, 1) : text.split(",").map((name) => name.trim());
}

/** The form of the log. */
export function logOf(text = "off"): "text" | "json" | "off" {
  if (text === "text" || text === "json" || text === "off") return text;
  throw usage(`--log ${JSON.stringify(text)}: write text, json or off`);
}

/** The options that are those of the DDFS in a folder. */
export async function limitsOf(
  cli: Cli,
  { cors, adminTokenFile, orphanAge, replicas }: CommandOptions,
): Promise<EmbeddedOptions> {
  const adminToken = await tokenOf(adminTokenFile, (text) => cli.warn(text));
  const age = durationOf(orphanAge);
  const copies = wholeNumberOf("replicas", replicas, 1);
  return {
    ...cors !== undefined && { cors: cors.includes("*") ? true : cors },
    ...adminToken !== undefined && { adminToken },
    ...age !== undefined && { orphanAge: age },
    ...copies !== undefined && { replicas: copies },
  };
}

/** A time like `5d`, `12h`, `30m`, `10s`, in milliseconds. */
function durationOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const [, count, unit = "s"] = /^(\d+)([dhms])$/.exec(text) ?? [];
  const seconds: Readonly<Record<string, number>> = { d: 86400, h: 3600, m: 60, s: 1 };
  if (count !== undefined) return Number(count) * 1000 * (seconds[unit] ?? 1);
  throw usage(`--orphan-age ${JSON.stringify(text)}: write a number and d, h, m or s, like 5d`);
}

/** The certificate to serve https with. */
export function certificateOf({ tlsCert, tlsKey }: CommandOptions): Certificate | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) throw usage("--tls-cert and --tls-key go together");
  const [cert, key] = [tlsCert, tlsKey].map((path) => {
    const text = readText(path);
    if (text !== undefined) return text;
    throw new CommandError(`${path}: No such file or directory`, EXIT.notFound);
  });
  return { cert: cert ?? "", key: key ?? "" };
}

/** Refuses the options that only a DDFS of its own has. */
export function refuseWithMaster(options: CommandOptions): void {
  const { nodes, replicas, cors, adminTokenFile, orphanAge } = options;
  const own = { nodes, replicas, cors, "admin-token-file": adminTokenFile, "orphan-age": orphanAge };
  const [name] = Object.entries(own).find(([, value]) => value !== undefined) ?? [];
  if (name !== undefined) throw usage(`--${name} goes with a folder: with -M, the cluster decides that itself`);
}

/** The key of those who read by S3. */
export interface S3Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** True where it was made for this run. */
  readonly isMade: boolean;
}

/** The key that the environment has, or a new one. */
export function keysOf(): S3Keys {
  const [accessKeyId, secretAccessKey] = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map(variable);
  if (accessKeyId !== undefined && secretAccessKey !== undefined) {
    return { accessKeyId, secretAccessKey, isMade: false };
  }
  if (accessKeyId !== secretAccessKey) throw usage("AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together");
  const digits = (count: number) =>
    Array.from(crypto.getRandomValues(new Uint8Array(count)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  return { accessKeyId: `DDFS${digits(8).toUpperCase()}`, secretAccessKey: digits(20), isMade: true };
}
