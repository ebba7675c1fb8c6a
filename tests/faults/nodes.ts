/** Three addresses of one machine, each a node. */
export const NODES: readonly string[] = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];
