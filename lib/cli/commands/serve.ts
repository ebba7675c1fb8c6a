import type { EmbeddedOptions } from "../../embedded/mod.ts";
import { wholeNumberOf } from "../common/arguments.ts";
import { type Cli, messageOf } from "../common/cli.ts";
import { CommandError, EXIT, usage } from "../common/exit_status.ts";
import type { CommandOptions } from "../common/options.ts";
import { jsonLine } from "../common/output.ts";
import { tokenOf } from "../common/settings.ts";
import { readText } from "../terminal/files.ts";
import { memoryInUse } from "../terminal/process.ts";
import { type Certificate, listen, localAddresses, type Server } from "../terminal/server.ts";
import { writeError } from "../terminal/streams.ts";
import { Metrics, routeOf } from "./metrics.ts";

/** The port of Disco's masters. */
const PORT = 8989;
/** Milliseconds that requests have to end when the server does. */
const PATIENCE = 10_000;
/** Milliseconds between two collections of garbage, as on a real master. */
const DAY = 24 * 60 * 60 * 1000;

const LOOPBACK = /^(?:localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/;

/** Serves a folder as a DDFS, until it is told to end. */
export async function serve(cli: Cli, [folder = ""]: string[], options: CommandOptions): Promise<void> {
  const { host = "127.0.0.1", name } = options;
  const port = wholeNumberOf("port", options.port, 0) ?? PORT;
  if (port > 65535) throw usage(`--port ${port}: it must be 0 to 65535`);
  const log = logOf(options.log);
  const nodes = nodesOf(options.nodes);
  if (!LOOPBACK.test(host) && name === undefined && typeof nodes !== "object") {
    throw usage(
      `--host ${host}: others would read stored URLs that name this machine as each client did: say with --name by which name all reach it`,
    );
  }
  if (name !== undefined && nodes !== undefined) throw usage("--name is that of a single node; --nodes names several");
  const { embedded } = await import("../../embedded/mod.ts");
  const ddfs = embedded({
    root: folder,
    ...nodes !== undefined && { nodes },
    ...await limitsOf(cli, options),
  });
  const hosts = typeof nodes === "number" && nodes > 1
    ? Array.from({ length: nodes }, (_, i) => `127.0.0.${i + 1}`)
    : [host];
  const known = knownHosts(hosts, name, typeof nodes === "object" ? nodes : []);
  const certificate = certificateOf(options);
  // The folder is locked from here on; in use, it is refused before anything listens.
  await ddfs.ready();
  const metrics = new Metrics();
  const began = Date.now();
  const front = new Front({ fetch: (request) => ddfs.fetch(request, {}), known, name, metrics, log, began });
  const servers: Server[] = [];
  try {
    for (const host of hosts) {
      const at = servers[0]?.port ?? port;
      servers.push(
        await listen({ host, port: at, certificate }, (request) => front.answer(request)).catch((error) => {
          throw new CommandError(`Cannot listen on ${host}:${at}: ${messageOf(error)}`);
        }),
      );
    }
    const scheme = certificate === undefined ? "http" : "https";
    const [shown = ""] = name === undefined ? hosts : [name];
    const url = `${scheme}://${shown.includes(":") ? `[${shown}]` : shown}:${servers[0]?.port}`;
    await cli.print(`Serving ${folder} at ${url}`, { folder, url });
    await cli.flush();
    const collecting = setInterval(() => ddfs.gc().catch((error) => cli.warn(messageOf(error))), DAY);
    await ended(cli.signal);
    clearInterval(collecting);
  } finally {
    front.isClosing = true;
    await Promise.all(servers.map((server) => server.close(PATIENCE)));
    await ddfs.close();
  }
  cli.tell("Ended.");
}

/** The parts of what stands before the DDFS. */
interface FrontParts {
  readonly fetch: (request: Request) => Promise<Response>;
  /** The hosts that requests may ask for; every host where it is not given. */
  readonly known: ReadonlySet<string> | undefined;
  readonly name: string | undefined;
  readonly metrics: Metrics;
  readonly log: "text" | "json" | "off";
  /** Milliseconds since 1970. */
  readonly began: number;
}

/** Stands before the DDFS: its host, its health, its counts, its log. */
class Front {
  isClosing = false;
  readonly parts: FrontParts;

  constructor(parts: FrontParts) {
    this.parts = parts;
  }

  /** Answers a request, counts it and logs it. */
  async answer(request: Request): Promise<Response> {
    const { metrics, log } = this.parts;
    const began = performance.now();
    const url = new URL(request.url);
    metrics.underWay++;
    let status = 500;
    try {
      const response = await this.#respond(request, url);
      ({ status } = response);
      const route = routeOf(url.pathname);
      if (route === "blob") {
        if (request.method === "PUT") metrics.bytesIn += Number(request.headers.get("content-length") ?? 0);
        else metrics.bytesOut += Number(response.headers.get("content-length") ?? 0);
      }
      return response;
    } finally {
      metrics.underWay--;
      const seconds = (performance.now() - began) / 1000;
      metrics.add({ method: methodOf(request), route: routeOf(url.pathname), status, seconds });
      if (log !== "off") writeError(this.#line(request, url, status, seconds));
    }
  }

  async #respond(request: Request, url: URL): Promise<Response> {
    const { known, name, fetch } = this.parts;
    if (url.pathname === "/health") return this.#health();
    if (known !== undefined && !known.has(url.hostname.toLowerCase())) {
      // A page could give its own name the address of this machine, and so read what is here.
      const text = `This is not ${url.hostname}: ask for ${
        [...known][0]
      }, or start the server with --name ${url.hostname}.\n`;
      return new Response(text, { status: 421, headers: { "content-type": "text/plain; charset=utf-8" } });
    }
    if (url.pathname === "/metrics" && request.method === "GET") return await this.#metrics(url);
    if (name === undefined || url.hostname === name) return await fetch(request);
    url.hostname = name;
    return await fetch(new Request(url, request));
  }

  #health(): Response {
    const uptime = Math.round((Date.now() - this.parts.began) / 1000);
    const status = this.isClosing ? "closing" : "ok";
    return Response.json({ status, uptime }, { status: this.isClosing ? 503 : 200 });
  }

  async #metrics(url: URL): Promise<Response> {
    const { fetch, metrics, began } = this.parts;
    const [info, tags] = await Promise.all(
      ["/disco/ctrl/nodeinfo", "/ddfs/tags"].map(async (path) => (await fetch(new Request(new URL(path, url)))).json()),
    );
    const sum = (key: string) =>
      Object.values(info as Record<string, Record<string, unknown>>)
        .reduce((sum, node) => sum + 1024 * Number(node[key]), 0);
    const text = metrics.text({
      ddfs_tags: Array.isArray(tags) ? tags.length : 0,
      ddfs_disk_free_bytes: sum("diskfree"),
      ddfs_disk_used_bytes: sum("diskused"),
      process_resident_memory_bytes: memoryInUse(),
      process_start_time_seconds: Math.round(began / 1000),
    });
    return new Response(text, { headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" } });
  }

  /** A line of the log; tokens stand in headers, which are not in it. */
  #line({ method }: Request, { pathname, search, host }: URL, status: number, seconds: number): string {
    const milliseconds = Math.round(seconds * 1e4) / 10;
    const path = pathname + search;
    const time = new Date().toISOString();
    return this.parts.log === "json"
      ? jsonLine({ time, method, path, host, status, milliseconds }) + "\n"
      : `${time} ${status} ${method} ${path} ${milliseconds} ms\n`;
  }
}

/** Labels are few: a method that is none is counted as one. */
function methodOf({ method }: Request): string {
  return ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"].includes(method) ? method : "OTHER";
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** The names and addresses that a request may ask for. */
function knownHosts(hosts: readonly string[], name: string | undefined, nodes: readonly string[]): ReadonlySet<string> {
  const addresses = hosts.flatMap((host) => {
    if (LOOPBACK.test(host)) return [host, "localhost", "127.0.0.1", "::1"];
    return /^(?:0\.0\.0\.0|::|\[::\])$/.test(host) ? [...localAddresses(), "localhost"] : [host];
  });
  const names = [...name === undefined ? [] : [name], ...nodes, ...addresses];
  return new Set(names.map((name) => name.includes(":") && !name.startsWith("[") ? `[${name}]` : name.toLowerCase()));
}

function nodesOf(text: string | undefined): number | string[] | undefined {
  if (text === undefined) return undefined;
  return /^\d+$/.test(text) ? wholeNumberOf("nodes", text, 1) : text.split(",").map((name) => name.trim());
}

function logOf(text = "off"): "text" | "json" | "off" {
  if (text === "text" || text === "json" || text === "off") return text;
  throw usage(`--log ${JSON.stringify(text)}: write text, json or off`);
}

async function limitsOf(
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

function certificateOf({ tlsCert, tlsKey }: CommandOptions): Certificate | undefined {
  if (tlsCert === undefined && tlsKey === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) throw usage("--tls-cert and --tls-key go together");
  const [cert, key] = [tlsCert, tlsKey].map((path) => {
    const text = readText(path);
    if (text !== undefined) return text;
    throw new CommandError(`${path}: No such file or directory`, EXIT.notFound);
  });
  return { cert: cert ?? "", key: key ?? "" };
}
