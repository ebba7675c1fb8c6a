import type { StoreSetup } from "../../stores/store.ts";
import type { Asked } from "../../stores/tag_store.ts";
import { unavailable } from "../bucket/requests.ts";
import type { Edit, Outcome } from "./edits.ts";
import type { Head } from "./heads.ts";

/** Milliseconds without a sign of the one who commits, after which another one takes over. */
const TAKE_OVER = 4000;

/** A change that waits for its commit. */
export interface Item extends Edit {
  /** The stamp of the version that was there when it was asked for, as far as that is known. */
  seen?: number | undefined;
  /** Gives the milliseconds since it was asked for; it may have come here later. */
  readonly age: Asked["age"];
  /** Its place among all changes of the tag. */
  readonly order: number;
  /** The time at which it came here. */
  readonly since: number;
  /** The outcome, once it is known. */
  outcome?: Outcome;
  /** Ends the present waiting. */
  wake: () => void;
  /** Tells that there is an outcome. */
  end: () => void;
}

/** A commit that was sent. Until its outcome is known, it is sent again as it is. */
export interface Attempt {
  /** Its changes. */
  readonly items: readonly Item[];
  /** The outcomes of all, once they are made. */
  readonly outcomes: readonly Outcome[];
  /** Names the version of the head that it replaces; `undefined` for none. */
  readonly base: string | undefined;
  /** The head that it writes. */
  readonly next: Head;
}

/** The changes of one tag. */
export interface Queue {
  /** The tag's name. */
  readonly name: string;
  /** The changes that were asked for so far. */
  asked: number;
  /** Those that are in no commit yet. */
  waiting: readonly Item[];
  /** The commit of which it is not known whether it was made. */
  attempt: Attempt | undefined;
  /** The one who commits; `undefined` when nobody does. */
  leader: object | undefined;
  /** The time of the leader's last sign of life. */
  alive: number;
  /** Milliseconds that have to pass between two commits. */
  spacing: number;
  /** Commits since the store said that it is asked too often. */
  calm: number;
  /** The time of the last commit. */
  sent: number;
}

/** Makes the queue of a tag. */
export function newQueue(name: string): Queue {
  const state = { waiting: [], attempt: undefined, leader: undefined };
  return { name, asked: 0, alive: 0, spacing: 0, calm: 0, sent: 0, ...state };
}

/** Tells whether nothing is left to be known of a queue. Another one would not know of an attempt that is under way. */
export function isIdle({ leader, waiting, attempt, spacing }: Queue): boolean {
  return leader === undefined && waiting.length === 0 && attempt === undefined && spacing === 0;
}

/** Waits until something happens to a change; if nothing happens at all, somebody else may commit. */
export async function waitFor(
  queue: Queue,
  item: Item,
  { now, after }: Pick<StoreSetup, "now" | "after">,
): Promise<void> {
  const { leader } = queue;
  const silent = () => Math.abs(now() - queue.alive);
  await new Promise<void>((resolve) => {
    const cancel = after(Math.max(1, TAKE_OVER - silent()), resolve);
    item.wake = () => {
      cancel();
      resolve();
    };
  });
  if (item.outcome === undefined && queue.leader === leader && silent() >= TAKE_OVER) queue.leader = undefined;
}

/** Ends changes. */
export function endItems(queue: Queue, items: readonly Item[], outcomes: readonly Outcome[]): void {
  if (queue.attempt?.items === items) queue.attempt = undefined;
  const ended = new Set(items);
  queue.waiting = queue.waiting.filter((item) => !ended.has(item));
  items.forEach((item, i) => {
    item.outcome ??= outcomes[i] ?? { error: undefined };
    item.wake();
    item.end();
  });
}

/** Ends all changes by an error. */
export function giveUp(queue: Queue, cause: unknown): void {
  const error = unavailable(cause, `tag://${queue.name}`);
  const items = [...queue.attempt?.items ?? [], ...queue.waiting];
  queue.attempt = undefined;
  endItems(queue, items, items.map(() => ({ error })));
}
