/**
 * Gives memory back at once, where the runtime can: the collector looks at what is on the heap, and may let a hundred megabytes wait beside it.
 *
 * @param memory What nobody uses any more; it is empty afterwards, or stays for the collector.
 */
export function release(memory: ArrayBuffer): void {
  const { transfer } = memory as { transfer?: (this: ArrayBuffer, size: number) => ArrayBuffer };
  transfer?.call(memory, 0);
}
