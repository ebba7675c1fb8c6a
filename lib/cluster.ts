import { systemClock } from "./clock.ts";
import { DiscoError } from "./errors.ts";
import { show, type TagParts } from "./names.ts";
import { type Access, type DDFSOptions, DEFAULTS, type ReadOptions, type TokenSource } from "./options.ts";
import { masterOf, type Settings, settingsFromEnvironment } from "./settings.ts";
import { HostHealth } from "./host_health.ts";
import { allowedHosts } from "./allowed_hosts.ts";
import { raceAbort } from "./race_abort.ts";
import { Transport } from "./transport.ts";
import { type MasterAddress, parseMaster, parseProxy, resolveUrl } from "./urls.ts";

/** A DDFS cluster as one client sees it: its master, its settings, its tokens, and which hosts have failed of late. */
export class Cluster {
  /** The master that was given. */
  readonly master: MasterAddress;
  /** Sends the requests. */
  readonly transport: Transport;
  /** Which hosts to try last. */
  readonly health: HostHealth;
  /** Milliseconds before a second replica is asked; 0 for never. */
  readonly hedgeAfter: number;
  /** Milliseconds that an operation may take; unlimited where it is not given. */
  readonly deadline: number | undefined;
  readonly #port: string;
  readonly #tokens: Record<Access, TokenSource | undefined>;

  /** Checks everything that was given; nothing is sent yet. */
  constructor(master: string | undefined, options: DDFSOptions) {
    const settings = options.settings ?? settingsFromEnvironment();
    const settledPort = checkPort(settings.DISCO_PORT);
    this.master = parseMaster(master ?? masterOf(settings), settledPort);
    this.#port = settledPort ?? this.master.port;
    this.#tokens = tokensOf(options, settings);
    const clock = options.clock ?? systemClock;
    const proxy = options.proxy ?? settings.DISCO_PROXY;
    this.hedgeAfter = atLeast("hedgeAfter", options.hedgeAfter, 0) ?? DEFAULTS.hedgeAfter;
    this.deadline = atLeast("deadline", options.deadline, 1);
    this.health = new HostHealth(clock);
    this.transport = new Transport({
      fetch: options.fetch ?? ((request) => fetch(request)),
      proxy: proxy === undefined || proxy === "" ? undefined : parseProxy(proxy),
      retries: wholeNumber("retries", options.retries, 0) ?? DEFAULTS.retries,
      timeout: atLeast("timeout", options.timeout, 1) ?? DEFAULTS.timeout,
      clock,
      random: options.random ?? Math.random,
      onEvent: options.onEvent ?? (() => {}),
      isAllowed: allowedHosts(this, options.allowedHosts),
    });
  }

  /** The URL of a tag, or of one of its attributes, on the tag's own master. */
  tagUrl(tag: TagParts, attribute?: string): string {
    const base = tag.host === "" ? this.master.base : parseMaster(`disco://${tag.host}`, this.#port).base;
    return `${base}/ddfs/tag/${tag.name}${attribute === undefined ? "" : `/${encodeURIComponent(attribute)}`}`;
  }

  /** The URL of anything else on the master. */
  url(path: string): string {
    return `${this.master.base}${path}`;
  }

  /** A stored URL as one that can be fetched. */
  resolve(url: string): string {
    return resolveUrl(url, this.#port);
  }

  /** Whether a tag is on the master that was given. */
  isHome(tag: TagParts): boolean {
    return tag.host === "" || parseMaster(`disco://${tag.host}`, this.#port).host === this.master.host;
  }

  /**
   * The token for a tag: the call's own, else the one in the tag's URL, else, on our own master, the one in the master's address or
   * the configured one.
   */
  async token(access: Access, tag: TagParts, { token: own, signal }: ReadOptions): Promise<string | undefined> {
    if (own !== undefined) return checkToken(own);
    if (tag.token !== undefined) return tag.token;
    if (!this.isHome(tag)) return undefined;
    if (this.master.token !== undefined) return this.master.token;
    const source = this.#tokens[access];
    if (typeof source !== "function") return checkToken(source);
    const found = Promise.resolve(source(access, tag.name));
    return checkToken(signal === undefined ? await found : await raceAbort(found, signal));
  }
}

function tokensOf(options: DDFSOptions, settings: Settings): Record<Access, TokenSource | undefined> {
  const { token } = options;
  const apart = typeof token === "object" && token !== null ? token : { read: token, write: token };
  for (const source of [apart.read, apart.write]) if (typeof source !== "function") checkToken(source);
  return { read: apart.read ?? settings.DDFS_READ_TOKEN, write: apart.write ?? settings.DDFS_WRITE_TOKEN };
}

/** A token never stands in an error: only its type does. */
function checkToken(token: string | undefined): string | undefined {
  if (token === undefined || token === null || typeof token === "string") return token ?? undefined;
  throw new DiscoError(`Invalid token: a token is a string, this is a value of type ${typeof token}`, {
    code: "invalid-argument",
  });
}

function checkPort(port: string | undefined): string | undefined {
  if (port === undefined || port === "") return undefined;
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535) {
    throw new DiscoError(`Invalid DISCO_PORT ${show(port)}: a port is a number from 1 to 65535`, {
      code: "invalid-argument",
    });
  }
  return port;
}

/** Checks a whole number of at least `least`; nothing given stays nothing. */
export function wholeNumber(name: string, value: number | undefined, least: number): number | undefined {
  if (value === undefined) return undefined;
  if (!Number.isSafeInteger(value) || value < least) {
    throw new DiscoError(`Invalid ${name} ${show(value)}: it must be a whole number of at least ${least}`, {
      code: "invalid-argument",
    });
  }
  return value;
}

export function atLeast(name: string, value: number | undefined, least: number): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !(value >= least) || value > 0x7fffffff) {
    throw new DiscoError(`Invalid ${name} ${show(value)}: it must be from ${least} to ${0x7fffffff} milliseconds`, {
      code: "invalid-argument",
    });
  }
  return value;
}

const clusters = new WeakMap<object, Cluster>();

/** Gives a client its cluster, without showing it to the client's users. */
export function join(client: object, cluster: Cluster): void {
  clusters.set(client, cluster);
}

/** The cluster of a client. */
export function clusterOf(client: object): Cluster {
  const cluster = clusters.get(client);
  if (cluster !== undefined) return cluster;
  throw new DiscoError("An operation was called without its client: call it as ddfs.operation()", {
    code: "invalid-argument",
  });
}
