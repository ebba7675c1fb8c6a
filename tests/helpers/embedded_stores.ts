import { createHash } from "node:crypto";
import { settled as settledOnce } from "./fakes.ts";
import { FakeBucket } from "./objects/fake_bucket.ts";
import { type Embedded, embedded, type EmbeddedOptions } from "@ddfs/client/embedded";

/** Milliseconds of a day. */
export const DAY = 24 * 60 * 60 * 1000;

/** Where the single node and its master answer. */
export const MASTER = "http://localhost:8989";

/** All kinds of store: a name, and a way to use a DDFS on one, which is gone afterwards. */
export const STORES: readonly [name: string, use: UseStore][] = [
  ["memory", (task, options) => used(task, options)],
  ["disk", (task, options) => inFolder((root) => used((ddfs) => task(ddfs, root), { ...options, root }))],
  ["objects", (task, options) => {
    const bucket = new FakeBucket(options?.now);
    return used(task, { nodes: ["localhost"], objects: bucket.engine(), ...options });
  }],
];

type UseStore = (
  task: (ddfs: Embedded, root: string | undefined) => Promise<void>,
  options?: EmbeddedOptions,
) => Promise<void>;

async function used(
  task: (ddfs: Embedded, root: string | undefined) => Promise<void>,
  options: EmbeddedOptions = {},
): Promise<void> {
  const ddfs = embedded(options);
  try {
    await task(ddfs, undefined);
  } finally {
    await ddfs.close();
  }
}

/** Gives a task a folder that is removed afterwards. */
export async function inFolder(task: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir({ prefix: "ddfs-test-" });
  try {
    await task(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** An answer's status and text, to compare both at once. */
export async function said(answer: Promise<Response>): Promise<[status: number, text: string]> {
  const { status, text } = await answer.then(async (response) => ({
    status: response.status,
    text: await response.text(),
  }));
  return [status, text];
}

/** Puts a blob and gives the URL to read it from. */
export async function stored(ddfs: Embedded, object: string, body: BodyInit): Promise<string> {
  const answer = await ddfs.fetch(`${MASTER}/ddfs/${object}`, { method: "PUT", body });
  return resolved(await answer.json());
}

/** Where a stored URL is read from. */
export function resolved(url: string): string {
  return url.replace(/^disco:\/\/([^/]+)/, "http://$1:8989");
}

/** A request to a tag of the master; the body is sent as JSON. */
export function toTag(ddfs: Embedded, method: string, path: string, body?: unknown, token?: string): Promise<Response> {
  return ddfs.fetch(`${MASTER}/ddfs/tag/${path}`, {
    method,
    headers: token === undefined ? {} : { Authorization: `Basic ${btoa(`token:${token}`)}` },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** The URLs of a tag. */
export async function urlsOf(ddfs: Embedded, tag: string): Promise<string[][]> {
  return (await (await toTag(ddfs, "GET", tag)).json()).urls;
}

/** A timer that the test moves on by hand. */
export function handTimer(): { after: NonNullable<EmbeddedOptions["after"]>; fire(): void; waiting(): number[] } {
  const timers = new Set<{ milliseconds: number; run: () => void }>();
  return {
    after(milliseconds, run) {
      const timer = { milliseconds, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    fire() {
      const due = [...timers];
      timers.clear();
      for (const { run } of due) run();
    },
    waiting: () => Array.from(timers, ({ milliseconds }) => milliseconds),
  };
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await settledOnce();
}

/** Waits for something that takes as long as the disk does; fails when it does not come. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 10_000; turn++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`it did not come to ${isSo}`);
}

/** All files below a folder, without the lock. */
export async function filesIn(folder: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) files.push(...(await filesIn(`${folder}/${name}`)).map((file) => `${name}/${file}`));
    else if (!name.startsWith("ddfs.lock")) files.push(name);
  }
  return files.sort();
}

/** Opens a folder, and closes it after the task. */
export async function opened(
  root: string,
  task: (ddfs: Embedded) => Promise<void>,
  options: EmbeddedOptions = {},
): Promise<void> {
  const ddfs = embedded({ root, ...options });
  try {
    await task(ddfs);
  } finally {
    await ddfs.close();
  }
}

/** Writes a file where a real node has it: in the folder that the first byte of its name's MD5 names. */
export async function place(root: string, kind: "blob" | "tag", object: string, content: string): Promise<void> {
  const folder = `${root}/vol0/${kind}/${createHash("md5").update(object).digest("hex").slice(0, 2)}`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/${object}`, content);
}
