import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "@std/testing/bdd";
import { expect } from "../../helpers/expect.ts";
import { DDFS } from "@ddfs/client";
import { embedded } from "@ddfs/client/embedded";
import { gateway } from "@ddfs/client/gateway";
import { createRequestListener } from "@remix-run/node-fetch-server";
import { all, only } from "../../helpers/fakes.ts";
import { fillForTable, TABLE_OPTIONS, tableFaults } from "../../gateway/table.ts";
import { describeClient } from "../../master/behaviour.ts";

const { fetch: served, close } = embedded();
const listener = createRequestListener((request) => served(request));
/** How what was PUT was framed. */
let framings: { length: string | undefined; encoding: string | undefined }[] = [];
const server = createServer((request, response) => {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  if (request.method === "PUT") framings.push({ length, encoding });
  return listener(request, response);
});
await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const { port } = server.address() as AddressInfo;
const master = `disco://127.0.0.1:${port}`;

describe("Node's http with an embedded DDFS", () => {
  after(async () => {
    server.closeAllConnections();
    server.close();
    await close();
  });

  describeClient({ title: "a server by Node's http", master, nodes: 1 });

  it("takes files by their paths", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ddfs-test-"));
    const text = "a line\n".repeat(100_000);
    await writeFile(join(folder, "lines.txt"), text);
    const ddfs = new DDFS(master, { settings: {} });

    await ddfs.push("test:pushed", [join(folder, "lines.txt")]);
    await ddfs.chunk("test:chunked", [join(folder, "lines.txt")]);

    expect(await (await only(ddfs.pull("test:pushed"))).text()).toBe(text);
    expect((await all(ddfs.records("tag://test:chunked", { text: true }))).join("")).toBe(text);
    await rm(folder, { recursive: true });
  });

  it("is told the length of a stream, which a real node takes in one HTTP chunk of less than 64 MiB only", async () => {
    const ddfs = new DDFS(master, { settings: {} });
    framings = [];

    await ddfs.chunk("test:framed", [[new Blob(["a line\n"]), "lines"]], { compress: false });

    const { length } = await (await only(ddfs.pull("test:framed"))).bytes();
    expect(framings[0]).toEqual({ length: String(length), encoding: undefined });
  });
});

describe("Node's http with a gateway", () => {
  it("answers each request of the table as it is written there", async () => {
    const cluster = embedded();
    const names = await fillForTable(new DDFS(cluster.master, { settings: {}, fetch: cluster.fetch }));
    const site = gateway({ master: cluster.master, fetch: cluster.fetch, ...TABLE_OPTIONS });
    const server = createServer(createRequestListener((request) => site.fetch(request)));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;

    const faults = await tableFaults(names, (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init));

    expect(faults).toEqual([]);
    server.closeAllConnections();
    server.close();
    await cluster.close();
  });
});
