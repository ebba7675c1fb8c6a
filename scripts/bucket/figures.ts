// Measures a DDFS in memory, on disk and in a bucket, in turns: in a Ceph that it starts, or in what DDFS_TEST_S3 names (see ceph.ts). Its last lines are rows
// for the table in lib/embedded/objects/README.md.
//   deno run -A --config=deno.tools.json scripts/bucket/figures.ts [ROUNDS] [TAGS]      (default: 3, 100000)
import { DDFS } from "../../mod.ts";
import { type Embedded, embedded } from "../../lib/embedded/mod.ts";
import { type ObjectEngine, s3Objects } from "../../lib/embedded/objects/s3.ts";
import { pathOf } from "../../lib/embedded/stores/object_names.ts";
import { accessLog } from "../shared/sample_text.ts";
import { environment, startCeph, stopCeph } from "./ceph.ts";

const MASTER = "http://localhost:8989";
const KINDS = ["memory", "disk", "Ceph"] as const;
type Kind = typeof KINDS[number];

/** A DDFS to measure, and the requests that it made to the bucket, by method. */
interface Measured {
  readonly ddfs: Embedded;
  /** Its folder; `undefined` where it has none. */
  readonly root: string | undefined;
  /** The bucket; `undefined` where there is none. */
  readonly objects: ObjectEngine | undefined;
  readonly requests: Map<string, number>;
}

/** A task: what it measures, and how; the result in the unit that the name says. */
type Task = readonly [name: string, measure: (measured: Measured) => Promise<number>];

/** Blobs of today: those that a collection might delete take more requests. */
const STAMP = [Date.now() / 1e9, Date.now() / 1000 % 1e6].map((field) => Math.floor(field).toString(16)).join("-");
const [rounds = 3, tags = 100_000] = Deno.args.map(Number);
const TASKS: readonly Task[] = [
  ...[1, 10, 50].map((writers): Task => [
    `appends to one tag a second, ${writers} writer${writers > 1 ? "s" : ""}`,
    async ({ ddfs }) => {
      await rate(1, 20, (i) => append(ddfs, "warm", [url(i)]));
      return await rate(writers, 50 + writers * 25, (i) => append(ddfs, "one", [url(i)]));
    },
  ]),
  ...[10, 10_000, 100_000].map((urls): Task => [
    `an append to a tag of ${urls.toLocaleString("en")} URLs, ms`,
    async ({ ddfs }) => {
      for (let i = 0; i < urls; i += 10_000) {
        await append(ddfs, "long", Array.from({ length: Math.min(urls, 10_000) }, (_, k) => url(i + k)));
      }
      return 1000 / await rate(1, 20, (i) => append(ddfs, "long", [url(urls + i)]));
    },
  ]),
  ["chunk of 100 MB over HTTP, s", ({ ddfs }) => served(ddfs, (client) => seconds(() => chunk(client)))],
  [
    "records of 100 MB over HTTP, s",
    ({ ddfs }) =>
      served(ddfs, async (client) => {
        await chunk(client);
        return await seconds(async () => {
          let count = 0;
          for await (const _ of client.records("tag://data:text")) count++;
          if (count === 0) throw new Error("no records");
        });
      }),
  ],
];

const LIST = `list of ${tags.toLocaleString("en")} tags, s`;
const text = new Blob([...accessLog(100_000_000)]);
const results = new Map<string, number[]>();
const note = (name: string, kind: Kind, result: number) => {
  const key = `${name} ${kind}`;
  console.error(`${key}: ${result.toPrecision(3)}`);
  results.set(key, [...results.get(key) ?? [], result]);
};
const folder = await Deno.makeTempDir({ prefix: "ddfs-figures-" });
try {
  const env = Deno.env.has("DDFS_TEST_S3")
    ? Deno.env.toObject()
    : environment(await startCeph(`${folder}/ceph`, { gateways: 1 }));
  const measureAll = async (lists: readonly (readonly [Kind, Measured])[]) => {
    for (let round = 0; round < rounds; round++) {
      for (const [name, measure] of TASKS) {
        for (const kind of KINDS) {
          await withDdfs(kind, env, async (measured) => note(name, kind, await measure(measured)));
        }
      }
      for (const [kind, { ddfs }] of lists) {
        note(
          LIST,
          kind,
          await seconds(async () => {
            const names: string[] = await (await ddfs.fetch(`${MASTER}/ddfs/tags`)).json();
            if (names.length !== tags) throw new Error(`${kind} lists ${names.length} tags`);
          }),
        );
      }
    }
  };
  // Made once, and listed in each round.
  const withLists = async ([kind, ...others]: readonly Kind[], lists: readonly (readonly [Kind, Measured])[] = []) => {
    if (kind === undefined) return await measureAll(lists);
    await withDdfs(kind, env, (measured) => withLists(others, [...lists, [kind, measured]]), withTags);
  };
  await withLists(KINDS);
  const requests = new Map<string, number>();
  await withDdfs("Ceph", env, async ({ ddfs, requests: made }) => {
    const before = new Map(made);
    await served(ddfs, async (client) => {
      const blob = new Blob([crypto.getRandomValues(new Uint8Array(65536))]);
      const file = new Blob(Array.from({ length: 1024 }, () => blob));
      await client.push("data:gib", Array.from({ length: 16 }, (_, i) => [file, `part${i}`]));
      return 0;
    });
    for (const [method, count] of made) requests.set(method, count - (before.get(method) ?? 0));
  });
  const names = [...TASKS.map(([name]) => name), LIST];
  console.log(`|  | ${KINDS.join(" | ")} |\n| --- |${KINDS.map(() => " ---: |").join("")}`);
  for (const name of names) {
    console.log(`| ${name} | ${KINDS.map((kind) => median(results.get(`${name} ${kind}`) ?? [])).join(" | ")} |`);
  }
  console.log(
    `\nRequests for a GiB in 16 blobs of 64 MiB: ${
      Array.from(requests, (pair) => pair.reverse().join(" ")).join(", ")
    }`,
  );
} finally {
  await stopCeph(`${folder}/ceph`);
  await Deno.remove(folder, { recursive: true });
}

/** Uses a DDFS of its own, which is gone afterwards. */
async function withDdfs(
  kind: Kind,
  env: Record<string, string>,
  task: (measured: Measured) => Promise<void>,
  prepare: (measured: Measured) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const requests = new Map<string, number>();
  const root = kind === "disk" ? `${folder}/${crypto.randomUUID()}` : undefined;
  const objects = kind !== "Ceph" ? undefined : s3Objects({
    ...{ endpoint: env["DDFS_TEST_S3"]?.split(",")[0], bucket: env["DDFS_TEST_S3_BUCKET"] ?? "" },
    prefix: `figures/${crypto.randomUUID()}`,
    credentials: {
      accessKeyId: env["DDFS_TEST_S3_ACCESS_KEY_ID"] ?? "",
      secretAccessKey: env["DDFS_TEST_S3_SECRET_ACCESS_KEY"] ?? "",
    },
    fetch(request) {
      requests.set(request.method, (requests.get(request.method) ?? 0) + 1);
      return fetch(request);
    },
  });
  const inBucket = objects && { objects, nodes: ["localhost"] };
  const ddfs = embedded(inBucket ?? (root === undefined ? {} : { root }));
  try {
    const measured = { ddfs, root, objects, requests };
    await prepare(measured);
    await ddfs.ready();
    await task(measured);
  } finally {
    await ddfs.close();
    if (root !== undefined) await Deno.remove(root, { recursive: true });
  }
}

/** Makes the tags of a DDFS that is not open yet. A listing looks at nothing but their names, in a bucket at their sizes, too: so they are put there straight. */
async function withTags({ ddfs, root, objects }: Measured): Promise<void> {
  await rate(50, tags, async (i) => {
    const name = `tag:${i}`;
    if (objects !== undefined) await objects.put(`tag/${name}`, new Uint8Array(200));
    else if (root !== undefined) await placed(`${root}/${pathOf("tag", `${name}$${STAMP}-1`)}`);
    else await append(ddfs, name, []);
  });
}

async function placed(path: string): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeTextFile(path, "{}");
}

/** Serves a DDFS on a port, for a client. */
async function served(ddfs: Embedded, task: (client: DDFS) => Promise<number>): Promise<number> {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    (request) => ddfs.fetch(request, {}),
  );
  try {
    return await task(new DDFS(`http://localhost:${server.addr.port}`, { settings: {} }));
  } finally {
    await server.shutdown();
  }
}

async function chunk(client: DDFS): Promise<void> {
  await client.chunk("data:text", [text]);
}

async function rate(writers: number, times: number, once: (i: number) => Promise<void>): Promise<number> {
  let next = 0;
  const spent = await seconds(async () => {
    await Promise.all(Array.from({ length: writers }, async () => {
      while (next < times) await once(next++);
    }));
  });
  return times / spent;
}

async function seconds(task: () => Promise<void>): Promise<number> {
  const began = performance.now();
  await task();
  return (performance.now() - began) / 1000;
}

async function append(ddfs: Embedded, tag: string, urls: readonly string[]): Promise<void> {
  const body = JSON.stringify(urls.map((url) => [url]));
  const { ok, body: answer } = await ddfs.fetch(`${MASTER}/ddfs/tag/${tag}`, { method: "POST", body });
  await answer?.cancel();
  if (!ok) throw new Error("an append failed");
}

function url(i: number): string {
  return `disco://localhost/ddfs/vol0/blob/00/blob${i}$${STAMP}-${i.toString(16)}`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.floor((sorted.length - 1) / 2), Math.floor(sorted.length / 2) + 1);
  return Number((middle.reduce((sum, value) => sum + value, 0) / middle.length).toPrecision(2));
}
