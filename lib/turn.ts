/**
 * Lets the event loop have a turn, which promises alone do not: messages, timers, input, an abort. A message brings it about, since a page that nobody
 * looks at gets its timers once a second or less.
 */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof MessageChannel !== "function") return setTimeout(resolve);
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(undefined);
  });
}
