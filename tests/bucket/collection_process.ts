// A process that works on a DDFS in a bucket, or collects there, in a time that runs fast, until its standard input ends. It prints what it did.
//   deno run -A collection_process.ts SETTINGS        (as JSON)
import { type ObjectEngine, s3Objects } from "@ddfs/client/s3";
import { type Embedded, embedded } from "@ddfs/client/embedded";
import { Random } from "../../scripts/stress/chaos/random.ts";
import type { RealS3 } from "./real_s3.ts";

/** The work of a process. */
export interface CollectionSettings {
  readonly role: "writer" | "collector";
  readonly place: Omit<RealS3, "osds">;
  /** The folder in the bucket. */
  readonly prefix: string;
  /** The moment at which time began to run fast, and how fast it runs. */
  readonly time: { readonly from: number; readonly factor: number };
  readonly seed: number;
}

/** The findings of a process. */
export interface CollectionReport {
  /** The number of blobs that were put into a tag. */
  tagged: number;
  /** The number of times that a tag was refused a blob which a collection had got before. */
  refused: number;
  /** The number of blobs that were deleted. */
  deleted: number;
  /** The number of blobs that were gone right after they were put into a tag. */
  lost: number;
}

const HOUR = 60 * 60 * 1000;
/** The tags' names. */
export const TAGS: readonly string[] = Array.from({ length: 6 }, (_, i) => `tag${i}`);
/** The host that the URLs have. */
export const HOST = "ddfs.example.org";
/** Milliseconds, of the fast time, for which a blob is kept that is in no tag. */
const ORPHAN_AGE = 2 * HOUR;

/** An engine whose store has a clock that runs fast. */
function fast(engine: ObjectEngine, at: (time: number) => number): ObjectEngine {
  return {
    name: engine.name,
    get: async (key, options) => {
      const found = await engine.get(key, options);
      return found && { ...found, modified: at(found.modified) };
    },
    head: async (key, options) => {
      const found = await engine.head(key, options);
      return found && { ...found, modified: at(found.modified) };
    },
    put: (key, body, options) => engine.put(key, body, options),
    async *list(options) {
      for await (const object of engine.list(options)) yield { ...object, modified: at(object.modified) };
    },
    delete: (key) => engine.delete(key),
  };
}

/** Opens the DDFS that all processes share, as one of them. */
export function openFast({ place, prefix, time, seed }: CollectionSettings): Embedded {
  const { endpoints, bucket, credentials } = place;
  const at = (moment: number) => time.from + (moment - time.from) * time.factor;
  // The clocks differ by up to eight minutes.
  const skew = (seed % 5 - 2) * 4 * 60_000;
  const endpoint = endpoints[seed % endpoints.length] ?? "";
  return embedded({
    objects: fast(s3Objects({ endpoint, bucket, credentials, prefix }), at),
    ...{ nodes: [HOST], orphanAge: ORPHAN_AGE, now: () => at(Date.now()) + skew },
  });
}

/** Works until the standard input ends, and tells what it did. */
async function work(settings: CollectionSettings): Promise<void> {
  const ddfs = openFast(settings);
  const random = new Random(settings.seed);
  const report: CollectionReport = { tagged: 0, refused: 0, deleted: 0, lost: 0 };
  let isEnding = false;
  const ending = (async () => {
    for await (const _ of Deno.stdin.readable);
    isEnding = true;
  })();
  const pause = (most: number) => new Promise((resolve) => setTimeout(resolve, random.below(most)));
  if (settings.role === "collector") {
    while (!isEnding) {
      const { blobs } = await ddfs.gc();
      report.deleted += blobs.deleted.objects;
      await pause(1500);
    }
  } else {
    await Promise.all(Array.from({ length: 4 }, (_, i) => write(`${settings.seed}-${i}`)));
  }
  await ending;
  console.log(JSON.stringify(report));
  await ddfs.close();
  Deno.exit(0);

  async function ask(path: string, init?: RequestInit): Promise<{ status: number; text: string }> {
    const answer = await ddfs.fetch(`http://${HOST}${path}`, init);
    return { status: answer.status, text: await answer.text() };
  }

  /** Uploads blobs and puts them into tags, moves them, takes them out, and puts back what was taken out, as long as it is there. */
  async function write(name: string): Promise<void> {
    const known: string[] = [];
    for (let count = 0; !isEnding; count++) {
      if (known.length < 20 || random.below(5) === 0) {
        const [url] = JSON.parse((await ask(`/ddfs/new_blob/b${name}`)).text) as string[];
        const stored = await ask(new URL(url ?? "").pathname, { method: "PUT", body: `${name} ${count}` });
        known.push(JSON.parse(stored.text) as string);
      }
      await pause(300);
      const [tag, url] = [random.pick(TAGS), random.pick(known)];
      const from = random.pick(TAGS);
      if (random.below(4) > 0 && !await put(tag, url)) known.splice(known.indexOf(url), 1);
      if (random.below(3) > 0) await take(from === tag ? random.pick(TAGS) : from, url);
    }
  }

  /** Puts a blob into a tag, if it is there; tells whether it is in. */
  async function put(tag: string, url: string): Promise<boolean> {
    const path = new URL(url.replace("disco:", "http:")).pathname;
    if ((await ask(path, { method: "HEAD" })).status === 404) return false;
    if (random.below(4) === 0) await pause(3000);
    const { status, text } = await ask(`/ddfs/tag/${tag}?update=1`, { method: "POST", body: JSON.stringify([[url]]) });
    if (status === 410) {
      report.refused++;
      return false;
    }
    if (status >= 300 && status !== 503) throw new Error(`${status} ${text}`);
    // What takes more than a minute of this time is given up; it may have been done.
    if (status === 503) return true;
    report.tagged++;
    if ((await ask(path, { method: "HEAD" })).status === 404) report.lost++;
    return true;
  }

  /** Takes a blob out of a tag, unless somebody else changes that meanwhile. */
  async function take(tag: string, url: string): Promise<void> {
    const { status, text } = await ask(`/ddfs/tag/${tag}`);
    if (status !== 200) return;
    const { id, urls } = JSON.parse(text) as { id: string; urls: string[][] };
    const left = urls.filter(([other]) => other !== url);
    if (left.length === urls.length) return;
    const init = { method: "PUT", body: JSON.stringify(left), headers: { "if-match": `"${id}"` } };
    const answer = await ask(`/ddfs/tag/${tag}`, init);
    if (answer.status >= 300 && ![410, 412, 503].includes(answer.status)) {
      throw new Error(`${answer.status} ${answer.text}`);
    }
  }
}

if (import.meta.main) await work(JSON.parse(Deno.args[0] ?? "{}"));
