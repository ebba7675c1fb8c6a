// A DDFS on this machine, in Bun: a master and a node on one port, its data in a folder.
//   bun add @ddfs/client
//   bun serve_bun.ts [FOLDER] [PORT]
import process from "node:process";
import { embedded } from "@ddfs/client/embedded";

/** What is used of Bun's own API; @types/bun has it all. */
declare const Bun: {
  serve(options: {
    readonly hostname: string;
    readonly port: number;
    readonly maxRequestBodySize: number;
    readonly idleTimeout: number;
    readonly fetch: (request: Request) => Promise<Response>;
  }): { readonly port: number; stop(): Promise<void> };
};

const [root = "./ddfs", port = "8989"] = process.argv.slice(2);
const ddfs = embedded({ root });
// The folder is locked from here on; without this, the first request would open it.
await ddfs.ready();

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  // By default Bun refuses bodies of more than 128 MiB, and ends a connection on which nothing moves for 10 seconds.
  maxRequestBodySize: 2 ** 40,
  idleTimeout: 60,
  fetch: (request) => ddfs.fetch(request),
});
console.log(`listening on http://127.0.0.1:${server.port}`);
process.once("SIGINT", async () => {
  await server.stop();
  await ddfs.close();
});
