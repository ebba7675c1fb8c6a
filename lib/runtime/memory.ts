import { isDeno } from "./host.ts";
import { release } from "./release.ts";

/** Bytes of buffers that may wait for the collector before it is woken. */
const ENOUGH = 8 << 20;
/** Twice the largest young space of Deno's V8. */
const TWICE_YOUNG = 64 << 20;
let waiting = 0;
/** The last allocation of {@linkcode wakeCollector}. It is kept because a compiler leaves out an allocation that is not. */
const ballast: unknown[] = [];

/**
 * Wakes the collector when enough may wait for it. V8 looks at young memory when so much was allocated on the heap, whatever hangs on it beside: hunks that
 * nobody uses any more would wait by the dozen.
 *
 * It also looks when a buffer is made while young ones have twice the largest young space
 * ({@link https://github.com/nodejs/node/blob/main/deps/v8/src/heap/heap.cc Heap::AllocateExternalBackingStore}), and memory that nobody touches is enough for
 * that. Of views this keeps the young space small: a fifth to a half of the memory less is in use. Where there is hardly anything but buffers, and in Node,
 * V8 then marks all of its heap, which takes longer than to read; there some 1.5 MB of the heap are taken and dropped.
 *
 * @param bytes The bytes that nobody uses any more, as far as is known here.
 * @param kind What holds them: many views, or buffers alone.
 */
export function wakeCollector(bytes: number, kind: "views" | "buffers"): void {
  const asks = kind === "views" && isDeno();
  waiting += bytes;
  if (waiting < (asks || kind === "buffers" ? ENOUGH : ENOUGH / 8)) return;
  waiting = 0;
  if (!asks) {
    for (let i = 0; i < 24; i++) ballast[0] = new Array(1 << 13);
  } else {
    try {
      const untouched = new ArrayBuffer(TWICE_YOUNG);
      ballast[0] = new ArrayBuffer(1);
      release(untouched);
    } catch {
      // There is no room for it; the collector looked for some.
    }
  }
  ballast.length = 0;
}
