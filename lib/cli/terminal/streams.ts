import { Buffer } from "node:buffer";
import process from "node:process";
import { Readable } from "node:stream";

/** Whoever read the output has gone: the program ends without an error. */
export class ClosedPipe extends Error {
  override name = "ClosedPipe";
}

/** Failures of an output come with the write that failed. */
const ignore = () => {};
process.stdout.on("error", ignore);
process.stderr.on("error", ignore);

/**
 * Writes to stdout; returns when there is room for more.
 *
 * @throws {ClosedPipe} If nobody reads it any longer.
 */
export function writeOut(data: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(data, (error) => {
      if (!error) resolve();
      else reject(isClosed(error) ? new ClosedPipe() : error);
    });
  });
}

/** Writes to stderr, as far as there is one. */
export function writeError(text: string): void {
  process.stderr.write(text);
}

/** Tells whether stdout, stderr or stdin is a terminal. */
export function isTerminal(stream: "stdout" | "stderr" | "stdin"): boolean {
  return process[stream].isTTY === true;
}

/** The bytes that come by stdin. */
export function stdin(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return Readable.toWeb(process.stdin) as ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Decodes bytes, one character a byte: quick, and places in the text are places in the bytes. */
export function oneByteText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
}

function isClosed(error: Error): boolean {
  const { code = "" } = error as { code?: string };
  return ["EPIPE", "ERR_STREAM_DESTROYED", "EOF"].includes(code) || /broken pipe/i.test(error.message);
}
