const { setImmediate } = globalThis as { setImmediate?: (run: () => void) => void };

/**
 * Lets the event loop have a turn, which promises alone do not: messages, timers, input, an abort. Where a page has to ask by a message, that is because
 * its timers come once a second or less while nobody looks at it; in Deno, messages to itself would keep those of its threads waiting.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (setImmediate !== undefined) return setImmediate(resolve);
    if (typeof MessageChannel !== "function") return setTimeout(resolve);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
