import { raceAbort } from "../base/abort.ts";
import { hostCheck } from "./allowed_hosts.ts";
import type { Call } from "../http/call.ts";
import { check, checkOptions, invalid, isObject, milliseconds } from "../check.ts";
import { CommError } from "../errors.ts";
import { environment } from "../runtime/host.ts";
import { FEW } from "./at_once.ts";
import { namedMaster } from "./named_master.ts";
import { NodeHealth } from "./node_health.ts";
import { Probes } from "../http/probes.ts";
import type { TagParts } from "../names.ts";
import type { Access, DDFSOptions, ReadOptions, TokenSource } from "../options.ts";
import { reasonOf } from "../http/causes.ts";
import { requestSettings } from "../http/request_settings.ts";
import { remembered } from "../secrets.ts";
import type { Settings } from "../settings.ts";
import { Transport } from "../http/transport.ts";
import { type MasterAddress, parseMaster, parseProxy, resolveUrl, securedBy } from "../urls.ts";

/** The parts of a {@linkcode Cluster}. */
interface Parts {
  /** The master that was given. */
  readonly master: MasterAddress;
  /** The port of masters and nodes whose addresses have none. */
  readonly port: string;
  /** Sends the requests. */
  readonly transport: Transport;
  /** Which nodes to try last. */
  readonly health: NodeHealth;
  /** Milliseconds before a second replica is asked; 0 for never. */
  readonly hedgeAfter: number;
  /** Milliseconds that an operation may take; unlimited where it is not given. */
  readonly deadline: number | undefined;
  /** Called for every operation. */
  readonly onOperation: DDFSOptions["onOperation"];
  /** The tokens for the master, or the functions that find them. */
  readonly tokens: Readonly<Record<Access, TokenSource | undefined>>;
}

/** A DDFS cluster as one client sees it: its master, its settings, its tokens, and which nodes have failed of late. */
export class Cluster implements Parts {
  // Fields are only declared: the constructor sets them.
  declare readonly master: MasterAddress;
  declare readonly port: string;
  declare readonly transport: Transport;
  declare readonly health: NodeHealth;
  declare readonly hedgeAfter: number;
  declare readonly deadline: number | undefined;
  declare readonly onOperation: DDFSOptions["onOperation"];
  declare readonly tokens: Readonly<Record<Access, TokenSource | undefined>>;
  /** True once the master has named nodes for blobs of this operation. */
  hasNodes = false;
  /** The small blobs that may be sent at a time. */
  atOnce = FEW;

  /** Makes a cluster; nothing is sent yet. */
  constructor(parts: Parts) {
    Object.assign(this, parts);
  }

  /** Gives the same cluster for one operation, which may have its own limits for retries. */
  forOperation(options: Pick<ReadOptions, "retry">): Cluster {
    return new Cluster({ ...this, transport: this.transport.forOperation(options) });
  }

  /** Gives the master of a tag. */
  masterOf({ host }: TagParts): MasterAddress {
    if (host === "") return this.master;
    const other = parseMaster(`disco://${host}`, this.port);
    return { ...other, base: securedBy(this.master, other.base) };
  }

  /**
   * The HTTP URL of a stored URL.
   *
   * @throws {CommError} If it is of another kind (code `invalid-url`): like one that nobody answers, as a tag may hold it beside others.
   */
  resolve(url: string): string {
    try {
      return securedBy(this.master, resolveUrl(url, this.port));
    } catch (cause) {
      throw new CommError(reasonOf(cause), { code: "invalid-url", url, cause });
    }
  }

  /** Gives the URL of a tag, or of one of its attributes, on the tag's own master. */
  tagUrl(tag: TagParts, attribute?: string): string {
    return `${this.masterOf(tag).base}/ddfs/tag/${tag.name}${attribute ? `/${encodeURIComponent(attribute)}` : ""}`;
  }

  /** Makes the request that reads a tag, or one of its attributes. */
  async readingTag(tag: TagParts, options: ReadOptions, attribute?: string): Promise<Call> {
    const token = await this.token("read", tag, options);
    return { url: this.tagUrl(tag, attribute), toMaster: true, token, signal: options.signal };
  }

  /** Asks the master for its nodes, by their names. */
  nodes(signal?: AbortSignal): Promise<Record<string, unknown>> {
    return nodesOf(this.transport, this.master, signal);
  }

  /**
   * Finds the token for a tag: the call's own, else the one in the tag's URL, else, on our own master, the one in the master's address or
   * the configured one.
   */
  async token(access: Access, tag: TagParts, { token: own, signal }: ReadOptions): Promise<string | undefined> {
    const { master } = this;
    const isHome = this.masterOf(tag).base === master.base;
    const source = isHome ? master.token ?? this.tokens[access] : undefined;
    return checkToken(
      own ?? tag.token ?? (typeof source === "function" ? await raceAbort(source(access, tag.name), signal) : source),
    );
  }
}

/**
 * Makes the cluster of a client, and checks everything that was given for it; nothing is sent yet.
 *
 * @param master The master's address; by default the one that the settings name.
 * @param options The client's options.
 * @throws {DiscoError} If an address or an option is not valid.
 */
export function clusterOf(master: string | undefined, options: DDFSOptions): Cluster {
  const { settings, token } = options;
  if (isObject(token)) checkOptions("token", token, { read: true, write: true });
  const setting = (name: keyof Settings) => settings ? settings[name] : environment(name);
  const port = check(
    "DISCO_PORT",
    setting("DISCO_PORT") || undefined,
    (port) => /^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65536,
    "it must be 1 to 65535",
  );
  const given = options.proxy ?? setting("DISCO_PROXY");
  const proxy = given ? parseProxy(given) : undefined;
  const sourceOf = (access: Access, name: keyof Settings) => {
    const source = isObject(token) ? token[access] : token;
    return (typeof source === "function" ? source : checkToken(source)) ?? remembered(setting(name));
  };
  const address = parseMaster(master ?? namedMaster(settings), port);
  const requests = requestSettings(options);
  const { clock } = requests;
  const transport: Transport = new Transport({
    ...requests,
    proxy,
    masterOrigin: new URL(proxy ?? address.base).origin,
    answered: new Set(),
    once: new Set(),
    probes: new Probes(clock),
    isAllowed: hostCheck(address, options.allowedHosts, () => nodesOf(transport, address)),
  });
  return new Cluster({
    master: address,
    port: port ?? address.port,
    transport,
    health: new NodeHealth(clock, port ?? address.port),
    hedgeAfter: milliseconds(options, "hedgeAfter", 0) ?? 500,
    deadline: milliseconds(options, "deadline", 1),
    onOperation: options.onOperation,
    tokens: { read: sourceOf("read", "DDFS_READ_TOKEN"), write: sourceOf("write", "DDFS_WRITE_TOKEN") },
  });
}

/**
 * Asks a master for its nodes, by their names.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#control PROTOCOL: Control}
 */
function nodesOf(
  transport: Transport,
  { base }: MasterAddress,
  signal?: AbortSignal,
): Promise<Record<string, unknown>> {
  const call: Call = { url: `${base}/disco/ctrl/nodeinfo`, toMaster: true, signal };
  return transport.json(call, (value) => isObject(value) ? value : undefined);
}

/** Checks that a token is a string. The error names its type only, since no error may hold a token. */
function checkToken(token: string | undefined): string | undefined {
  if (token === undefined || token === null || typeof token === "string") return remembered(token ?? undefined);
  throw invalid("type of token", typeof token, "it must be a string");
}

/** The clusters of clients; it does not show them to the clients' users. */
export const clusters = new WeakMap<object, Cluster>();
