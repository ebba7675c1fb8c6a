// Serves an embedded DDFS on disk until it is killed: deno run -A serve.ts ROOT PORT. Says its port when it is ready.
import { embedded } from "../../lib/embedded/mod.ts";
import { NODES } from "./nodes.ts";

const [root = "", port = "0"] = Deno.args;
const ddfs = embedded({ root, nodes: NODES, replicas: 2 });
await ddfs.ready();
const onListen = ({ port }: Deno.NetAddr) => console.log(port);
Deno.serve({ hostname: "127.0.0.1", port: Number(port), onListen }, ddfs.fetch);
