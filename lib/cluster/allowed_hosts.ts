import { check, isTexts } from "../check.ts";
import { hostOf, type MasterAddress } from "../urls.ts";

/**
 * Makes the check of which hosts may be asked: the master, the hosts that the caller names, and the cluster's nodes.
 *
 * @param allowed The hosts that the caller names; without them, all may be asked.
 * @param listNodes Asks the master for its nodes, by their names. It is called once, when a host turns up that was not named.
 * @throws {DiscoError} If they are no hosts (code `invalid-argument`).
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#control PROTOCOL: Control}
 */
export function hostCheck(
  master: MasterAddress,
  allowed: readonly string[] | undefined,
  listNodes: () => Promise<object>,
): (url: URL) => boolean | Promise<boolean> {
  if (allowed === undefined) return () => true;
  const isList = (hosts: readonly string[]) => isTexts(hosts) && hosts.every((host) => /^[^\s/?#@]+$/.test(host));
  check("allowedHosts", allowed, isList, 'write ["host", "host:port"]');
  const named = new Set(allowed.map((host) => host.toLowerCase()));
  named.add(hostOf(master.base));
  let listed: Promise<object> | undefined;
  return async ({ hostname, host }) => {
    if (named.has(hostname) || named.has(host)) return true;
    listed ??= listNodes();
    listed.catch(() => listed = undefined);
    return Object.hasOwn(await listed, hostname);
  };
}
