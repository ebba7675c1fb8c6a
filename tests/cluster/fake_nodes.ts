import { expect } from "../helpers/expect.ts";
import { clusterOf } from "../../lib/cluster/cluster.ts";
import type { DDFSEvent, Replicas } from "../../lib/options.ts";
import { type Placement, writeBlob } from "../../lib/cluster/write_replicas.ts";
import { json, manualClock } from "../helpers/fakes.ts";

/** The ways of a node with blobs. */
export type Node =
  | "well"
  | "refuses"
  | "loses the answer"
  | "loses one answer"
  | "full"
  | "resets"
  | "mixes up"
  | "wanders"
  | "escapes";

/** A cluster to write blobs to, and what became of them. */
export interface FakeCluster {
  /** Its nodes, which may be changed. */
  readonly nodes: Record<string, Node>;
  /** What it was asked. */
  readonly log: string[];
  /** The blobs by the nodes that have them. */
  readonly stored: Record<string, string[]>;
  /** What the client told of. */
  readonly events: DDFSEvent[];
  /** The replicas that were given up. */
  readonly abandoned: string[][];
  /** Writes a blob. */
  write(options?: Placement, name?: string): Promise<Replicas>;
  /** Lets the master list nodes, and not name them for blobs. */
  hide(...hosts: string[]): void;
}

/** A master with nodes that hand out the first free ones in order, and a log of what was asked. */
export function fakeCluster(
  nodes: Record<string, Node>,
  copies = 2,
  tooFew = "Not enough nodes for replicas.",
): FakeCluster {
  const log: string[] = [];
  const stored: Record<string, string[]> = {};
  const events: DDFSEvent[] = [];
  /** Nodes that the master lists, and does not name for a blob. */
  const hidden: string[] = [];
  let stamp = 0;
  const fetch = async (request: Request): Promise<Response> => {
    const { hostname, pathname, searchParams } = new URL(request.url);
    if (pathname.startsWith("/ddfs/new_blob/")) {
      log.push(`new_blob${new URL(request.url).search}`);
      const list = (name: string) => (searchParams.get(name) ?? "").split(",").filter((host) => host !== "");
      const [include, exclude] = [list("include"), [...list("exclude"), ...hidden]];
      const count = Number(searchParams.get("replicas") ?? copies);
      const free = Object.keys(nodes).filter((host) => !include.includes(host) && !exclude.includes(host));
      const chosen = [...include, ...free].slice(0, count);
      if (chosen.length < count) return new Response(tooFew, { status: 403 });
      stamp++;
      return json(chosen.map((host) => `http://${host}:8990/ddfs/log$1-2-${stamp}`));
    }
    if (pathname === "/disco/ctrl/nodeinfo") {
      log.push("nodeinfo");
      const info = { connected: true, blacklisted: false };
      return json(Object.fromEntries(Object.keys(nodes).map((host) => [host, info])));
    }
    const object = pathname.slice("/ddfs/".length);
    log.push(`PUT ${hostname} ${object}`);
    const node = nodes[hostname];
    if (node === "refuses") throw new TypeError("connection refused");
    if (node === "resets") {
      throw new TypeError(
        `error sending request from 127.0.0.1:${log.length} for ${request.url} (127.0.0.1:8990): closed`,
      );
    }
    if (node === "full") return new Response("No space left on device", { status: 500 });
    const body = await request.text();
    if (stored[hostname]?.includes(object)) return new Response("File exists", { status: 500 });
    (stored[hostname] ??= []).push(object);
    if (node === "loses one answer") nodes[hostname] = "well";
    if (node?.startsWith("loses")) throw new TypeError("connection reset");
    expect(body).toBe("content");
    if (node === "mixes up") return json(`disco://${hostname}/ddfs/vol0/blob/00/log$1-2-99`, 201);
    if (node === "wanders") return json(`ftp://${hostname}/${object}`, 201);
    if (node === "escapes") {
      const escaped = object.replace(/\W/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
      return json(`http://proxy:1/ddfs/vol0/blob/00/${escaped}?x=1`, 201);
    }
    return json(`disco://${hostname}/ddfs/vol0/blob/00/${object}`, 201);
  };
  const cluster = clusterOf("disco://m", {
    settings: {},
    fetch,
    clock: manualClock(),
    random: () => 0,
    onEvent: (event) => events.push(event),
  });
  const abandoned: string[][] = [];
  const write = (options: Placement = {}, name = "log") => {
    const blob = new Blob(["content"]);
    return writeBlob(
      cluster,
      { name, size: blob.size, body: () => blob },
      options,
      (replicas) => abandoned.push([...replicas]),
    );
  };
  const hide = (...hosts: string[]) => void hidden.push(...hosts);
  return { write, log, stored, events, nodes, abandoned, hide };
}

/** The URL of a blob that a node has stored. */
export const at = (host: string, stamp: number): string => `disco://${host}/ddfs/vol0/blob/00/log$1-2-${stamp}`;
