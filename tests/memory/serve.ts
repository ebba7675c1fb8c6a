// Serves an embedded DDFS on disk, on a free loopback port, until it is ended: serve.ts FOLDER
import { embedded } from "../../lib/embedded/mod.ts";

const { fetch } = embedded({ root: Deno.args[0] ?? "" });
Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(`http://127.0.0.1:${port}`) },
  (request) => fetch(request),
);
