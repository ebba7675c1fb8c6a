import type { Cluster } from "./cluster.ts";
import { DiscoError } from "./errors.ts";
import { show } from "./names.ts";

/**
 * Makes the check of which hosts may be asked. The master is asked for its nodes once, when a host turns up that nobody named.
 *
 * @param cluster The cluster.
 * @param allowed The hosts that the caller names; without them, all may be asked.
 * @throws {DiscoError} If they are no hosts (code `invalid-argument`).
 * @see PROTOCOL "Control (JSON)"
 */
export function allowedHosts(
  cluster: Cluster,
  allowed: readonly string[] | undefined,
): (url: URL) => boolean | Promise<boolean> {
  if (allowed === undefined) return () => true;
  if (!Array.isArray(allowed) || !allowed.every((host) => typeof host === "string" && /^[^\s/?#@]+$/.test(host))) {
    throw new DiscoError(`Invalid allowedHosts ${show(allowed)}: it is a list of "host" and "host:port"`, {
      code: "invalid-argument",
    });
  }
  const named = new Set(allowed.map((host) => host.toLowerCase()));
  named.add(new URL(cluster.master.base).hostname);
  let listed: Promise<ReadonlySet<string>> | undefined;
  return (url) => {
    if (named.has(url.hostname) || named.has(url.host)) return true;
    listed ??= nodesOf(cluster).catch((error) => {
      listed = undefined;
      throw error;
    });
    return listed.then((nodes) => nodes.has(url.hostname));
  };
}

async function nodesOf(cluster: Cluster): Promise<ReadonlySet<string>> {
  const url = cluster.url("/disco/ctrl/nodeinfo");
  const call = { method: "GET", url, toMaster: true, repeatable: true } as const;
  const isInfo = (value: unknown) => typeof value === "object" && value !== null ? Object.keys(value) : undefined;
  return new Set(await cluster.transport.json(call, isInfo));
}
