import { check, isObject } from "../check.ts";
import type { Cluster } from "./cluster.ts";
import { hostOf } from "../urls.ts";
import { isTexts } from "../check.ts";

/**
 * Makes the check of which hosts may be asked. The master is asked for its nodes once, when a host turns up that nobody named.
 *
 * @param cluster The cluster.
 * @param allowed The hosts that the caller names; without them, all may be asked.
 * @throws {DiscoError} If they are no hosts (code `invalid-argument`).
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#control PROTOCOL: Control}
 */
export function hostCheck(
  cluster: Cluster,
  allowed: readonly string[] | undefined,
): (url: URL) => boolean | Promise<boolean> {
  if (allowed === undefined) return () => true;
  const isList = (hosts: readonly string[]) => isTexts(hosts) && hosts.every((host) => /^[^\s/?#@]+$/.test(host));
  check("allowedHosts", allowed, isList, 'write ["host", "host:port"]');
  const named = new Set(allowed.map((host) => host.toLowerCase()));
  named.add(hostOf(cluster.master.base));
  let listed: Promise<object> | undefined;
  return async ({ hostname, host }) => {
    if (named.has(hostname) || named.has(host)) return true;
    listed ??= cluster.transport.json(
      { url: `${cluster.master.base}/disco/ctrl/nodeinfo`, toMaster: true },
      (value) => isObject(value) ? value : undefined,
    );
    listed.catch(() => listed = undefined);
    return Object.hasOwn(await listed, hostname);
  };
}
