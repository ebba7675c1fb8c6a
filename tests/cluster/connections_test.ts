import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { DDFS, type DDFSEvent } from "../../mod.ts";

/** In place of an answer: all connections are closed without a byte. */
const CLOSED = Symbol();

/** Listens on a port of its own, keeps its connections, and tells how many requests each has carried before. */
async function listen(
  headers: Record<string, string>,
  answerTo: (method: string, path: string, before: number) => unknown,
) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let [requests, text] = [0, ""];
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      text += bytes.toString("latin1");
      const [head = "", body] = text.split("\r\n\r\n");
      if (body === undefined || body.length < Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)) return;
      const [method = "", path = ""] = head.split(" ");
      text = "";
      const value = answerTo(method, path, requests++);
      if (value === CLOSED) return sockets.forEach((socket) => socket.destroy());
      const answer = JSON.stringify(value);
      const lines = Object.entries({ "content-length": answer.length, ...headers });
      const shown = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
      socket.write(`HTTP/1.1 200 OK\r\n${shown}\r\n${answer}`);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const close = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port, close };
}

/** A cluster whose blobs are sent to a port of their own, as a real one's are; notes how many requests the connection of each PUT carried before. */
async function serve(headers: Record<string, string>) {
  const before: number[] = [];
  let stamp = 0;
  const node = await listen(headers, (_method, path, requests) => {
    before.push(requests);
    return `disco://127.0.0.1/ddfs/vol0/blob/00${path.slice("/ddfs".length)}`;
  });
  const master = await listen(
    headers,
    (method) => method === "POST" ? ["x"] : [`http://127.0.0.1:${node.port}/ddfs/n$1-2-${++stamp}`],
  );
  const close = () => {
    node.close();
    master.close();
  };
  return { master: `disco://127.0.0.1:${master.port}`, before, close };
}

describe("a PUT over real sockets", () => {
  const push = async (headers: Record<string, string>) => {
    const { master, before, close } = await serve(headers);
    const ddfs = new DDFS(master, { settings: {} });
    for (let i = 0; i < 5; i++) await ddfs.push("x", [[new Blob(["content"]), "n"]]);
    close();
    return before;
  };

  it("goes over a connection of its own to a server that may close those that were used", async () => {
    expect(await push({})).toEqual([0, 0, 0, 0, 0]);
  });

  it("goes over a used connection to a server that says that it keeps them", async () => {
    expect((await push({ "ddfs-connections": "kept" })).some((requests) => requests > 0)).toBe(true);
  });
});

describe("a connection that its server closes while a request is on its way", () => {
  /** A client, and the requests that its master gets; each connection carries one answer. */
  async function serveOnce(answer: (method: string, before: number) => unknown) {
    const methods: string[] = [];
    const { port, close } = await listen({}, (method, _path, before) => {
      methods.push(method);
      return answer(method, before);
    });
    const events: DDFSEvent[] = [];
    const ddfs = new DDFS(`disco://127.0.0.1:${port}`, { settings: {}, onEvent: (event) => events.push(event) });
    return { ddfs, methods, events, close };
  }

  it("is no failure of what is read: it is asked for once more, at once", async () => {
    const { ddfs, methods, events, close } = await serveOnce((_, before) => before > 0 ? CLOSED : ["x"]);
    try {
      for (let i = 0; i < 4; i++) expect(await ddfs.list()).toEqual(["x"]);
    } finally {
      close();
    }

    expect(events).toEqual([]);
    expect(methods.length).toBeGreaterThanOrEqual(4);
  });

  it("is one where that happens again, and where something is written", async () => {
    const { ddfs, methods, events, close } = await serveOnce(() => CLOSED);
    try {
      await expect(ddfs.list("", { retry: { tries: 1 } })).rejects.toMatchObject({ code: "unreachable" });
      // Other runtimes know which connection was used before.
      expect(methods.length).toBeLessThanOrEqual(2);
      await expect(ddfs.delete("x", { retry: { tries: 1 } })).rejects.toMatchObject({ code: "unreachable" });
    } finally {
      close();
    }

    expect(methods.filter((method) => method !== "GET")).toEqual(["DELETE"]);
    expect(events).toEqual([]);
  });
});
