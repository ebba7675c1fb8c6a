// Serves an embedded DDFS on disk until it is killed: deno run -A serve.ts ROOT PORT. Says its port when it is ready.
import { embedded } from "../../lib/embedded/mod.ts";
import { NODES } from "./nodes.ts";

/** Milliseconds after which a blob that no tag holds may be collected: longer than any operation lasts. */
const ORPHAN_AGE = 30_000;

const [root = "", port = "0"] = Deno.args;
const ddfs = embedded({ root, nodes: NODES, replicas: 2, orphanAge: ORPHAN_AGE });
await ddfs.ready();
const onListen = ({ port }: Deno.NetAddr) => console.log(port);
Deno.serve({ hostname: "127.0.0.1", port: Number(port), onListen }, ddfs.fetch);
