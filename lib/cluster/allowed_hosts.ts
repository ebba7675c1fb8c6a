import { check, isTexts } from "../check.ts";

/**
 * Makes the check of which hosts may be asked. The master is asked for its nodes once, when a host turns up that nobody named.
 *
 * @param master The master's host, which may always be asked.
 * @param nodes Asks the master for its nodes.
 * @param allowed The hosts that the caller names; without them, all may be asked.
 * @throws {DiscoError} If they are no hosts (code `invalid-argument`).
 * @see PROTOCOL "Control (JSON)"
 */
export function hostCheck(
  master: string,
  nodes: () => Promise<ReadonlySet<string>>,
  allowed: readonly string[] | undefined,
): (url: URL) => boolean | Promise<boolean> {
  if (allowed === undefined) return () => true;
  const isList = (hosts: readonly string[]) => isTexts(hosts) && hosts.every((host) => /^[^\s/?#@]+$/.test(host));
  check("allowedHosts", allowed, isList, 'write ["host", "host:port"]');
  const named = new Set(allowed.map((host) => host.toLowerCase()));
  named.add(master);
  let listed: Promise<ReadonlySet<string>> | undefined;
  return async ({ hostname, host }) => {
    if (named.has(hostname) || named.has(host)) return true;
    listed ??= nodes();
    listed.catch(() => listed = undefined);
    return (await listed).has(hostname);
  };
}
