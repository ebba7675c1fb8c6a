import type { RecordReader, Value } from "../../../mod.ts";
import { joined } from "./bytes.ts";
import { usage } from "./exit_status.ts";
import { absolutePath, fileInfo } from "../terminal/files.ts";
import { importModule } from "../terminal/process.ts";

/** A way to read inputs: as chunks, as lines, or as a module does it. */
export type Reading = "chunks" | { readonly reader: RecordReader<Value>; readonly isLines: boolean };

/** Disco's readers that are known by their names in Python. */
const KNOWN: Readonly<Record<string, Reading>> = {
  None: { reader: lines, isLines: true },
  "disco.worker.task_io.chain_reader": "chunks",
  "disco.worker.task_io.gzip_line_reader": {
    reader: (stream) => lines(unzipped(stream)),
    isLines: false,
  },
};

/** Finds a reader by what `-R` names; nothing where it is not given. */
export async function readerOf(name: string | undefined): Promise<Reading | undefined> {
  if (name === undefined) return undefined;
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  if (known !== undefined) return known;
  const names = Object.keys(KNOWN).join(", ");
  if (await fileInfo(name) === undefined) {
    throw usage(
      `--reader ${JSON.stringify(name)}: write ${names}, or the path of a JavaScript module that exports "reader"`,
    );
  }
  const { reader } = await importModule(absolutePath(name));
  if (typeof reader === "function") return { reader: reader as RecordReader<Value>, isLines: false };
  throw usage(`--reader ${JSON.stringify(name)}: the module exports no function "reader"`);
}

/** The lines of a text, each with its end. */
export async function* lines(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  let parts: Uint8Array[] = [];
  for await (const part of partsOf(stream)) {
    let start = 0;
    for (let end = part.indexOf(10); end >= 0; end = part.indexOf(10, start)) {
      const line = part.subarray(start, end + 1);
      yield parts.length === 0 ? line as Uint8Array<ArrayBuffer> : joined([...parts, line]);
      parts = [];
      start = end + 1;
    }
    if (start < part.length) parts.push(part.subarray(start));
  }
  if (parts.length > 0) yield joined(parts);
}

/** The parts of a stream. */
export async function* partsOf<Part>(stream: ReadableStream<Part>): AsyncGenerator<Part, void> {
  const reader = stream.getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** A gzip as what is in it. */
export function unzipped(stream: ReadableStream<Uint8Array>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return (stream as ReadableStream<Uint8Array<ArrayBuffer>>).pipeThrough(new DecompressionStream("gzip"));
}
