import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { networkInterfaces } from "node:os";

/** A certificate and its key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** The place where a server listens. */
export interface ListenOptions {
  /** An address of this machine, or a name of one. */
  readonly host: string;
  /** The port; 0 for any that is free. */
  readonly port: number;
  /** Serves https. */
  readonly certificate?: Certificate | undefined;
}

/** A server that listens. */
export interface Server {
  /** The port. */
  readonly port: number;
  /** Takes no more requests, and returns when those under way are answered; breaks them off after some milliseconds. */
  close(patience: number): Promise<void>;
}

/** Answers a request. */
export type Handler = (request: Request) => Promise<Response>;

interface BunServer {
  readonly port: number;
  stop(now?: boolean): Promise<void>;
}

interface Runtime {
  readonly Bun?: {
    serve(options: {
      hostname: string;
      port: number;
      maxRequestBodySize: number;
      idleTimeout: number;
      tls?: Certificate;
      fetch: Handler;
    }): BunServer;
  };
  readonly Deno?: {
    serve(
      options: { hostname: string; port: number; onListen: () => void; cert?: string; key?: string },
      handler: Handler,
    ): { readonly addr: { readonly port: number }; shutdown(): Promise<void>; readonly finished: Promise<void> };
  };
}

/** Bun closes connections on which nothing moves for so many seconds; 255 is the most that it takes. */
const IDLE_SECONDS = 255;

/** The methods that are answered; a standard request cannot have TRACE, and CONNECT does not get here. */
const METHODS = "GET, HEAD, POST, PUT, DELETE, OPTIONS";

/** Starts a server with what the runtime has for it. */
export async function listen(options: ListenOptions, answer: Handler): Promise<Server> {
  const { Bun, Deno } = globalThis as Runtime;
  // Of a Host header that is none, a runtime makes an address that is none.
  const handler: Handler = async (request) =>
    URL.canParse(request.url) ? await answer(request) : new Response("Bad request.", { status: 400 });
  const { host, port, certificate } = options;
  if (Bun !== undefined) {
    const server = Bun.serve({
      hostname: host,
      port,
      // By default it refuses bodies of more than 128 MiB.
      maxRequestBodySize: 2 ** 40,
      idleTimeout: IDLE_SECONDS,
      ...certificate !== undefined && { tls: certificate },
      fetch: handler,
    });
    return { port: server.port, close: (patience) => within(patience, server.stop(), () => server.stop(true)) };
  }
  if (Deno !== undefined) {
    const drain = new Drain(handler);
    const server = Deno.serve({ hostname: host, port, onListen: () => {}, ...certificate }, drain.handler);
    return {
      port: server.addr.port,
      close: (patience) => within(patience, drain.ended().then(() => server.shutdown()), () => {}),
    };
  }
  return await listenInNode(options, handler);
}

/** The addresses of this machine. */
export function localAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((addresses = []) => addresses.map(({ address }) => address));
}

/** Waits for requests that are being answered: Deno's shutdown would break off the bodies that come with them. */
class Drain {
  readonly handler: Handler;
  #running = 0;
  #end: (() => void) | undefined;

  constructor(handler: Handler) {
    this.handler = async (request) => {
      if (this.#end !== undefined) return new Response("The server is about to end.\n", { status: 503 });
      this.#running++;
      try {
        return await handler(request);
      } finally {
        this.#running--;
        if (this.#running === 0) (this.#end as (() => void) | undefined)?.();
      }
    };
  }

  /** Takes no more requests; returns when the last one is answered. */
  ended(): Promise<void> {
    return new Promise((resolve) => {
      this.#end = resolve;
      if (this.#running === 0) resolve();
    });
  }
}

async function within(patience: number, ended: Promise<unknown>, breakOff: () => unknown): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => timer = setTimeout(resolve, patience));
  await Promise.race([ended, late]);
  clearTimeout(timer);
  await breakOff();
}

async function listenInNode({ host, port, certificate }: ListenOptions, handler: Handler): Promise<Server> {
  const scheme = certificate === undefined ? "http" : "https";
  const answer = (message: IncomingMessage, response: ServerResponse) => {
    answerInNode(scheme, message, response, handler).catch((error) => response.destroy(error));
  };
  // By default an upload that takes longer than five minutes is ended.
  const server = certificate === undefined
    ? createServer({ requestTimeout: 0 }, answer)
    : createSecureServer({ requestTimeout: 0, ...certificate }, answer);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : port,
    close: (patience) => {
      const ended = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      return within(patience, ended, () => server.closeAllConnections());
    },
  };
}

/** Turns Node's request into a standard one, and the standard answer into Node's. */
async function answerInNode(
  scheme: string,
  message: IncomingMessage,
  response: ServerResponse,
  handler: Handler,
): Promise<void> {
  const { method = "GET", url = "/", headers } = message;
  if (method === "TRACE") {
    response.writeHead(405, { allow: METHODS }).end();
    return;
  }
  const target = /^https?:/.test(url) ? url : `${scheme}://${headers.host ?? "localhost"}${url}`;
  if (!URL.canParse(target)) {
    response.writeHead(400).end("Bad request.");
    return;
  }
  const pairs: [string, string][] = [];
  for (let i = 0; i < message.rawHeaders.length; i += 2) {
    pairs.push([message.rawHeaders[i] ?? "", message.rawHeaders[i + 1] ?? ""]);
  }
  const hasBody = method !== "GET" && method !== "HEAD";
  const request = new Request(target, {
    method,
    headers: pairs,
    ...hasBody && { body: bodyOf(message), duplex: "half" },
  } as RequestInit);
  const answer = await handler(request);
  response.writeHead(answer.status, answer.statusText, [...answer.headers].flat());
  if (answer.body === null || method === "HEAD") response.end();
  else await sendBody(answer.body, response);
  // The rest of a body that nobody has read stands before the connection's next request.
  if (request.body?.locked === false) await request.body.cancel();
}

/** Gives the body of a request. One that is not wanted is dropped as it comes: Readable.toWeb() throws then what nobody can catch. */
function bodyOf(message: IncomingMessage): ReadableStream<Uint8Array> {
  const parts = message.iterator({ destroyOnReturn: false });
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await parts.return?.();
      message.resume();
    },
  }, { highWaterMark: 0 });
}

/** Sends a body as fast as it is taken; the source is ended when nobody takes it any longer. */
async function sendBody(body: ReadableStream<Uint8Array>, response: ServerResponse): Promise<void> {
  const reader = body.getReader();
  const isGone = new Promise<true>((resolve) => response.once("close", () => resolve(true)));
  try {
    for (;;) {
      const part = await Promise.race([reader.read(), isGone]);
      if (part === true) return void await reader.cancel();
      if (part.done) break;
      if (response.write(part.value)) continue;
      await Promise.race([new Promise<void>((resolve) => response.once("drain", resolve)), isGone]);
    }
    response.end();
  } catch (error) {
    response.destroy(error instanceof Error ? error : undefined);
  }
}
