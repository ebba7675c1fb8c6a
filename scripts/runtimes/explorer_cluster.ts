import { DDFS } from "../../mod.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { DDFS as COMMAND } from "../../tests/helpers/command.ts";
import { ensure, fill, press, seen, until } from "./explorer_steps.ts";
import type { Tab } from "./tabs.ts";

/** A cluster behind `ddfs serve -M`: a real one, or one of three nodes on addresses of their own. */
export interface ServedCluster {
  /** Its name, for people. */
  readonly title: string;
  /** The address of `ddfs serve`. */
  readonly origin: string;
  /** A client that asks the cluster itself. */
  readonly client: DDFS;
  close(): Promise<void>;
}

/** Serves the cluster that `DDFS_TEST_MASTER` names, or one of this process. */
export async function serveCluster(): Promise<ServedCluster> {
  const named = Deno.env.get("DDFS_TEST_MASTER");
  const own = named === undefined ? ownCluster() : undefined;
  const master = named ?? own?.master ?? "";
  const child = new Deno.Command(Deno.execPath(), {
    args: [...COMMAND, "serve", "-M", master, "--port", "0"],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!/See it at \S+\n/.test(text)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`ddfs serve ended: ${text}`);
    text += value;
  }
  const [, origin = ""] = /See it at (\S+)\/ui\/\n/.exec(text) ?? [];
  return {
    title: named === undefined ? "a cluster of its own" : `the cluster at ${named}`,
    origin,
    client: new DDFS(master, { settings: {} }),
    close: async () => {
      child.kill("SIGTERM");
      await child.status;
      await reader.cancel();
      await own?.close();
    },
  };
}

/** Stores a file through the page, reads it, sees the nodes, and deletes the tag. */
export async function throughServe(tab: Tab, { origin, client }: ServedCluster, work: string): Promise<void> {
  const tag = `explorer:test:${crypto.randomUUID().slice(0, 8)}`;
  await Deno.writeTextFile(`${work}/cluster.log`, Array.from({ length: 1000 }, (_, i) => `request ${i}\n`).join(""));
  try {
    await tab.goto(`${origin}/ui/upload?tag=${tag}`);
    await until(tab, `document.querySelector("input[multiple]")`);
    await tab.choose("input[multiple]", [`${work}/cluster.log`]);
    await press(tab, "Their lines as records, compressed");
    await press(tab, "Upload 1 file");
    await seen(tab, "1 file stored in 1 blob");
    const lines: string[] = [];
    for await (const line of client.records(`tag://${tag}`, { text: true })) lines.push(line);
    ensure(lines.length === 1000, `${lines.length} records are stored`);

    await press(tab, tag);
    await press(tab, "Records");
    await seen(tab, "request 2");
    await fill(tab, "input[type=search]", "request 99");
    await tab.press("Enter");
    await seen(tab, "11 records found");
    const nodes = await client.nodes();
    await tab.goto(`${origin}/ui/nodes`);
    await until(tab, `document.querySelectorAll("tr.alive").length === ${nodes.length}`, "all nodes are alive");

    await tab.goto(`${origin}/ui/tag/${tag}`);
    await press(tab, "Delete …");
    await fill(tab, "dialog input", tag);
    await press(tab, "Delete");
    await until(tab, `!location.pathname.startsWith("/ui/tag/")`);
    ensure(!await client.exists(tag), "the tag is still there");
  } finally {
    await client.delete(tag);
  }
}

/** A cluster of three nodes, each on an address of its own. */
function ownCluster(): { master: string; close(): Promise<void> } {
  const ddfs = embedded({ nodes: 3, replicas: 2 });
  const fetch = (request: Request) => ddfs.fetch(request);
  const servers = [Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, fetch)];
  const { port } = servers[0]?.addr ?? { port: 0 };
  for (const hostname of ["127.0.0.2", "127.0.0.3"]) {
    servers.push(Deno.serve({ hostname, port, onListen: () => {} }, fetch));
  }
  return {
    master: `http://127.0.0.1:${port}`,
    close: async () => {
      for (const server of servers) await server.shutdown();
      await ddfs.close();
    },
  };
}
