import type { IncomingMessage, ServerResponse } from "node:http";

/** The methods that are answered; a standard request cannot have TRACE, and CONNECT does not get here. */
const METHODS = "GET, HEAD, POST, PUT, DELETE, OPTIONS";
/** The most requests that a client may send on a connection before the first of them is answered. */
const MOST_AHEAD = 1000;

/** The requests of a connection that are not answered yet. */
interface Queue {
  length: number;
  /** Resolves when the last of them is answered. */
  ended: Promise<unknown>;
}

/**
 * Gives the listener of a server of Node's. The requests of a connection are answered one after the other: Node gives out all that a client has sent, and
 * would keep every answer in memory, and the file behind it open, until those before it are read.
 *
 * @param scheme What the addresses of requests begin with.
 * @param handler Answers a standard request.
 */
export function answersInNode(
  scheme: "http" | "https",
  handler: (request: Request) => Promise<Response>,
): (message: IncomingMessage, response: ServerResponse) => void {
  const queues = new WeakMap<object, Queue>();
  return (message, response) => {
    const { socket } = message;
    const queue = queues.get(socket) ?? { length: 0, ended: Promise.resolve() };
    queues.set(socket, queue);
    if (++queue.length > MOST_AHEAD) return void socket.destroy();
    const closed = new Promise<void>((resolve) => response.once("close", resolve));
    const answered = async () => {
      try {
        await answer(scheme, message, response, closed, handler);
      } catch (error) {
        response.destroy(error instanceof Error ? error : undefined);
      }
      await closed;
      queue.length--;
    };
    // A response that has not got its turn is not told that the connection is gone.
    queue.ended = queue.length === 1 ? answered() : queue.ended.then(() => socket.destroyed ? undefined : answered());
  };
}

/** Turns Node's request into a standard one, and the standard answer into Node's. */
async function answer(
  scheme: string,
  message: IncomingMessage,
  response: ServerResponse,
  closed: Promise<void>,
  handler: (request: Request) => Promise<Response>,
): Promise<void> {
  const { method = "GET", url = "/", headers } = message;
  if (method === "TRACE") {
    response.writeHead(405, { allow: METHODS }).end();
    return;
  }
  const target = /^https?:/i.test(url) ? url : `${scheme}://${headers.host || "localhost"}${url}`;
  // A standard request has no user in its address.
  if (!URL.canParse(target) || /^https?:\/\/[^/?#]*@/i.test(target)) {
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
  const { status, statusText, headers: told, body } = await handler(request);
  response.writeHead(status, statusText, [...told].flat());
  if (body === null || method === "HEAD") {
    response.end();
    await body?.cancel();
  } else {
    await sendBody(body, response, closed);
  }
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
async function sendBody(
  body: ReadableStream<Uint8Array>,
  response: ServerResponse,
  closed: Promise<void>,
): Promise<void> {
  const reader = body.getReader();
  // It may be gone by now.
  const isGone = closed.then(() => true as const);
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
