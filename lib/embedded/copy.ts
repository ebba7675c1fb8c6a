import { atOnce } from "../base/at_once.ts";
import { systemClock } from "../base/clock.ts";
import { stoppable } from "../base/stoppable.ts";
import { checkOptions, FLAG, FUNCTION, type OptionNames, SIGNAL } from "../check.ts";
import { DiscoError } from "../errors.ts";
import { copyBlob, copyFailed, isIn, type PlannedBlob } from "./copy_blob.ts";
import { type CopyEnd, openEnds } from "./copy_ends.ts";
import type { CopyWait } from "./objects/claim.ts";
import { missingBlobs } from "./copy_needs.ts";
import { checkCopyPlace, type CopyPlace } from "./copy_places.ts";
import type { Volume } from "./stores/store.ts";
import type { TagContent } from "./stores/tag_store.ts";

export type { CopyPlace, CopyWait };

/** Options of {@linkcode copyStore}. */
export interface CopyOptions {
  /** Called as the copy advances. */
  onProgress?: ((progress: CopyProgress) => void) | undefined;
  /** Called before the copy waits, until nobody else writes to a bucket. */
  onWait?: ((wait: CopyWait) => void) | undefined;
  /** Ends the copy; it goes on where it was when it is made again. */
  signal?: AbortSignal | undefined;
  /**
   * True if blobs and tags that cannot be read or stored are left out, and named in the result. Otherwise no tag is copied when a blob fails.
   *
   * @default {false}
   */
  keepGoing?: boolean | undefined;
  /** Calls a function once, later, and gives one that calls it off; by a timer of the runtime by default. */
  after?: ((milliseconds: number, run: () => void) => () => void) | undefined;
}

/** The state of a copy. */
export interface CopyProgress {
  /** Bytes of blobs that were read so far. */
  readonly bytesIn: number;
  /** Bytes of blobs that are stored and compared so far. */
  readonly bytesOut: number;
  /** Blobs that are stored and compared so far. */
  readonly blobs: number;
  /** Tags that are there so far. */
  readonly tags: number;
  /** The blob or the tag that was worked on last. */
  readonly name: string;
  /** The bytes of all blobs. */
  readonly total: number;
}

/** A blob or a tag that was not copied. */
export interface CopyFailure {
  /** Its name; `tag://NAME` for a tag. */
  readonly name: string;
  /** The reason. */
  readonly error: Error;
}

/** The outcome of a copy. */
export interface CopyResult {
  /** The blobs that are there now, and those among them that were there before. */
  readonly blobs: { readonly all: number; readonly before: number; readonly bytes: number };
  /** The tags that are there now, and those among them that were there before. */
  readonly tags: { readonly all: number; readonly before: number };
  /** The blobs and tags that could not be copied, and the blobs that a tag names and the place does not have; empty unless `keepGoing` was set. */
  readonly failed: readonly CopyFailure[];
  /** The blobs that tags name and that were left alone, as they are on hosts of which this place has nothing; and these hosts. */
  readonly elsewhere: { readonly blobs: number; readonly hosts: readonly string[] };
}

const NAMES: OptionNames<CopyOptions> = {
  ...{ onProgress: FUNCTION, onWait: FUNCTION, signal: SIGNAL, keepGoing: FLAG, after: FUNCTION },
};

/** Blobs that are copied at a time: some parts of 8 MiB of each are in memory. */
const BLOBS = 8;
/** Tags that are copied at a time. */
const TAGS = 8;
/** Failures that a message names. */
const NAMED = 3;

/**
 * Copies a whole DDFS from one place to another: from the folders of a cluster's nodes into a bucket, from a bucket to a disk. Names of objects, URLs,
 * attributes, tokens and versions of tags stay as they are; of several replicas one is copied. First all blobs are copied, each of which is read back and
 * its CRC-32 compared; then the tags, unless one names a blob that should be there and is not. A copy that was ended, whichever way, goes on when it is made again: what is there by then is not written anew, only compared.
 *
 * Nobody else may write meanwhile: folders are locked, and a bucket is claimed, which takes 20 seconds; its handlers refuse changes until the copy has
 * ended.
 *
 * @param from The place that is read.
 * @param to The place that is written. What it has already stays; where it has another tag or blob of the same name, the copy fails.
 * @returns The numbers of blobs and tags.
 * @throws {DiscoError} If somebody else uses one of the places (code `locked`), the one that is read is missing or empty (code `not-found`), or something
 * cannot be copied.
 *
 * @example A folder
 * ```ts
 * import { copyStore, embedded } from "@ddfs/client/embedded";
 * import { expect } from "@std/expect";
 *
 * const folder = await Deno.makeTempDir();
 * const ddfs = embedded({ root: `${folder}/one` });
 * const [url] = await (await ddfs.fetch("http://localhost:8989/ddfs/new_blob/log")).json();
 * const stored = await (await ddfs.fetch(url, { method: "PUT", body: "hello" })).json();
 * await ddfs.fetch("http://localhost:8989/ddfs/tag/data:log", { method: "POST", body: JSON.stringify([[stored]]) });
 * await ddfs.close();
 *
 * const { blobs, tags } = await copyStore({ root: `${folder}/one` }, { root: `${folder}/other` });
 * expect([blobs.all, tags.all]).toEqual([1, 1]);
 * await Deno.remove(folder, { recursive: true });
 * ```
 *
 * @example The folders of a cluster's nodes, into a bucket
 * ```ts ignore
 * import { copyStore } from "@ddfs/client/embedded";
 * import { s3Objects } from "@ddfs/client/s3";
 *
 * const credentials = { accessKeyId: "KEY", secretAccessKey: "SECRET" };
 * const objects = s3Objects({ endpoint: "http://ceph.example.org", bucket: "data", credentials });
 * await copyStore({ root: "/mnt/cluster", nodes: ["node1", "node2", "node3"] }, { objects });
 * ```
 */
export async function copyStore(from: CopyPlace, to: CopyPlace, options: CopyOptions = {}): Promise<CopyResult> {
  checkOptions("copyStore()", options, NAMES);
  checkCopyPlace("from", from);
  checkCopyPlace("to", to);
  return await stoppable(options.signal, async ({ signal }) => {
    const { after = systemClock.after, onWait = () => {} } = options;
    const ends = await openEnds(from, to, { signal, after, onWait });
    try {
      return await new Copy(ends.from, ends.to, { ...options, signal }).run();
    } finally {
      await ends.close();
    }
  });
}

class Copy {
  readonly #from: CopyEnd;
  readonly #to: CopyEnd;
  readonly #options: CopyOptions & { readonly signal: AbortSignal };
  readonly #failed: CopyFailure[] = [];
  readonly #counts = { bytesIn: 0, bytesOut: 0, blobs: 0, tags: 0, name: "", total: 0 };
  /** The blobs that the source has. */
  readonly #found = new Set<string>();
  #blobsBefore = 0;
  #tagsBefore = 0;

  constructor(from: CopyEnd, to: CopyEnd, options: CopyOptions & { readonly signal: AbortSignal }) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
  }

  async run(): Promise<CopyResult> {
    const blobs = await this.#plan();
    this.#tell("", {});
    await atOnce(BLOBS, blobs, (blob) => this.#trying(blob.object, () => this.#copyBlob(blob)));
    const { missing, elsewhere } = await this.#findMissing();
    this.#unlessFailed("blobs", blobs.length + missing);
    const names: string[] = [];
    for await (const name of this.#from.store.tags.names("")) names.push(name);
    await atOnce(TAGS, names, (name) => this.#trying(`tag://${name}`, () => this.#copyTag(name)));
    this.#unlessFailed("tags", names.length);
    const { blobs: all, bytesOut: bytes, tags } = this.#counts;
    return {
      blobs: { all, before: this.#blobsBefore, bytes },
      tags: { all: tags, before: this.#tagsBefore },
      failed: this.#failed,
      elsewhere,
    };
  }

  /** Finds blobs that a tag names, and that neither place has: they are failures. */
  async #findMissing(): Promise<{ missing: number; elsewhere: CopyResult["elsewhere"] }> {
    const { own, elsewhere, hosts } = await missingBlobs(this.#from.store, this.#found, this.#options.signal);
    const volumes = [...this.#to.store.volumes.values()];
    let missing = 0;
    await atOnce(BLOBS, own, ([object, tag]) =>
      this.#trying(object, async () => {
        for (const volume of volumes) if (await isIn(volume, object)) return;
        missing++;
        throw copyFailed(`the tag ${tag} names it, and it is not there: if a node was forgotten, name it, too`);
      }));
    return { missing, elsewhere: { blobs: elsewhere, hosts } };
  }

  /** Finds all blobs. A replica that is shorter than another one was cut off. */
  async #plan(): Promise<PlannedBlob[]> {
    const found = new Map<string, { node: string; size: number; volume: Volume }[]>();
    for (const [node, volume] of this.#from.store.volumes) {
      for await (const { object, size } of volume.list()) {
        this.#options.signal.throwIfAborted();
        const replicas = found.get(object) ?? [];
        found.set(object, [...replicas, { node, size, volume }]);
      }
    }
    const blobs = new Map<string, PlannedBlob>();
    for (const [object, replicas] of found) {
      this.#found.add(object);
      const best = [...replicas].sort((one, other) => other.size - one.size);
      const sources = best.map(({ volume }) => volume);
      const size = best[0]?.size ?? 0;
      for (const { node } of replicas) {
        const at = this.#to.nodeFor(node);
        blobs.set(`${at}/${object}`, { object, size, sources, target: this.#to.volumeOf(at) });
      }
    }
    for (const { size } of blobs.values()) this.#counts.total += size;
    return [...blobs.values()];
  }

  async #copyBlob(blob: PlannedBlob): Promise<void> {
    const { object } = blob;
    const onPart = (bytesIn: number) => {
      this.#check();
      this.#tell(object, { bytesIn });
    };
    const copied = await copyBlob(blob, { signal: this.#options.signal, onPart });
    if (copied === undefined) {
      // What a listing has and nobody can read only keeps the name of a blob that never came.
      this.#found.delete(object);
      return;
    }
    if (!copied.isNew) this.#blobsBefore++;
    this.#tell(object, { blobs: 1, bytesOut: copied.size });
  }

  async #copyTag(name: string): Promise<void> {
    this.#check();
    const tag = await this.#from.store.tags.read(name);
    if (tag === undefined) return;
    const { id, lastModified, ...content } = tag.content;
    this.#to.versions.set(name, { id, lastModified });
    let isThere = false;
    await this.#to.store.tags.change(name, (present) => {
      isThere = present !== undefined;
      if (present === undefined) return content;
      if (isSame(present, tag.content)) return undefined;
      throw copyFailed(
        `the tag ${name} is there already, with other contents: delete it there, or copy to another place`,
      );
    });
    this.#to.versions.delete(name);
    if (isThere) this.#tagsBefore++;
    this.#tell(name, { tags: 1 });
  }

  /** Does a part of the copy; its failure is told at the end. */
  async #trying(name: string, task: () => Promise<void>): Promise<void> {
    try {
      this.#check();
      await task();
    } catch (error) {
      this.#check();
      const { keepGoing = false } = this.#options;
      if (!keepGoing && this.#failed.length >= NAMED) return;
      const reason = error instanceof DiscoError
        ? error
        : copyFailed(error instanceof Error ? error.message : String(error), error);
      this.#failed.push({ name, error: reason });
    }
  }

  /** Ends the copy when it has to: it was told to, or a place is somebody else's by now. */
  #check(): void {
    this.#options.signal.throwIfAborted();
    this.#from.check();
    this.#to.check();
  }

  #unlessFailed(what: string, all: number): void {
    const { keepGoing = false } = this.#options;
    const [first] = this.#failed;
    if (keepGoing || first === undefined) return;
    const reasons = this.#failed.map(({ name, error }) => `${name}: ${error.message}`);
    throw new DiscoError(`Some of ${all} ${what} could not be copied: ${reasons.join("; ")}`, {
      code: "source-failed",
      cause: first.error,
    });
  }

  #tell(name: string, more: Partial<Record<"bytesIn" | "bytesOut" | "blobs" | "tags", number>>): void {
    const counts = this.#counts;
    for (const key of ["bytesIn", "bytesOut", "blobs", "tags"] as const) counts[key] += more[key] ?? 0;
    this.#options.onProgress?.({ ...counts, name });
  }
}

/** Compares two tags but for their versions. */
function isSame(one: TagContent, other: TagContent): boolean {
  const text = ({ readToken, writeToken, urls, user }: TagContent) =>
    JSON.stringify([readToken, writeToken, urls, [...user]]);
  return text(one) === text(other);
}
