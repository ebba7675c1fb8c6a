// One cell of scale.ts, in a process of its own: scale_cell.ts TASK SIZE MASTER FOLDER. Prints what it took, as JSON.
import { DDFS } from "../../mod.ts";
import { accessLog } from "../shared/sample_text.ts";

/** What a task at one size took. */
export interface Took {
  /** Milliseconds. */
  readonly milliseconds: number;
  /** The most memory of this process, in bytes. */
  readonly memory: number;
  /** The requests that it sent. */
  readonly requests: number;
}

const [task = "", text = "", master = "", folder = ""] = Deno.args;
const size = Number(text);
let requests = 0;
const ddfs = new DDFS(master, {
  settings: {},
  fetch: (request) => {
    requests++;
    return fetch(request);
  },
});

/** The tasks; each is measured but for what it returns, which is done before. */
const TASKS: Record<string, () => Promise<() => Promise<unknown>>> = {
  "chunk a stream"() {
    const pieces = [...accessLog(1 << 24)];
    let left = size;
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = pieces[Math.floor(left / 1e6) % pieces.length]?.subarray(0, left) ?? new Uint8Array();
        controller.enqueue(piece);
        left -= piece.length;
        if (left === 0) controller.close();
      },
    }, { highWaterMark: 0 });
    return Promise.resolve(() => ddfs.chunk(`stream:${size}`, [[stream, "log"]]));
  },
  "read its records": () =>
    Promise.resolve(async () => {
      let bytes = 0;
      for await (const columns of ddfs.recordColumns(`tag://stream:${size}`)) {
        if (columns.kind === "bytes") bytes += columns.bytes.length;
      }
      if (bytes !== size) throw new Error(`${bytes} bytes came back of ${size}`);
    }),
  "push files of 1 kB": async () => {
    const paths = await files();
    return () => ddfs.push(`pushed:${size}`, paths);
  },
  "chunk files of 1 kB": async () => {
    const paths = await files();
    return () => ddfs.chunk(`chunked:${size}`, paths);
  },
  "pull them": () =>
    Promise.resolve(async () => {
      let count = 0;
      for await (const blob of ddfs.pull(`pushed:${size}`)) count += Math.sign((await blob.bytes()).length);
      if (count !== size) throw new Error(`${count} files came back of ${size}`);
    }),
  "write a tag of URLs": () => {
    const urls = Array.from(
      { length: size },
      (
        _,
        i,
      ) => [
        `disco://localhost/ddfs/vol0/blob/${(i & 255).toString(16).padStart(2, "0")}/blob-${i}$5a1-2b3c4-${
          i.toString(16)
        }`,
      ],
    );
    return Promise.resolve(() => ddfs.put(`urls:${size}`, urls));
  },
  "read it": () => Promise.resolve(() => ddfs.urls(`urls:${size}`)),
  "append a URL to it": () =>
    Promise.resolve(() => ddfs.tag(`urls:${size}`, [["disco://localhost/ddfs/vol0/blob/00/one$5a1-2b3c4-1"]])),
  "walk a tree of tags": async () => {
    // Ten links a tag.
    const children = (i: number) => Array.from({ length: 10 }, (_, j) => 10 * i + j + 1).filter((j) => j < size);
    let next = 0;
    await Promise.all(Array.from({ length: 8 }, async () => {
      while (next < size) {
        const i = next++;
        const links = children(i).map((j) => [`tag://tree:${size}:${j}`]);
        await ddfs.put(`tree:${size}:${i}`, [...links, [`disco://localhost/ddfs/vol0/blob/00/b${i}$5a1-2b3c4-1`]]);
      }
    }));
    return async () => {
      let count = 0;
      for await (const { blobs } of ddfs.walk(`tree:${size}:0`)) count += blobs.length;
      if (count !== size) throw new Error(`${count} tags were visited of ${size}`);
    };
  },
};

async function files(): Promise<string[]> {
  const below = `${folder}/files-${size}`;
  const paths = Array.from({ length: size }, (_, i) => `${below}/file-${i}`);
  if (await Deno.stat(below).then(() => true, () => false)) return paths;
  await Deno.mkdir(below);
  const [log = new Uint8Array()] = accessLog(1 << 20);
  for (const [i, path] of paths.entries()) {
    const start = (i * 97) % (log.length - 1000);
    await Deno.writeFile(path, log.subarray(start, start + 1000));
  }
  return paths;
}

const run = await TASKS[task]?.();
if (run === undefined) throw new Error(`no task ${task}`);
requests = 0;
const began = performance.now();
await run();
const milliseconds = performance.now() - began;
const [, kilobytes = "0"] = /^VmHWM:\s+(\d+)/m.exec(await Deno.readTextFile("/proc/self/status")) ?? [];
console.log(JSON.stringify({ milliseconds, memory: 1024 * Number(kilobytes), requests } satisfies Took));
Deno.exit(0);
