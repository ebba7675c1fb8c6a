// Worker threads have this in their script, and nothing that asks which runtime this is.

/** A port that leads nowhere. */
let nowhere: MessagePort | undefined;

/**
 * Gives memory back at once, where the runtime can: the collector looks at what is on the heap, and may let a hundred megabytes wait beside it. To take pages of
 * new memory can take longer than to inflate what goes there.
 *
 * @param memory The memory that is no longer used; it is empty afterwards, or stays for the collector.
 */
export function release(memory: ArrayBuffer): void {
  const { transfer } = memory as { transfer?: (this: ArrayBuffer, size: number) => ArrayBuffer };
  if (transfer !== undefined) transfer.call(memory, 0);
  else if (typeof MessageChannel === "function") {
    // Node 20 has no transfer(): what is sent to a closed port is dropped.
    nowhere ??= closedPort();
    nowhere.postMessage(undefined, [memory]);
  }
}

function closedPort(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port1.close();
  port2.close();
  return port1;
}
