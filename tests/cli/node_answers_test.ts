import { describe, it } from "@std/testing/bdd";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable, Writable } from "node:stream";
import { answersInNode } from "../../lib/cli/terminal/node_answers.ts";
import { expect } from "../helpers/expect.ts";

/** A connection, as far as it is looked at. */
class Connection {
  destroyed = false;

  destroy(): void {
    this.destroyed = true;
  }
}

/** A request, as Node's server gives it. */
function message(
  url: string,
  { socket = new Connection(), host = "here" }: { socket?: Connection; host?: string } = {},
): IncomingMessage {
  return Object.assign(Readable.from([]), {
    ...{ method: "GET", url, socket },
    ...{ headers: { host }, rawHeaders: ["Host", host] },
  }) as unknown as IncomingMessage;
}

/** Where Node's server takes the answer; a client that does not read takes nothing. */
class Answer extends Writable {
  status = 0;
  text = "";
  readonly #reads: boolean;

  constructor({ reads = true } = {}) {
    super({ highWaterMark: 1 });
    this.#reads = reads;
  }

  writeHead(status: number): this {
    this.status = status;
    return this;
  }

  override _write(bytes: Uint8Array, _encoding: string, done: () => void): void {
    this.text += new TextDecoder().decode(bytes);
    if (this.#reads) done();
  }

  get response(): ServerResponse {
    return this as unknown as ServerResponse;
  }

  get closing(): Promise<void> {
    return new Promise((resolve) => this.once("close", resolve));
  }
}

/** A turn of the event loop, after which all is done that waits for nothing else. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

describe("answers in Node", () => {
  it("the body of an answer is let go when its client was gone before it was there", async () => {
    let cancelled = false;
    let give: (answer: Response) => void = () => {};
    const listener = answersInNode("http", () => new Promise((resolve) => give = resolve));
    const answer = new Answer();

    listener(message("/blob"), answer.response);
    answer.destroy();
    await settled();
    give(new Response(new ReadableStream({ cancel: () => void (cancelled = true) })));
    await settled();

    expect(cancelled).toBe(true);
  });

  it("the body of an answer to HEAD is let go", async () => {
    let cancelled = false;
    const body = new ReadableStream({ cancel: () => void (cancelled = true) });
    const listener = answersInNode("http", () => Promise.resolve(new Response(body)));
    const answer = new Answer();

    listener(Object.assign(message("/blob"), { method: "HEAD" }), answer.response);
    await answer.closing;
    await settled();

    expect(cancelled).toBe(true);
  });

  it("requests of one connection are answered one after the other", async () => {
    const asked: string[] = [];
    const listener = answersInNode("http", ({ url }) => {
      asked.push(new URL(url).pathname);
      return Promise.resolve(new Response("text"));
    });
    const socket = new Connection();
    const [first, second] = [new Answer({ reads: false }), new Answer()];

    listener(message("/1", { socket }), first.response);
    listener(message("/2", { socket }), second.response);
    listener(message("/other"), new Answer().response);
    await settled();

    expect(asked).toEqual(["/1", "/other"]);
    first.destroy();
    await second.closing;
    expect([asked, second.text]).toEqual([["/1", "/other", "/2"], "text"]);
  });

  it("requests that wait are dropped with their connection", async () => {
    const asked: string[] = [];
    const listener = answersInNode("http", ({ url }) => {
      asked.push(new URL(url).pathname);
      return Promise.resolve(new Response("text"));
    });
    const socket = new Connection();
    const first = new Answer({ reads: false });

    listener(message("/1", { socket }), first.response);
    listener(message("/2", { socket }), new Answer().response);
    await settled();
    socket.destroy();
    first.destroy();
    await settled();

    expect(asked).toEqual(["/1"]);
  });

  it("a connection ends that sends 1000 requests without waiting for an answer", () => {
    const listener = answersInNode("http", () => new Promise(() => {}));
    const socket = new Connection();

    for (let i = 0; i < 1000; i++) listener(message("/", { socket }), new Answer().response);
    expect(socket.destroyed).toBe(false);
    listener(message("/", { socket }), new Answer().response);

    expect(socket.destroyed).toBe(true);
  });

  it("an address that is none, or has a user in it, is refused", async () => {
    const listener = answersInNode("http", () => Promise.resolve(new Response("text")));

    for (const host of ["ann@here", "ann:secret@here", "a b"]) {
      const answer = new Answer();
      listener(message("/", { host }), answer.response);
      await answer.closing;
      expect([host, answer.status]).toEqual([host, 400]);
    }
  });

  it("without a name, the host is localhost", async () => {
    let asked = "";
    const listener = answersInNode("http", ({ url }) => {
      asked = url;
      return Promise.resolve(new Response());
    });
    const answer = new Answer();

    listener(message("/ddfs/tags", { host: "" }), answer.response);
    await answer.closing;

    expect(asked).toBe("http://localhost/ddfs/tags");
  });
});
