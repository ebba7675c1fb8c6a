import { raceAbort } from "../base/abort.ts";
import { hostCheck } from "./allowed_hosts.ts";
import { check, invalid, isObject, milliseconds, wholeNumber } from "../check.ts";
import { systemClock } from "../base/clock.ts";
import { environment } from "../runtime/host.ts";
import { type HostHealth, hostHealth } from "./host_health.ts";
import type { TagParts } from "../names.ts";
import type { Access, DDFSOptions, ReadOptions, TokenSource } from "../options.ts";
import type { Settings } from "../settings.ts";
import { type Call, Transport } from "../http/transport.ts";
import { type MasterAddress, parseMaster, parseProxy } from "../urls.ts";

/** A DDFS cluster as one client sees it: its master, its settings, its tokens, and which hosts have failed of late. */
export class Cluster {
  // Fields are only declared: the constructor sets them.
  /** The master that was given. */
  declare readonly master: MasterAddress;
  /** The port of masters and nodes whose addresses have none. */
  declare readonly port: string;
  /** Sends the requests. */
  declare readonly transport: Transport;
  /** Which hosts to try last. */
  declare readonly health: HostHealth;
  /** Milliseconds before a second replica is asked; 0 for never. */
  declare readonly hedgeAfter: number;
  /** Milliseconds that an operation may take; unlimited where it is not given. */
  declare readonly deadline: number | undefined;
  readonly #tokens: Record<Access, TokenSource | undefined>;

  /** Checks everything that was given; nothing is sent yet. */
  constructor(master: string | undefined, options: DDFSOptions) {
    const { settings, token, clock = systemClock, random = Math.random, onEvent = () => {} } = options;
    const setting = (name: keyof Settings) => settings ? settings[name] : environment(name);
    const port = check(
      "DISCO_PORT",
      setting("DISCO_PORT") || undefined,
      (port) => /^\d{1,5}$/.test(port) && Number(port) > 0 && Number(port) < 65536,
      "it must be 1 to 65535",
    );
    const proxy = options.proxy ?? setting("DISCO_PROXY");
    const sourceOf = (access: Access, name: keyof Settings) => {
      const source = isObject(token) ? token[access] : token;
      return (typeof source === "function" ? source : checkToken(source)) ?? setting(name);
    };
    const host = setting("DISCO_MASTER_HOST") || "localhost";
    this.master = parseMaster(master ?? (setting("DISCO_MASTER") || `disco://${host}`), port);
    this.port = port ?? this.master.port;
    this.#tokens = {
      read: sourceOf("read", "DDFS_READ_TOKEN"),
      write: sourceOf("write", "DDFS_WRITE_TOKEN"),
    };
    this.hedgeAfter = milliseconds(options, "hedgeAfter", 0) ?? 500;
    this.deadline = milliseconds(options, "deadline", 1);
    this.health = hostHealth(clock);
    this.transport = new Transport({
      fetch: options.fetch ?? ((request) => fetch(request)),
      proxy: proxy ? parseProxy(proxy) : undefined,
      retries: wholeNumber(options, "retries", 0) ?? 3,
      timeout: milliseconds(options, "timeout", 1) ?? 30_000,
      clock,
      random,
      onEvent,
      isAllowed: hostCheck(this.master, options.allowedHosts, () => this.#nodes()),
    });
  }

  /** Asks the master for its nodes, by their names. */
  #nodes(): Promise<Record<string, unknown>> {
    const url = `${this.master.base}/disco/ctrl/nodeinfo`;
    return this.transport.json({ url, toMaster: true }, (value) => isObject(value) ? value : undefined);
  }

  /** The master of a tag. */
  masterOf({ host }: TagParts): MasterAddress {
    return host === "" ? this.master : parseMaster(`disco://${host}`, this.port);
  }

  /** The URL of a tag, or of one of its attributes, on the tag's own master. */
  tagUrl(tag: TagParts, attribute?: string): string {
    return `${this.masterOf(tag).base}/ddfs/tag/${tag.name}${attribute ? `/${encodeURIComponent(attribute)}` : ""}`;
  }

  /** The request that reads a tag, or one of its attributes. */
  async readingTag(tag: TagParts, options: ReadOptions, attribute?: string): Promise<Call> {
    const token = await this.token("read", tag, options);
    return { url: this.tagUrl(tag, attribute), toMaster: true, token, signal: options.signal };
  }

  /**
   * The token for a tag: the call's own, else the one in the tag's URL, else, on our own master, the one in the master's address or
   * the configured one.
   */
  async token(access: Access, tag: TagParts, { token: own, signal }: ReadOptions): Promise<string | undefined> {
    const { master } = this;
    const isHome = this.masterOf(tag).base === master.base;
    const source = isHome ? master.token ?? this.#tokens[access] : undefined;
    return checkToken(
      own ?? tag.token ?? (typeof source === "function" ? await raceAbort(source(access, tag.name), signal) : source),
    );
  }
}

/** A token never stands in an error: only its type does. */
function checkToken(token: string | undefined): string | undefined {
  if (token === undefined || token === null || typeof token === "string") return token ?? undefined;
  throw invalid("type of token", typeof token, "it must be a string");
}

/** The clusters of clients; it does not show them to the clients' users. */
export const clusters = new WeakMap<object, Cluster>();
