import type { Clock } from "../base/clock.ts";
import { type GivenSets, NO_SETS } from "./stores/sets.ts";
import type { SetsJson, TagChangeOptions, TagVersion } from "./stores/tag_store.ts";
import type { Token } from "./tokens.ts";

/** The names of sets are looked for in the tag, or not. */
export type DelayedKind = "plain" | "update";

/** A key, and when a change with it was asked for. */
export type Once = Pick<TagChangeOptions, "key" | "asked">;

/** An append that is to wait. */
export interface ToDelay {
  /** The sets; `undefined` for what is no list of sets. */
  readonly sets: GivenSets | undefined;
  /** The token of who asks. */
  readonly token: Token;
  /** The key of the request, if it has one. */
  readonly once: Once;
}

/** Functions that make appends. */
export interface DelayedContext {
  /** Measures the delay. */
  readonly after: Clock["after"];
  /** Checks an append, and gives its sets; `undefined` where there is no tag yet. */
  check(name: string, append: ToDelay, kind: DelayedKind): Promise<SetsJson | undefined>;
  /** Makes appends that were checked in one change. */
  merge(name: string, lists: readonly SetsJson[], kind: DelayedKind): Promise<TagVersion>;
  /** Makes an append by itself. */
  append(name: string, append: ToDelay, kind: DelayedKind): Promise<TagVersion>;
}

/** Appends that wait to be made together. */
interface Batch {
  /** Newest first, those with `update` and those without apart. */
  readonly appends: Record<DelayedKind, Delayed[]>;
  readonly cancel: () => void;
}

/** An append that waits. */
interface Delayed extends ToDelay {
  /** The sets, once the append is known to be allowed; `undefined` where there is no tag yet. */
  readonly checked: Promise<SetsJson | undefined>;
  readonly done: Settle;
}

/** An append that is not refused, with its sets if there is a tag. */
interface CheckedAppend extends Delayed {
  readonly allowed?: SetsJson | undefined;
}

interface Settle {
  resolve(version: TagVersion): void;
  reject(error: unknown): void;
}

/** Milliseconds that a delayed append waits for others. */
const DELAY = 1000;

/** Lets appends wait for others of the same tag, unless there is no tag yet. */
export class DelayedAppends {
  readonly #context: DelayedContext;
  readonly #batches = new Map<string, Batch>();

  constructor(context: DelayedContext) {
    this.#context = context;
  }

  /** Adds an append to those that wait; it ends when they are made. */
  add(name: string, append: ToDelay, kind: DelayedKind): Promise<TagVersion> {
    const { after, check } = this.#context;
    let batch = this.#batches.get(name);
    if (batch === undefined) {
      batch = { appends: { plain: [], update: [] }, cancel: after(DELAY, () => void this.flush(name)) };
      this.#batches.set(name, batch);
    }
    const checked = check(name, append, kind).then((sets) => {
      if (sets === undefined) void this.flush(name);
      return sets;
    });
    const appends = batch.appends[kind];
    return new Promise((resolve, reject) => {
      checked.catch(reject);
      appends.unshift({ ...append, checked, done: { resolve, reject } });
    });
  }

  /** Makes the appends that wait for one tag. */
  async flush(name: string): Promise<void> {
    const batch = this.#batches.get(name);
    if (batch === undefined) return;
    this.#batches.delete(name);
    batch.cancel();
    const settle: (() => void)[] = [];
    await Promise.all((["plain", "update"] as const).map(async (kind) => {
      const waiting = await checkedAppends(batch.appends[kind]);
      // A key stands for one append, and others of the same change may be new.
      const isShared = ({ allowed, once }: CheckedAppend) => allowed !== undefined && once.key === undefined;
      const lists = waiting.filter(isShared).map(({ allowed }) => allowed ?? NO_SETS);
      const made = lists.length === 0 ? undefined : this.#context.merge(name, lists, kind);
      await Promise.all(
        waiting.reverse().map((append) => {
          const { done } = append;
          const version = isShared(append) && made || this.#context.append(name, append, kind);
          return version.then(
            (version) => settle.push(() => done.resolve(version)),
            (error) => settle.push(() => done.reject(error)),
          );
        }),
      );
    }));
    // All at once: in a Worker, what is left to do ends with the request that does it, which is one of these.
    for (const end of settle) end();
  }

  /** Makes all appends that wait. */
  async flushAll(): Promise<void> {
    await Promise.all(Array.from(this.#batches.keys(), (name) => this.flush(name)));
  }
}

/** Those of some appends that are not refused, with the sets of those for which there is a tag. */
async function checkedAppends(appends: readonly Delayed[]): Promise<CheckedAppend[]> {
  const results = await Promise.allSettled(
    appends.map(async (append) => ({ ...append, allowed: await append.checked })),
  );
  return results.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
}
