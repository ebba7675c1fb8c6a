// Chunks a file into an embedded DDFS that listens on this machine and keeps its data on disk, and reads it back.
//   deno task demo [FILE]     (default: an access log of 32 MB that it makes)
import { createHash } from "node:crypto";
import { join, relative, resolve } from "node:path";
import { embedded } from "../lib/embedded/mod.ts";
import { DDFS, DiscoError, type Progress } from "../mod.ts";
import { progressBar } from "./shared/progress_bar.ts";
import { accessLog } from "./shared/sample_text.ts";
import { ENDING } from "./shared/signals.ts";

const TAG = "data:demo";
const SAMPLE_SIZE = 32_000_000;
/** How many files are listed one by one. */
const LISTED = 8;

/** What is chunked. */
interface SourceFile {
  path: string;
  size: number;
  /** What it is, in words. */
  about: string;
}

/** What a step took. */
interface Took {
  seconds: number;
}

/** A reason to end, with the words and the exit code for it. */
class Ended extends Error {
  constructor(message: string, readonly code: number) {
    super(message);
  }
}

const stop = new AbortController();
const listeners = ENDING.map((signal, i) => {
  const listener = () =>
    stop.abort(new Ended(`Ended by ${signal}; nothing is left behind.`, [130, 143, 129][i] ?? 130));
  Deno.addSignalListener(signal, listener);
  return () => Deno.removeSignalListener(signal, listener);
});
try {
  const matched = await demo(Deno.args);
  Deno.exitCode = matched ? 0 : 1;
} catch (error) {
  const reason = stop.signal.aborted ? stop.signal.reason : error;
  if (!(reason instanceof Ended || reason instanceof DiscoError)) throw reason;
  console.error(reason instanceof Ended ? reason.message : `The demo failed: ${reason.message}`);
  Deno.exitCode = reason instanceof Ended ? reason.code : 1;
} finally {
  for (const remove of listeners) remove();
}

/** Runs the demo in a folder of its own; whether what came back is what went in. */
async function demo(args: readonly string[]): Promise<boolean> {
  const given = await givenFile(args);
  const folder = await Deno.makeTempDir({ prefix: "ddfs-demo-" });
  try {
    const file = given ?? await sampleFile(join(folder, "access.log"));
    row("Source", file.path, file.about);

    const root = join(folder, "ddfs");
    await Deno.mkdir(root);
    const cluster = embedded({ root });
    const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, cluster.fetch);
    try {
      const master = `http://127.0.0.1:${server.addr.port}`;
      row("DDFS", master, `embedded, on disk in ${root}`);
      return await roundTrip(new DDFS(master), master, root, file);
    } finally {
      await server.shutdown();
      await cluster.close();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** In, back, compared. */
async function roundTrip(ddfs: DDFS, master: string, root: string, file: SourceFile): Promise<boolean> {
  const { signal } = stop;
  const sent = await sha256OfFile(file.path);

  let last: Progress | undefined;
  const { blobs, seconds: writing } = await timed("Chunking", file.size, async (update) => {
    const onProgress = (progress: Progress) => {
      last = progress;
      update(progress.bytesIn);
    };
    return await ddfs.chunk(TAG, [file.path], { onProgress, signal });
  });
  const { records = 0, bytesOut = 0 } = last ?? {};
  const ratio = file.size === 0 ? "" : `, ${(100 * bytesOut / file.size).toFixed(1)}%`;
  row("Chunked", `${count(records, "line")}, ${count(file.size, "byte")}`, speed(file.size, writing));
  row("Stored", `${count(blobs.length, "blob")}, ${count(bytesOut, "byte")}${ratio}`);

  row("Listed", (await ddfs.list("data:", { signal })).join(" "), "every tag under data:");
  for await (const { path, tags, blobs } of ddfs.walk(TAG, { signal })) {
    row("Walked", path.join(" / "), `${count(blobs.length, "blob")}, ${count(tags.length, "link")}`);
  }

  const hash = createHash("sha256");
  const { lines, bytes, seconds: reading } = await timed("Reading", file.size, async (update) => {
    let [lines, bytes] = [0, 0];
    for await (const batch of ddfs.recordBatches(`tag://${TAG}`, { signal })) {
      const text = joined(batch as Uint8Array[]);
      hash.update(text);
      lines += batch.length;
      update(bytes += text.length);
    }
    return { lines, bytes };
  });
  const back = hash.digest("hex");
  row("Read back", `${count(lines, "line")}, ${count(bytes, "byte")}`, speed(bytes, reading));
  row("SHA-256", back, back === sent ? "the same as the source's" : `NOT the same: the source has ${sent}`);

  await printPlaces(blobs, root);
  heading("The code that did it");
  console.log(`  const ddfs = new DDFS(${JSON.stringify(master)});`);
  console.log(`  await ddfs.chunk(${JSON.stringify(TAG)}, [${JSON.stringify(file.path)}]);`);
  console.log(`  for await (const lines of ddfs.recordBatches("tag://${TAG}")) check(lines);`);
  return back === sent;
}

/** Says where the blobs are, and in which files the embedded DDFS keeps them, the tag and its own things. */
async function printPlaces(blobs: readonly (readonly string[])[], root: string): Promise<void> {
  heading("What was stored where");
  for (const replicas of blobs.slice(0, LISTED)) console.log(`  ${replicas.join("  ")}`);
  if (blobs.length > LISTED) console.log(`  and ${count(blobs.length - LISTED, "blob")} more`);
  const files = await filesIn(root);
  for (const { path, size } of files.slice(0, LISTED)) {
    console.log(`  ${size.toLocaleString("en").padStart(13)}  ${relative(root, path)}`);
  }
  if (files.length > LISTED) console.log(`  and ${count(files.length - LISTED, "file")} more`);
}

/** The file that the user named. */
async function givenFile(args: readonly string[]): Promise<SourceFile | undefined> {
  const [name] = args;
  if (name === undefined) return undefined;
  if (args.length > 1 || name === "-h" || name === "--help") {
    throw new Ended(
      "deno task demo [FILE]: chunks FILE into a DDFS and reads it back; without one, an access log that it makes.",
      2,
    );
  }
  // A task runs in the project's folder; the user may be in another one.
  const path = resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), name);
  const info = await Deno.stat(path).catch((error: Error) => error);
  if (info instanceof Deno.errors.NotFound) {
    throw new Ended(`There is no file ${path}. Give another one, or none for an example.`, 2);
  }
  if (info instanceof Error) throw new Ended(`${path} cannot be read: ${info.message}`, 2);
  if (info.isDirectory) throw new Ended(`${path} is a folder. Give one file in it, or none for an example.`, 2);
  if (!info.isFile) throw new Ended(`${path} is not a regular file. Give one that can be read more than once.`, 2);
  return {
    path,
    size: info.size,
    about: info.size === 0 ? "empty: a tag without blobs" : `${count(info.size, "byte")}`,
  };
}

/** A file with an access log in it. */
async function sampleFile(path: string): Promise<SourceFile> {
  const file = await Deno.open(path, { write: true, createNew: true });
  let size = 0;
  try {
    const writer = file.writable.getWriter();
    for (const piece of accessLog(SAMPLE_SIZE)) {
      stop.signal.throwIfAborted();
      await writer.write(piece);
      size += piece.length;
    }
  } finally {
    file.close();
  }
  return { path, size, about: `no file was given: an access log made for this, ${count(size, "byte")}` };
}

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of (await Deno.open(path)).readable) {
    stop.signal.throwIfAborted();
    hash.update(bytes);
  }
  return hash.digest("hex");
}

/** Does something under a progress bar. */
async function timed<T>(
  label: string,
  total: number,
  work: (update: (done: number) => void) => Promise<T>,
): Promise<T & Took> {
  const bar = progressBar(label, total);
  const began = performance.now();
  try {
    return { ...await work(bar.update), seconds: (performance.now() - began) / 1000 };
  } finally {
    bar.stop();
  }
}

/** Puts records together: one call of the hash for a batch is ten times faster than one for a line. */
function joined(records: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(records.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const record of records) {
    bytes.set(record, at);
    at += record.length;
  }
  return bytes;
}

async function filesIn(folder: string): Promise<{ path: string; size: number }[]> {
  const files = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) files.push(...await filesIn(path));
    else files.push({ path, size: (await Deno.stat(path)).size });
  }
  return files.sort((a, b) => b.size - a.size);
}

function row(label: string, value: string, about = ""): void {
  console.log(`${style("bold", label.padEnd(10))}${value}${about === "" ? "" : style("dim", `  ${about}`)}`);
}

function heading(text: string): void {
  console.log(`\n${style("bold", text)}`);
}

function style(name: "bold" | "dim", text: string): string {
  if (Deno.noColor || !Deno.stdout.isTerminal()) return text;
  return `\x1b[${name === "bold" ? 1 : 2}m${text}\x1b[0m`;
}

function count(n: number, thing: string): string {
  return `${n.toLocaleString("en")} ${thing}${n === 1 ? "" : "s"}`;
}

function speed(bytes: number, seconds: number): string {
  const rate = bytes / 1e6 / seconds;
  return `${seconds.toFixed(2)} s, ${rate.toFixed(rate < 10 ? 2 : 0)} MB/s`;
}
