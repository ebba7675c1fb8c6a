// A DDFS on this machine, in Deno: a master and a node on one port, its data in a folder.
//   deno run --allow-net --allow-read --allow-write serve_deno.ts [FOLDER] [PORT]
import { embedded } from "@ddfs/client/embedded";

const [root = "./ddfs", port = "8989"] = Deno.args;
const ddfs = embedded({ root });
// The folder is locked from here on; without this, the first request would open it.
await ddfs.ready();

const server = Deno.serve({
  hostname: "127.0.0.1",
  port: Number(port),
  onListen: ({ port }) => console.log(`listening on http://127.0.0.1:${port}`),
}, ddfs.fetch);
Deno.addSignalListener("SIGINT", () => server.shutdown());
await server.finished;
await ddfs.close();
