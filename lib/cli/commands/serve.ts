import { type Cli, messageOf } from "../common/cli.ts";
import { CommandError, usage } from "../common/exit_status.ts";
import type { CommandOptions } from "../common/options.ts";
import { clientSettings } from "../common/settings.ts";
import { type Certificate, type Handler, listen, type Server } from "../terminal/server.ts";
import { isBucket, objectsAt } from "./bucket.ts";
import { Metrics } from "./metrics.ts";
import { Front } from "./serve_front.ts";
import {
  certificateOf,
  isLoopback,
  keysOf,
  knownHosts,
  limitsOf,
  logOf,
  nodesOf,
  portOf,
  refuseWithMaster,
  type S3Keys,
} from "./serve_options.ts";

/** The port of Disco's masters. */
const PORT = 8989;
/** The port that servers of S3 have by habit. */
const S3_PORT = 9000;
/** Milliseconds that requests have to end when the server does. */
const PATIENCE = 10_000;
/** Milliseconds that a master has to answer before it is said that it does not. */
const PATIENCE_AT_START = 2000;
/** Milliseconds between two collections of garbage, as on a real master. */
const DAY = 24 * 60 * 60 * 1000;

/** The DDFS that is served: one in a folder or in a bucket, or a cluster behind a proxy. */
interface Backend {
  /** The folder, the bucket or the master, for people. */
  readonly title: string;
  /** The same for programs. */
  readonly json: Readonly<Record<string, string>>;
  readonly fetch: Handler;
  /** The master's address for a client, and the function that its requests go through. */
  readonly client: {
    readonly master: string;
    readonly fetch?: Handler;
    readonly allowedHosts?: readonly string[];
  };
  /** The addresses to listen on. */
  readonly hosts: readonly string[];
  /** The hosts that requests may ask for beside those. */
  readonly names: readonly string[];
  /** The name that stored URLs get, whatever a request asked for. */
  readonly calledAs?: string | undefined;
  /** Opens what is stored. */
  open(): Promise<void>;
  /** Collects garbage; a real master does so by itself. */
  readonly collect?: () => Promise<unknown>;
  /** Called when the store fails. */
  onFailure?: () => void;
  close(): Promise<void>;
}

/** Serves a folder or a bucket as a DDFS, or passes a cluster on, until it is told to end. */
export async function serve(cli: Cli, [folder]: string[], options: CommandOptions): Promise<void> {
  const port = portOf("port", options.port) ?? PORT;
  const s3Port = portOf("s3-port", options.s3Port) ?? S3_PORT;
  if (options.s3Port !== undefined && options.s3 !== true) throw usage("--s3-port is the port of --s3");
  const log = logOf(options.log);
  const backend = await backendOf(cli, folder, options);
  const certificate = certificateOf(options);
  const keys = options.s3 === true ? keysOf() : undefined;
  // A folder is locked from here on; in use, it is refused before anything listens.
  await backend.open();
  const { hosts, calledAs, fetch } = backend;
  const known = knownHosts(hosts, backend.names);
  const page = await pageOf(options);
  const front = new Front({ fetch, known, name: calledAs, page, metrics: new Metrics(), log, began: Date.now() });
  backend.onFailure = () => front.failed();
  const servers: Server[] = [];
  try {
    for (const host of hosts) {
      const place = { host, port: servers[0]?.port ?? port, certificate };
      servers.push(await listening(place, "--port", (request) => front.answer(request)));
    }
    const [shown = ""] = options.name?.split(",") ?? hosts;
    const at = (server: Server | undefined) => urlOf(certificate, shown, server?.port ?? port);
    const url = at(servers[0]);
    const lines = [`Serving ${backend.title} at ${url}`];
    let json: Record<string, unknown> = { ...backend.json, url };
    if (options.ui !== false) {
      lines.push(`See it at ${url}/ui/`);
      json = { ...json, ui: `${url}/ui/` };
    }
    if (keys !== undefined) {
      const place = { host: hosts[0] ?? "", port: s3Port, certificate };
      const server = await listening(place, "--s3-port", await s3Handler(cli, backend, keys));
      servers.push(server);
      const { accessKeyId, secretAccessKey, isMade } = keys;
      lines.push(`S3 at ${at(server)}, bucket ddfs, access key ID ${accessKeyId}`);
      // The keys of the environment are known, and no business of a log.
      if (isMade) {
        lines.push(
          `  secret access key ${secretAccessKey} (until it ends; AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set others)`,
        );
      }
      json = { ...json, s3: { url: at(server), bucket: "ddfs", accessKeyId, ...isMade && { secretAccessKey } } };
    }
    await cli.print(lines, json);
    await cli.flush();
    const { collect } = backend;
    const collecting = collect && setInterval(() => collect().catch((error) => cli.warn(messageOf(error))), DAY);
    await ended(cli.signal);
    clearInterval(collecting);
  } finally {
    front.isClosing = true;
    await Promise.all(servers.map((server) => server.close(PATIENCE)));
    await backend.close();
  }
  cli.tell("Ended.");
}

/** The page at /ui/, unless it is not wanted. */
async function pageOf({ ui }: CommandOptions): Promise<(request: Request) => Promise<Response | undefined>> {
  if (ui === false) return () => Promise.resolve(undefined);
  const { explorer } = await import("../../explorer_page/mod.ts");
  return (request) => explorer(request);
}

async function backendOf(cli: Cli, folder: string | undefined, options: CommandOptions): Promise<Backend> {
  const isCluster = cli.options.master !== undefined;
  if (folder === undefined) {
    if (isCluster) return await clusterBehind(cli, options);
    throw usage("Name a folder to serve (ddfs serve ./volume), or with -M the master of a cluster to pass on");
  }
  if (isCluster) {
    throw usage("Give either a folder or -M: a folder is served as a DDFS of its own, a master is passed on");
  }
  if (options.allowedHost !== undefined) throw usage("--allowed-host goes with -M");
  return await embeddedIn(cli, folder, options);
}

/** A DDFS in a folder or in a bucket. */
async function embeddedIn(cli: Cli, folder: string, options: CommandOptions): Promise<Backend> {
  const { host = "127.0.0.1" } = options;
  // The others are those of a cluster whose URLs the tags still have.
  const [name, ...others] = options.name?.split(",").map((name) => name.trim()) ?? [];
  const nodes = nodesOf(options.nodes);
  if (!isLoopback(host) && name === undefined && typeof nodes !== "object") {
    throw usage(
      `--host ${host}: others would read stored URLs that name this machine as each client did: say with --name by which name all reach it`,
    );
  }
  if (name !== undefined && nodes !== undefined) throw usage("--name is that of a single node; --nodes names several");
  const { embedded } = await import("../../embedded/mod.ts");
  const inBucket = isBucket(folder);
  if (options.redirect === true && !inBucket) throw usage("--redirect goes with s3://BUCKET");
  const ddfs = embedded({
    ...inBucket
      ? { objects: await objectsAt(folder), nodes: nodes ?? [name ?? "localhost"], redirect: options.redirect === true }
      : { root: folder, ...nodes !== undefined && { nodes } },
    ...await limitsOf(cli, options),
    onError: (error) => {
      cli.warn(messageOf(error));
      backend.onFailure?.();
    },
  });
  const fetch = (request: Request) => ddfs.fetch(request, {});
  const backend: Backend = {
    title: folder,
    json: inBucket ? { bucket: folder } : { folder },
    fetch,
    client: { master: ddfs.master, fetch },
    hosts: typeof nodes === "number" && nodes > 1
      ? Array.from({ length: nodes }, (_, i) => `127.0.0.${i + 1}`)
      : [host],
    names: [...name === undefined ? [] : [name, ...others], ...typeof nodes === "object" ? nodes : []],
    calledAs: name,
    open: () => ddfs.ready(),
    collect: () => ddfs.gc(),
    close: () => ddfs.close(),
  };
  return backend;
}

/** A cluster, all of which is reached through this one origin. */
async function clusterBehind(cli: Cli, options: CommandOptions): Promise<Backend> {
  refuseWithMaster(options);
  const { host = "127.0.0.1", name, allowedHost: allowedHosts = [] } = options;
  const { master = "" } = await clientSettings(cli.options, (text) => cli.warn(text));
  const { proxy } = await import("../../gateway/mod.ts");
  const { fetch } = proxy({ master, allowedHosts, onError: (error) => cli.warn(messageOf(error)) });
  return {
    title: master,
    json: { master },
    fetch,
    // Who may write tags must not lead this machine to hosts of their choice.
    client: { master, allowedHosts },
    hosts: [host],
    names: name === undefined ? [] : [name],
    open: async () => {
      const { DDFSReader } = await import("../../../mod.ts");
      const asked = { signal: cli.signal, deadline: PATIENCE_AT_START, retry: { within: 0 } };
      await new DDFSReader(master, { settings: {} }).nodes(asked).catch((error) => {
        const { code } = Object(error) as { code?: string };
        if (code === "unreachable" || code === "timeout") {
          cli.warn(`${master} does not answer yet: ${messageOf(error)}`);
        }
      });
    },
    close: () => Promise.resolve(),
  };
}

/** The S3 face of what is served, with what the command's own token opens. */
async function s3Handler(cli: Cli, { client }: Backend, { accessKeyId, secretAccessKey }: S3Keys): Promise<Handler> {
  const { s3Server } = await import("../../gateway/s3_server.ts");
  const { DDFSReader } = await import("../../../mod.ts");
  const { options } = await clientSettings(cli.options, (text) => cli.warn(text));
  const { token } = options;
  const { master, ...settings } = client;
  const ddfs = new DDFSReader(master, { settings: {}, token, ...settings });
  const onError = (error: unknown) => cli.warn(messageOf(error));
  return s3Server({ ddfs, keys: { [accessKeyId]: secretAccessKey }, onError }).fetch;
}

/** Listens, or says what to do where that cannot be. */
async function listening(
  place: { host: string; port: number; certificate: Certificate | undefined },
  option: string,
  handler: Handler,
): Promise<Server> {
  try {
    return await listen(place, handler);
  } catch (error) {
    const { code, name } = Object(error) as { code?: string; name?: string };
    const isInUse = code === "EADDRINUSE" || name === "AddrInUse";
    const advice = `the address is in use: choose another with ${option}, 0 for any that is free`;
    throw new CommandError(
      `Cannot listen on ${place.host}:${place.port}: ${isInUse ? advice : messageOf(error)}`,
    );
  }
}

function urlOf(certificate: Certificate | undefined, host: string, port: number): string {
  return `${certificate === undefined ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
