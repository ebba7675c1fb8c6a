import { breathe } from "../base/turn.ts";
import type { DDFSReader } from "../client/reader.ts";
import { HARMLESS } from "./blob_answer.ts";
import { base64, jsonText, textOf } from "../records/json_text.ts";
import type { StoredBlob } from "./stored_blob.ts";

/** The media types of records, as they are asked for. */
const NDJSON = ["application/x-ndjson", "application/json", "application/*"];
const TEXT = ["text/plain", "text/*"];
/** The characters of records that are gathered before they are sent. */
const PART = 1 << 18;

/** Options of {@linkcode answerRecords}. */
export interface RecordsAnswerOptions {
  /** Finds the blobs whose records are wanted, until the signal is aborted. */
  readonly blobs: (signal: AbortSignal) => AsyncIterable<StoredBlob>;
  /** The value of Cache-Control. */
  readonly cacheControl: string;
  /** The client that reads. */
  readonly ddfs: DDFSReader;
  /** Called with the error that ends the stream. */
  readonly onError: (error: unknown) => void;
}

/**
 * Answers with the records of blobs as a stream: a line of JSON each, or text where the request asks for that. `?filter=` leaves only those that contain a text.
 *
 * @throws {DiscoError} If the first records cannot be read; what fails later ends the stream.
 */
export async function answerRecords(request: Request, options: RecordsAnswerOptions): Promise<Response> {
  const isText = prefersText(request.headers.get("accept"));
  const headers = {
    ...HARMLESS,
    "cache-control": options.cacheControl,
    "content-type": isText ? "text/plain; charset=utf-8" : "application/x-ndjson",
    "vary": "Accept",
  };
  const filter = new URL(request.url).searchParams.get("filter") ?? "";
  const stop = new AbortController();
  const parts = written(options, stop.signal, (record) => lineOf(record, isText, filter));
  // What cannot be read at all is to be an answer that says so.
  const first = await parts.next();
  if (request.method === "HEAD" || first.done) {
    stop.abort();
    return new Response(request.method === "HEAD" ? null : "", { headers });
  }
  return new Response(streamOf(first.value, parts, stop, options.onError), { headers });
}

type Parts = AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;

async function* written(
  { blobs, ddfs }: RecordsAnswerOptions,
  signal: AbortSignal,
  write: (record: unknown) => string,
): Parts {
  const encoder = new TextEncoder();
  for await (const { replicas } of blobs(signal)) {
    // Loaded for records alone.
    const { replicaRecords } = await import("../client/replica_records.ts");
    for await (const records of replicaRecords(ddfs, replicas, { signal })) {
      let lines = "";
      // A hunk of some bytes can stand for more records than memory holds as text, or than are written in a moment.
      for (const record of records) {
        lines += write(record);
        if (lines.length >= PART) {
          yield encoder.encode(lines);
          lines = "";
        }
        const turn = breathe(signal);
        if (turn !== undefined) await turn;
      }
      if (lines !== "") yield encoder.encode(lines);
    }
  }
}

/** Writes a record as a line; an empty text if it does not contain what is looked for. */
function lineOf(record: unknown, isText: boolean, filter: string): string {
  const text = textOf(record);
  const shown = text ?? (record instanceof Uint8Array ? base64(record) : jsonText(record));
  if (!shown.includes(filter)) return "";
  if (!isText) return `${text === undefined ? jsonText(record) : JSON.stringify(text)}\n`;
  return shown.endsWith("\n") ? shown : `${shown}\n`;
}

/** Tells whether an Accept header wants text rather than JSON. */
function prefersText(accept: string | null): boolean {
  const weights = new Map<string, number>();
  for (const item of (accept ?? "").toLowerCase().split(",")) {
    const [type = "", ...parameters] = item.split(";").map((part) => part.trim());
    const [, weight] = /^q=([\d.]+)$/.exec(parameters.find((parameter) => parameter.startsWith("q=")) ?? "") ?? [];
    weights.set(type, weight === undefined ? 1 : Number(weight));
  }
  const weightOf = (types: readonly string[]) => {
    const named = types.find((type) => weights.has(type));
    return named === undefined ? 0 : weights.get(named) ?? 0;
  };
  const text = weightOf(TEXT);
  return text > weightOf(NDJSON) && text >= weightOf(["*/*"]);
}

/** Makes a stream that takes the next part when it is wanted, and no earlier. */
function streamOf(
  first: Uint8Array<ArrayBuffer>,
  parts: Parts,
  stop: AbortController,
  onError: (error: unknown) => void,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let ready: Uint8Array<ArrayBuffer> | undefined = first;
  const failed = (error: unknown) => {
    if (!stop.signal.aborted) onError(error);
    throw error;
  };
  return new ReadableStream({
    async pull(controller) {
      const part = ready ?? (await parts.next().catch(failed)).value;
      ready = undefined;
      if (part === undefined) controller.close();
      else controller.enqueue(part);
    },
    cancel: (reason) => stop.abort(reason),
  }, { highWaterMark: 0 });
}
