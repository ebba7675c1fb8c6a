import type { DDFS, DDFSOptions } from "../../mod.ts";

/** The clients that the tests of a cluster share. */
export interface TestClients {
  /** What the cluster is called. */
  readonly title: string;
  /** How many nodes it has. */
  readonly nodes: number;
  /** How the names of all tags begin that the tests make. */
  readonly prefix: string;
  /** A token. */
  readonly secret: string;
  /** A client without a token. */
  readonly ddfs: DDFS;
  /** Makes a client with further options. */
  readonly client: (options?: DDFSOptions) => DDFS;
  /** Makes up the name of a tag that nothing else uses; it is deleted in the end. */
  readonly fresh: () => string;
}

/** Lines that look like a log, of a given size in bytes. */
export function logLines(size: number): string {
  const lines: string[] = [];
  for (let i = 0, length = 0; length < size; i++) {
    const line = `2026-11-23T10:00:00Z node-${i % 7} request ${i * 7919} took ${(i * 31) % 997} ms\n`;
    lines.push(line);
    length += line.length;
  }
  return lines.join("").slice(0, size);
}
