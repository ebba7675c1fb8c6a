/**
 * Settings by the names that Disco's own client knows.
 *
 * @see {@link https://REPOSITORY/lib/cluster/PROTOCOL.md#settings PROTOCOL: Settings}
 */
export interface Settings {
  /** The master's address, for instance `disco://host:8989`. */
  DISCO_MASTER?: string | undefined;
  /** The master's host, where `DISCO_MASTER` is not set. */
  DISCO_MASTER_HOST?: string | undefined;
  /** The port of the master and of every node. */
  DISCO_PORT?: string | undefined;
  /** A proxy that all requests go through. */
  DISCO_PROXY?: string | undefined;
  /** The token that reads tags. */
  DDFS_READ_TOKEN?: string | undefined;
  /** The token that writes tags. */
  DDFS_WRITE_TOKEN?: string | undefined;
}
