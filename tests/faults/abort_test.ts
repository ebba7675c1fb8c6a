import { after, before, describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { DDFS, type ReadOptions } from "../../mod.ts";
import { failure, settled } from "../helpers/fakes.ts";
import type { Fault } from "./faults.ts";
import { NODES } from "./nodes.ts";
import { FaultProxy } from "./proxy.ts";

const BIG = new Blob([new Uint8Array(2 << 20).map((_, i) => (i * i) >> 7)]);

describe("an operation over real sockets that is aborted", () => {
  let fault: Fault | undefined;
  let proxy: FaultProxy;
  let ddfs: DDFS;
  let close: () => Promise<void>;
  const unhandled: unknown[] = [];
  const onUnhandled = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };

  before(async () => {
    globalThis.addEventListener("unhandledrejection", onUnhandled);
    const store = embedded({ nodes: NODES, replicas: 2 });
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, store.fetch);
    proxy = await FaultProxy.listen(
      NODES,
      server.addr.port,
      ({ path }) => /\/ddfs\/(vol0|big)/.test(path) ? fault : undefined,
    );
    ddfs = new DDFS(`disco://127.0.0.1:${proxy.port}`, { settings: {} });
    await ddfs.push("data:big", [[BIG, "big"]]);
    close = async () => {
      await proxy.close();
      await server.shutdown();
      await store.close();
      globalThis.removeEventListener("unhandledrejection", onUnhandled);
    };
  });
  after(() => close());

  /** Waits for what must come. */
  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  const operations: Record<string, [Fault, (options: ReadOptions) => Promise<unknown>]> = {
    "push() of a Blob, to nodes that never answer": [
      "never answers",
      (options) => ddfs.push("data:new", [[BIG, "big"]], options),
    ],
    "push() of a file, to nodes that never answer": [
      "never answers",
      async (options) => {
        const path = await Deno.makeTempFile();
        await Deno.writeFile(path, new Uint8Array(await BIG.arrayBuffer()));
        return await ddfs.push("data:new", [[path, "big"]], options).finally(() => Deno.remove(path));
      },
    ],
    "push() whose answers stall": ["stall", (options) => ddfs.push("data:new", [[BIG, "big"]], options)],
    "chunk() to nodes that never answer": [
      "never answers",
      (options) => ddfs.chunk("data:new", [[BIG, "big"]], { ...options, workers: 0 }),
    ],
    "pull() of a blob that stalls": [
      "stall",
      async (options) => {
        for await (const blob of ddfs.pull("data:big", undefined, options)) await blob.bytes();
      },
    ],
    "records() of a blob that never comes": [
      "never answers",
      async (options) => {
        for await (const _ of ddfs.records("tag://data:big", { ...options, workers: 0 }));
      },
    ],
  };
  for (const [name, [kind, operation]] of Object.entries(operations)) {
    it(`closes its sockets and rejects nothing unseen: ${name}`, async () => {
      fault = kind;
      const controller = new AbortController();

      const ended = failure(operation({ signal: controller.signal }));
      await until(() => proxy.held > 0);
      await settled();
      controller.abort(new Error("enough"));

      expect((await ended).message).toBe("enough");
      await until(() => proxy.connections === 0);
      expect(unhandled).toEqual([]);
      fault = undefined;
      expect(await ddfs.exists("data:new")).toBe(false);
      await until(() => proxy.connections === 0);
    });
  }
});
