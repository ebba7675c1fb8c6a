// A DDFS on this machine, in Node: a master and a node on one port, its data in a folder.
//   npm install @ddfs/client @remix-run/node-fetch-server
//   node serve_node.mjs [FOLDER] [PORT]
import { createServer } from "node:http";
import { embedded } from "@ddfs/client/embedded";
import { createRequestListener } from "@remix-run/node-fetch-server";

const [root = "./ddfs", port = "8989"] = process.argv.slice(2);
const ddfs = embedded({ root });
// The folder is locked from here on; without this, the first request would open it.
await ddfs.ready();

// By default Node ends an upload that takes longer than five minutes.
const server = createServer({ requestTimeout: 0 }, createRequestListener((request) => ddfs.fetch(request)));
server.listen(Number(port), "127.0.0.1", () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
process.once("SIGINT", () => {
  server.close(() => ddfs.close());
  server.closeIdleConnections();
});
