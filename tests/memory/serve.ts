// Serves an embedded DDFS on a free loopback port until it is ended, on disk or in memory: serve.ts [FOLDER]
import { embedded } from "../../lib/embedded/mod.ts";

const [root] = Deno.args;
const { fetch, ready } = embedded(root === undefined ? {} : { root });
await ready();
Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(`http://127.0.0.1:${port}`) },
  (request) => fetch(request),
);
