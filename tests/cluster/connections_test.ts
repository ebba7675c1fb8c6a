import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { DDFS } from "../../mod.ts";

/** A cluster on one socket that keeps its connections; notes how many requests each connection has carried before a PUT. */
function server(headers: Record<string, string>) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const before: number[] = [];
  let stamp = 0;
  const connections: Deno.TcpConn[] = [];
  const serve = async (connection: Deno.TcpConn) => {
    const memory = new Uint8Array(1 << 16);
    for (let requests = 0, text = "";;) {
      const count = await connection.read(memory);
      if (count === null) return;
      text += new TextDecoder("latin1").decode(memory.subarray(0, count));
      const [head = "", body] = text.split("\r\n\r\n");
      if (body === undefined || body.length < Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)) continue;
      const [method, path = ""] = head.split(" ");
      if (method === "PUT") before.push(requests);
      requests++;
      text = "";
      const answer = JSON.stringify(
        method === "PUT"
          ? `disco://127.0.0.1/ddfs/vol0/blob/00${path.slice("/ddfs".length)}`
          : method === "POST"
          ? ["x"]
          : [`http://127.0.0.1:${port}/ddfs/n$1-2-${++stamp}`],
      );
      const lines = Object.entries({ "content-length": answer.length, ...headers }).map(([name, value]) =>
        `${name}: ${value}\r\n`
      );
      await connection.write(new TextEncoder().encode(`HTTP/1.1 200 OK\r\n${lines.join("")}\r\n${answer}`));
    }
  };
  const accept = async () => {
    for await (const connection of listener) {
      connections.push(connection);
      serve(connection).catch(() => {});
    }
  };
  const done = accept().catch(() => {});
  const close = async () => {
    listener.close();
    for (const connection of connections) {
      try {
        connection.close();
      } catch {
        // The client was first.
      }
    }
    await done;
  };
  return { master: `disco://127.0.0.1:${port}`, before, close };
}

describe("a PUT over real sockets", () => {
  const push = async (headers: Record<string, string>) => {
    const { master, before, close } = server(headers);
    const ddfs = new DDFS(master, { settings: {} });
    for (let i = 0; i < 5; i++) await ddfs.push("x", [[new Blob(["content"]), "n"]]);
    await close();
    return before;
  };

  it("goes over a connection of its own to a server that may close those that were used", async () => {
    expect(await push({})).toEqual([0, 0, 0, 0, 0]);
  });

  it("goes over a used connection to a server that says that it keeps them", async () => {
    expect((await push({ "ddfs-connections": "kept" })).some((requests) => requests > 0)).toBe(true);
  });
});
