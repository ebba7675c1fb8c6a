import process from "node:process";
// @ts-types="npm:@types/cli-progress@^3.11.6"
import { Format, SingleBar } from "cli-progress";

/** Milliseconds between two lines where there is no terminal to draw in. */
const LINE_EVERY = 2000;

/** A live progress bar; plain lines where there is no terminal. */
export interface ProgressBar {
  /** Says how much is done, in the units of `total`. */
  update(done: number): void;
  /** Takes the bar off the screen, and gives the cursor back. */
  stop(): void;
}

/**
 * Draws a progress bar of bytes on standard error.
 *
 * @param label What is being done.
 * @param total How many bytes there are.
 * @returns The bar, to be updated and stopped.
 */
export function progressBar(label: string, total: number): ProgressBar {
  const began = performance.now();
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  const bar = new SingleBar({
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: LINE_EVERY,
    clearOnComplete: true,
    hideCursor: true,
    // The scripts decide themselves how to end on Ctrl-C.
    gracefulExit: false,
    barsize: 30,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    format: (options, { progress, value, total }) => {
      const speed = megabytes(1000 * value / Math.max(1, performance.now() - began));
      const percent = `${Math.floor(100 * progress)}%`.padStart(4);
      return `${label.padEnd(10)}${Format.BarFormat(progress, options)} ${percent}  ${megabytes(value)} of ${
        megabytes(total)
      } MB  ${speed} MB/s`;
    },
  });
  bar.start(total, 0);
  return { update: (done) => bar.update(done), stop: () => bar.stop() };
}
