// A replica that is damaged
import { DDFS } from "@ddfs/client";
import { embedded } from "@ddfs/client/embedded";

const cluster = embedded({ nodes: 3, replicas: 3 });
let broken = "";
// Whatever node is asked first for a blob gives it with a bit that is wrong, now and later.
const fetch = async (request: Request): Promise<Response> => {
  const answer = await cluster.fetch(request);
  const { host, pathname } = new URL(request.url);
  if (request.method !== "GET" || !pathname.includes("/blob/") || !answer.ok) return answer;
  broken ||= host;
  const bytes = new Uint8Array(await answer.arrayBuffer());
  if (host === broken) bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return new Response(bytes, answer);
};
const ddfs = new DDFS(cluster.master, { fetch });
await ddfs.chunk("data:log", [[new Blob(["one\n", "two\n"]), "log"]]);

// Chunks have checksums: records are read from a replica that is right.
for await (const line of ddfs.records("tag://data:log", { text: true })) console.log(line.trimEnd());
const states: string[] = [];
for await (const { state } of ddfs.verify("data:log")) states.push(state);
console.log(states.sort().join(", "));

// Prints:
// one
// two
// corrupt, good, good
