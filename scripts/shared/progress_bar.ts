import process from "node:process";
// @ts-types="npm:@types/cli-progress@^3.11.6"
import { Format, SingleBar } from "cli-progress";

/** Milliseconds, and percent, at least, between two lines where there is no terminal to draw in. */
const LINE_EVERY = { time: 2000, percent: 5 };

/** A live progress bar; plain lines where there is no terminal. */
export interface ProgressBar {
  /** Says how much is done, in the units of the total. */
  update(done: number): void;
  /** Takes the bar off the screen, and gives the cursor back. */
  stop(): void;
}

/**
 * Draws a progress bar on standard error.
 *
 * @param label What is being done.
 * @param total How much there is to do, in bytes or in things.
 * @param things What these are called; without it, they are bytes.
 * @returns The bar, to be updated and stopped.
 */
export function progressBar(label: string, total: number, things?: string): ProgressBar {
  const began = performance.now();
  const unit = things ?? "MB";
  const shown = (amount: number) =>
    things === undefined ? (amount / 1e6).toFixed(1) : Math.round(amount).toLocaleString("en");
  if (process.stderr.isTTY !== true) return lines(label, total, unit, shown);
  const bar = new SingleBar({
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    // The scripts decide themselves how to end on Ctrl-C.
    gracefulExit: false,
    barsize: 30,
    barCompleteChar: "█",
    barIncompleteChar: "░",
    format: (options, { progress, value, total }) => {
      const speed = shown(1000 * value / Math.max(1, performance.now() - began));
      const percent = `${Math.floor(100 * progress)}%`.padStart(4);
      const done = `${shown(value)} of ${shown(total)} ${unit}`;
      return `${label.padEnd(10)}${Format.BarFormat(progress, options)} ${percent}  ${done}  ${speed} ${unit}/s`;
    },
  });
  bar.start(total, 0);
  return { update: (done) => bar.update(done), stop: () => bar.stop() };
}

/** Says what begins, and now and then how far it is, each thing once: a log keeps every line. */
function lines(label: string, total: number, unit: string, shown: (amount: number) => string): ProgressBar {
  const last = { time: performance.now(), percent: 0 };
  console.error(`${label} ${shown(total)} ${unit}`);
  return {
    update(done) {
      const time = performance.now();
      const percent = Math.floor(100 * done / total);
      if (time < last.time + LINE_EVERY.time || percent < last.percent + LINE_EVERY.percent) return;
      Object.assign(last, { time, percent });
      console.error(`${label}: ${percent}%, ${shown(done)} of ${shown(total)} ${unit}`);
    },
    stop() {},
  };
}
