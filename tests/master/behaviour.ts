import { after, describe } from "@std/testing/bdd";
import { DDFS, type DDFSOptions } from "../../mod.ts";
import { describeBlobs } from "./blobs.ts";
import { describeSignals } from "./signals.ts";
import { describeTags } from "./tags.ts";
import type { TestClients } from "./clients.ts";

/** A cluster to test against. */
export interface TestMaster {
  /** What the suite is called. */
  readonly title: string;
  /** The master's address. */
  readonly master: string;
  /** How to reach it; the runtime's fetch by default. */
  readonly fetch?: DDFSOptions["fetch"];
  /** How many nodes it has. */
  readonly nodes: number;
}

/** Describes what the client does on any cluster. It tags under a prefix of its own, and deletes that in the end. */
export function describeClient({ title, master, fetch, nodes }: TestMaster): void {
  const prefix = `test:${crypto.randomUUID().slice(0, 8)}:`;
  const tags = new Set<string>();
  const client = (options: DDFSOptions = {}) =>
    new DDFS(master, { settings: {}, ...(fetch === undefined ? {} : { fetch }), ...options });
  const ddfs = client();
  const secret = "s3cret-töken";
  const clients: TestClients = {
    title,
    nodes,
    prefix,
    secret,
    client,
    ddfs,
    fresh() {
      const tag = `${prefix}${tags.size}`;
      tags.add(tag);
      return tag;
    },
  };

  describe(`a client of ${title}`, () => {
    after(async () => {
      for (const tag of tags) await client({ token: secret }).delete(tag).catch(() => ddfs.delete(tag));
    });

    describeBlobs(clients);
    describeTags(clients);
    describeSignals(clients);
  });
}
