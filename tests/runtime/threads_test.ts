import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { startWorker } from "../../lib/runtime/threads.ts";
import { nativeCrc32 } from "../../lib/runtime/host.ts";
import type { WorkerThread } from "../../lib/runtime/threads_browser.ts";

/** Sends back what it gets, and fails at what has no bytes. */
const ECHO = `globalThis.onmessage = ({ data: { bytes } }) => {
  if (bytes === undefined) throw new Error("no bytes");
  postMessage({ bytes }, [bytes.buffer]);
};`;

interface Message {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A thread of that, and a call that waits for its answer. */
function echo(): { thread: WorkerThread; sent: (message: Partial<Message>) => Promise<Message> } {
  let [resolve, reject] = [(_: Message) => {}, (_: unknown) => {}];
  const thread = startWorker(ECHO, {
    onMessage: (message) => resolve(message as Message),
    onError: (cause) => reject(cause),
  });
  const sent = (message: Partial<Message>) =>
    new Promise<Message>((...settle) => {
      [resolve, reject] = settle;
      thread.post(message, message.bytes === undefined ? [] : [message.bytes.buffer]);
    });
  return { thread, sent };
}

describe("startWorker()", () => {
  it("moves memory to the thread and back, and works on after it has rested", async () => {
    const { thread, sent } = echo();
    const bytes = Uint8Array.of(1, 2, 3);

    const first = await sent({ bytes });
    thread.rest();
    thread.rest();
    const second = await sent(first);
    thread.terminate();

    expect([bytes.length, first.bytes.length, ...second.bytes]).toEqual([0, 0, 1, 2, 3]);
  });

  it("takes no longer for a message of many bytes than for one of few", async () => {
    const { thread, sent } = echo();
    let message: Message = await sent({ bytes: new Uint8Array(1 << 20) });

    const start = performance.now();
    for (let i = 0; i < 100; i++) message = await sent(message);
    const took = performance.now() - start;
    thread.terminate();

    // Some 10 ms; where each byte is looked at, 5 seconds.
    expect(took).toBeLessThan(2500);
  });

  it("gives a thread the CRC-32 that the main thread takes", async () => {
    let thread: WorkerThread | undefined;
    const has = await new Promise((resolve, reject) => {
      const script = 'globalThis.onmessage = () => postMessage(typeof globalThis.crc32 === "function");';
      thread = startWorker(script, { onMessage: resolve, onError: reject });
      thread.post("is it there?", []);
    });
    thread?.terminate();

    expect(has).toBe(nativeCrc32() !== undefined);
  });

  it("tells what a thread throws", async () => {
    const { thread, sent } = echo();

    const error: unknown = await sent({}).catch((cause) => cause);
    thread.terminate();

    expect(String(error)).toContain("no bytes");
  });
});
