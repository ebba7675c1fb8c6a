import { Buffer } from "node:buffer";
import { connect, createServer, type Server, type Socket } from "node:net";
import { type Clock, systemClock } from "../../lib/base/clock.ts";
import { listening } from "./listening.ts";
import { ANSWERS, type Fault, flip, SLOW, TRICKLE } from "./faults.ts";

/** A request as it came. */
export interface Head {
  readonly method: string;
  /** The address that was asked. */
  readonly host: string;
  readonly path: string;
  /** The fault that the client's side wishes, by a header. */
  readonly wish: string | undefined;
}

/** Decides what happens to a request. */
export type Decide = (head: Head) => Fault | undefined;

/** The header that wishes for a fault. */
export const WISH = "x-fault";
/** The header that numbers a request, for {@linkcode FaultProxy.isSilent}. */
export const NUMBER = "x-number";

const END = "\r\n\r\n";

/** Proxies in front of a server, one an address, all on one port. A connection carries one request, which may meet a fault. */
export class FaultProxy {
  /** The port. */
  readonly port: number;
  readonly #servers: readonly Server[];
  readonly #traffic: Traffic;

  private constructor(port: number, servers: readonly Server[], traffic: Traffic) {
    this.port = port;
    this.#servers = servers;
    this.#traffic = traffic;
  }

  /**
   * Starts proxies.
   *
   * @param hosts The addresses to listen on.
   * @param backend The server's port on 127.0.0.1.
   * @param decide What happens to a request.
   * @param clock By which a slow first byte is slow.
   */
  static async listen(
    hosts: readonly string[],
    backend: number,
    decide: Decide,
    clock: Clock = systemClock,
  ): Promise<FaultProxy> {
    for (let attempt = 1;; attempt++) {
      const traffic: Traffic = { sockets: new Set(), working: new Set(), held: new Map() };
      const servers: Server[] = [];
      try {
        let port = 0;
        for (const host of hosts) {
          const server = createServer((socket) => serve({ socket, host, backend, decide, clock, traffic }));
          servers.push(server);
          port = await listening(server, host, port);
        }
        return new FaultProxy(port, servers, traffic);
      } catch (error) {
        // The first address's free port may be taken at another.
        for (const server of servers) server.close();
        if (attempt === 20) throw error;
      }
    }
  }

  /** How many connections are open, to clients and to the server. */
  get connections(): number {
    return this.#traffic.sockets.size;
  }

  /** How many requests have come whose answer is neither sent nor held up on purpose. */
  get working(): number {
    return this.#traffic.working.size;
  }

  /** How many requests are held up on purpose. */
  get held(): number {
    return this.#traffic.held.size;
  }

  /** Whether a request is held up without a byte of an answer. */
  isSilent(number: string): boolean {
    return this.#traffic.held.values().some((silent) => silent === number);
  }

  /** Ends all connections, and listens no more. */
  async close(): Promise<void> {
    const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)));
    for (const socket of this.#traffic.sockets) socket.destroy();
    await Promise.all(closed);
  }
}

/** The connections of a proxy. */
interface Traffic {
  /** All, to clients and to the server. */
  readonly sockets: Set<Socket>;
  /** Those to clients that wait for an answer which is under way. */
  readonly working: Set<Socket>;
  /** Those to clients whose answer is held up, with the request's number as long as no byte has been sent. */
  readonly held: Map<Socket, string | undefined>;
}

interface Accepted {
  readonly socket: Socket;
  readonly host: string;
  readonly backend: number;
  readonly decide: Decide;
  readonly clock: Clock;
  readonly traffic: Traffic;
}

function serve({ socket, host, backend, decide, clock, traffic }: Accepted): void {
  keep(socket, traffic);
  let received = Buffer.alloc(0);
  const onData = (data: Buffer) => {
    received = Buffer.concat([received, data]);
    const end = received.indexOf(END);
    if (end < 0) return;
    socket.off("data", onData);
    socket.pause();
    const lines = received.subarray(0, end).toString("latin1").split("\r\n");
    const [first = "", ...headers] = lines;
    const [method = "", path = ""] = first.split(" ");
    const valueOf = (name: string) =>
      headers.find((line) => line.toLowerCase().startsWith(`${name}:`))?.slice(name.length + 1).trim();
    const kept = headers.filter((line) => !/^(connection|x-fault|x-number):/i.test(line));
    const head = [first, ...kept, "connection: close"].join("\r\n") + END;
    const rest = received.subarray(end + END.length);
    traffic.working.add(socket);
    socket.once("finish", () => traffic.working.delete(socket));
    meet(
      { socket, backend, traffic, clock, head, rest, number: valueOf(NUMBER) ?? "" },
      decide({ method, host, path: path.replace(/\?.*/, ""), wish: valueOf(WISH) }),
    );
  };
  socket.on("data", onData);
}

interface Pending {
  readonly socket: Socket;
  readonly backend: number;
  readonly traffic: Traffic;
  readonly clock: Clock;
  readonly number: string;
  readonly head: string;
  /** What came of the body already. */
  readonly rest: Buffer;
}

function meet(request: Pending, fault: Fault | undefined): void {
  const { socket } = request;
  const answer = fault === undefined ? undefined : ANSWERS[fault];
  if (answer !== undefined) return answerWith(request, answer.status, answer.text, answer.headers);
  switch (fault) {
    case undefined:
      return forward(request, (server) => void server.pipe(socket));
    case "refused":
    case "reset before":
      return reset(socket);
    case "reset during":
      if (request.rest.length > 0) return reset(socket);
      socket.once("data", () => reset(socket));
      socket.resume();
      if (!/^(PUT|POST)/.test(request.head)) socket.write("HTTP/1.1 200 O", () => reset(socket));
      return;
    case "never answers":
      hold(request, request.number);
      return void socket.resume();
    case "late": {
      hold(request, request.number);
      const body: Buffer[] = [request.rest];
      socket.on("data", (data: Buffer) => void body.push(data));
      socket.on("close", () => deliver(request, Buffer.concat(body)));
      return void socket.resume();
    }
    case "slow first byte":
      hold(request, request.number);
      return void request.clock.after(SLOW, () => {
        release(request);
        forward(request, (server) => void server.pipe(socket));
      });
    case "redirect loop": {
      const [, path = ""] = request.head.split(" ");
      const [, host = ""] = /^host: *(.*)$/im.exec(request.head) ?? [];
      return answerWith(request, 302, "", { location: `http://${host.trim()}${path}` });
    }
  }
  forward(request, (server) => {
    const parts: Buffer[] = [];
    server.on("data", (part: Buffer) => parts.push(part));
    server.on("end", () => {
      if (fault === "stall" || fault === "trickle") hold(request);
      if (fault === "trickle") trickle(request, Buffer.concat(parts));
      else spoil(socket, Buffer.concat(parts), fault);
    });
  });
}

function hold({ socket, traffic }: Pending, number?: string): void {
  if (socket.destroyed) return;
  traffic.working.delete(socket);
  traffic.held.set(socket, number);
}

function release({ socket, traffic }: Pending): void {
  traffic.held.delete(socket);
  if (!socket.destroyed) traffic.working.add(socket);
}

/** Sends the request on; what comes back is the caller's business. */
function forward({ socket, backend, traffic, head, rest }: Pending, onServer: (server: Socket) => void): void {
  if (socket.destroyed) return;
  const server = connect(backend, "127.0.0.1");
  keep(server, traffic);
  server.on("error", () => socket.destroy());
  socket.on("close", () => server.destroy());
  server.write(head);
  if (rest.length > 0) server.write(rest);
  socket.on("data", (data: Buffer) => void server.write(data));
  socket.resume();
  onServer(server);
}

/** Carries a request out whose client is gone. */
function deliver({ backend, traffic, head }: Pending, body: Buffer): void {
  const server = connect(backend, "127.0.0.1");
  keep(server, traffic);
  traffic.working.add(server);
  server.write(head);
  server.write(body);
  server.resume();
}

/** Gives an answer's body slowly. */
function trickle(request: Pending, answer: Buffer): void {
  const { socket, clock } = request;
  let at = answer.indexOf(END) + END.length;
  socket.write(answer.subarray(0, at));
  const next = () => {
    if (socket.destroyed) return;
    if (at === answer.length) return void socket.end();
    const part = answer.subarray(at, at + TRICKLE.bytes);
    at += part.length;
    socket.write(part);
    clock.after(TRICKLE.milliseconds, next);
  };
  next();
}

/** Gives an answer after something happened to it. */
function spoil(socket: Socket, answer: Buffer, fault: Fault): void {
  const start = answer.indexOf(END) + END.length;
  const body = answer.subarray(start);
  const half = answer.subarray(0, start + (body.length >> 1));
  switch (fault) {
    case "reset after":
      return reset(socket);
    case "stall":
      return void socket.write(half);
    case "truncated":
      return void socket.end(half);
    case "wrong length": {
      const head = answer.subarray(0, start).toString("latin1").replace(
        /^(content-length: *)(\d+)/im,
        (_, name, size) => `${name}${Number(size) + 7}`,
      );
      return void socket.end(Buffer.concat([Buffer.from(head, "latin1"), body]));
    }
    case "flipped byte":
      flip(body);
      return void socket.end(answer);
    default:
      throw new TypeError(`unknown fault ${fault}`);
  }
}

function answerWith({ socket }: Pending, status: number, text: string, headers: Record<string, string> = {}): void {
  const lines = Object.entries({ ...headers, "content-length": text.length, connection: "close" });
  // Disco, too, answers errors without reading the body; what is read here keeps the answer from being lost to a reset.
  socket.resume();
  socket.end(
    `HTTP/1.1 ${status} Fault\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n${text}`,
  );
}

function reset(socket: Socket): void {
  socket.resetAndDestroy();
}

function keep(socket: Socket, { sockets, working, held }: Traffic): void {
  sockets.add(socket);
  socket.on("error", () => {});
  socket.on("close", () => {
    sockets.delete(socket);
    working.delete(socket);
    held.delete(socket);
  });
}
