import process from "node:process";
// @ts-types="npm:@types/cli-progress@^3.11.6"
import { MultiBar, type SingleBar } from "cli-progress";

/** Lines that are redrawn in place. */
export interface LiveLines {
  /** Shows a line under a key: anew, or in place of the one that has this key. */
  set(key: string, text: string): void;
  /** Takes a line away. */
  remove(key: string): void;
  /** Takes all lines away, and gives the cursor back. */
  stop(): void;
}

/** Starts to draw lines on stderr. */
export function liveLines(): LiveLines {
  const bars = new MultiBar({
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    // The command decides itself how it ends on Ctrl-C.
    gracefulExit: false,
    linewrap: false,
    format: "{text}",
  });
  const lines = new Map<string, SingleBar>();
  return {
    set(key, text) {
      const line = lines.get(key);
      // An incomplete bar is kept on the screen.
      if (line === undefined) lines.set(key, bars.create(1, 0, { text }));
      else line.update({ text });
    },
    remove(key) {
      const line = lines.get(key);
      if (line !== undefined) bars.remove(line);
      lines.delete(key);
    },
    stop: () => bars.stop(),
  };
}

/** Columns of the terminal; one that does not know says 0. */
export function terminalWidth(): number {
  return process.stderr.columns || 80;
}
