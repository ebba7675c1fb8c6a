import { DiscoError } from "../../../errors.ts";
import { parseObject } from "../../stores/object_names.ts";
import { reasonOf, refusal, toldReason } from "../../stores/refusal.ts";
import { NO_SETS } from "../../stores/sets.ts";
import type { StoreSetup } from "../../stores/store.ts";
import type { Asked, TagVersion } from "../../stores/tag_store.ts";
import { elapsing } from "../bucket/elapsed.ts";
import { type Attempt, endItems, giveUp, isIdle, type Item, newQueue, type Queue, waitFor } from "./commit_queue.ts";
import { type Edit, edited } from "./edits.ts";
import type { ObjectEngine } from "../bucket/engine.ts";
import {
  type Head,
  MOST_IN_HEAD,
  rememberedSince,
  stampOf,
  versionsByKey,
  withCommit,
  withKeys,
  writtenHead,
} from "./heads.ts";
import { headKey } from "../bucket/keys.ts";
import type { Heads, LoadedHead } from "./loaded_heads.ts";
import { isLimited, pause, pauseAfterRace, timed, wait } from "../bucket/requests.ts";
import type { Segments } from "./segments.ts";

/** Milliseconds after which a change is given up that could not be made. */
const PATIENCE = 60_000;
/** Milliseconds between two commits of one tag, once the store has said that it is asked too often. */
const SPACING = 1100;
/** Commits without such a word, after which less time is tried. */
const CALM = 30;

/** Milliseconds after which a version that is read says nothing about the time when a change was asked for. */
const PROMPT = 1000;

/** The parts of a store that commits work with. */
export interface CommitContext {
  readonly engine: ObjectEngine;
  readonly setup: StoreSetup;
  readonly heads: Heads;
  readonly segments: Segments;
  /** The keys of changes that a head remembers, at least. */
  readonly keys: number;
  /** Gives the nodes that are said to have a new version of a tag, or throws where there are none. */
  readonly nodesFor: (name: string) => readonly string[];
}

/**
 * Changes tags by compare-and-set on their heads. All changes that wait for one tag become one commit. It is made by one of those who wait, who then hands on:
 * in a Worker nobody can count on another request to go on, so whoever waits holds a timer, and takes over when the one who commits is gone. Two who do so at
 * the same time do no harm.
 */
export class Commits {
  readonly #context: CommitContext;
  readonly #queues = new Map<string, Queue>();
  readonly #writer: string;
  #count = 0;

  constructor(context: CommitContext) {
    this.#context = context;
    this.#writer = Math.floor(context.setup.random() * 2 ** 52).toString(36);
  }

  /** Notes the moment at which a change is asked for. */
  asked(name: string): Asked {
    const { setup, heads } = this.#context;
    return { age: elapsing(setup), seen: heads.seen(name) };
  }

  /**
   * Makes a change.
   *
   * @param asked When it was asked for, if that was earlier.
   * @returns The version that has it.
   * @throws What the edit throws.
   * @throws {CommError} If the store fails for too long (status 503).
   */
  async make(name: string, edit: Edit, asked: Asked = this.asked(name)): Promise<TagVersion> {
    const queue = this.#queueOf(name);
    const item: Item = {
      ...{ ...edit, order: ++queue.asked, since: this.#context.setup.now(), ...asked },
      ...{ wake() {}, end() {} },
    };
    const ended = new Promise<void>((resolve) => item.end = resolve);
    queue.waiting = [...queue.waiting, item];
    while (item.outcome === undefined) {
      // Somebody else may have taken over while this one waits for an answer.
      if (queue.leader === undefined) await Promise.race([this.#lead(queue), ended]);
      else await waitFor(queue, item, this.#context.setup);
    }
    this.#tidy(queue);
    if ("error" in item.outcome) throw item.outcome.error;
    return item.outcome.version;
  }

  #queueOf(name: string): Queue {
    const known = this.#queues.get(name);
    if (known !== undefined) return known;
    const queue = newQueue(name);
    this.#queues.set(name, queue);
    return queue;
  }

  /** Forgets a queue that is of no use any more. */
  #tidy(queue: Queue): void {
    if (isIdle(queue) && this.#queues.get(queue.name) === queue) this.#queues.delete(queue.name);
  }

  async #lead(queue: Queue): Promise<void> {
    const me = {};
    queue.leader = me;
    queue.alive = this.#context.setup.now();
    const leads = () => queue.leader === me;
    try {
      await this.#commit(queue, leads);
    } catch (error) {
      if (leads()) giveUp(queue, error);
    } finally {
      if (leads()) {
        queue.leader = undefined;
        queue.waiting[0]?.wake();
        this.#tidy(queue);
      }
    }
  }

  /** Makes one commit of all that wait. */
  async #commit(queue: Queue, leads: () => boolean): Promise<void> {
    const { heads, setup } = this.#context;
    const { name } = queue;
    let loaded = queue.attempt === undefined ? heads.kept(name) : undefined;
    // Changes that were asked for later may know of a newer head.
    let fresh = 0;
    let failure: unknown = new DiscoError("it took too long", { code: "timeout" });
    for (let failures = 0;;) {
      if (loaded === undefined) {
        fresh = queue.asked;
        loaded = await heads.load(name);
        queue.alive = setup.now();
        if (!leads()) return;
      }
      const sent = queue.attempt;
      if (sent !== undefined && hasCommit(loaded.head, sent.next)) {
        return endItems(queue, sent.items, sent.outcomes);
      }
      if (sent !== undefined && loaded.etag !== sent.base) {
        // What it would replace is gone, so it cannot come any more.
        queue.attempt = undefined;
        queue.waiting = [...sent.items, ...queue.waiting];
      }
      if (queue.attempt === undefined) {
        await this.#spaced(queue);
        if (!leads()) return;
        const isMade = await this.#prepare(queue, loaded, fresh, leads);
        if (!leads() || (isMade && queue.attempt === undefined)) return;
        if (!isMade) {
          loaded = undefined;
          continue;
        }
      }
      // A process that slept has not looked at what else has happened meanwhile.
      if (sent !== undefined && queue.attempt === sent) this.#checkPatience(sent, failure);
      const error = await this.#send(queue, leads);
      if (!leads() || queue.attempt === undefined) return;
      failures++;
      failure = error ?? new DiscoError("others were faster each time", { code: "server-error" });
      this.#checkPatience(queue.attempt, failure);
      if (isLimited(error)) [queue.spacing, queue.calm] = [SPACING, 0];
      await (error === undefined ? pauseAfterRace(setup, failures) : pause(setup, failures, error));
      queue.alive = setup.now();
      if (!leads()) return;
      loaded = undefined;
    }
  }

  /** Gives up an attempt that was begun too long ago. */
  #checkPatience({ items }: Attempt, failure: unknown): void {
    const oldest = Math.min(...items.map(({ since }) => since));
    if (this.#context.setup.now() - oldest <= PATIENCE) return;
    const text = (reason: string) => `it is not known whether the tag was changed: ${reason}`;
    throw refusal(503, text(reasonOf(failure)), "", { cause: failure, told: text(toldReason(failure)) });
  }

  /** Waits where the store wants time between commits; others join meanwhile. */
  async #spaced(queue: Queue): Promise<void> {
    const { now, after } = this.#context.setup;
    const left = queue.sent + queue.spacing - now();
    if (left > 0 && left <= queue.spacing) await wait(after, left);
    queue.alive = now();
  }

  /**
   * Makes an attempt of all changes that wait, or ends those that change nothing.
   *
   * @returns False if a newer head is needed.
   */
  async #prepare(queue: Queue, { etag, head, damage }: LoadedHead, fresh: number, leads: () => boolean) {
    const { setup, segments, nodesFor, keys: least } = this.#context;
    const { name, waiting: items } = queue;
    const headStamp = parseObject(head?.id ?? "")?.stamp;
    for (const item of items) item.seen ??= item.age() < PROMPT ? headStamp ?? 0 : 0;
    const known = versionsByKey(name, head);
    const knownSince = head === undefined ? 0 : rememberedSince(head, least);
    const looksAtSets = damage === undefined && items.some(({ sets, key = "" }) => sets && !known.has(key));
    const older = looksAtSets && head !== undefined ? await segments.read(name, head.segments) : NO_SETS;
    if (!leads()) return true;
    const version = { id: setup.stamp(name, headStamp), lastModified: setup.date() };
    const edits = damage === undefined ? items : items.map((item) => unlessDamaged(item, damage));
    const made = edited(edits, { name, head, known, knownSince, older, version, nodes: () => nodesFor(name) });
    if (made.next === undefined) {
      const isFresh = items.map(({ order }) => order <= fresh);
      if (!isFresh.includes(true)) return false;
      const picked = <T>(all: readonly T[]) => all.filter((_, i) => isFresh[i]);
      endItems(queue, picked(items), picked(made.outcomes));
      return true;
    }
    const stamp = stampOf(version.id);
    const commit = [this.#writer, ++this.#count] as const;
    let { content } = made.next;
    let all = made.next.segments;
    if (content !== undefined && content.urls.length > MOST_IN_HEAD) {
      all = [...await segments.write(name, `${stamp}.${commit.join("-")}`, content.urls), ...all];
      content = { ...content, urls: NO_SETS };
      if (!leads()) return true;
    }
    const next = {
      id: version.id,
      content,
      segments: all,
      nodes: content === undefined ? [] : nodesFor(name),
      commits: withCommit(head?.commits ?? [], commit),
      keys: withKeys(head?.keys ?? [], [stamp, ...made.keys], least),
    };
    queue.attempt = { items, outcomes: made.outcomes, base: etag, next };
    queue.waiting = queue.waiting.filter((item) => !items.includes(item));
    return true;
  }

  /** Sends the attempt; where it was not made, or that is not known, it stays. */
  async #send(queue: Queue, leads: () => boolean): Promise<unknown> {
    const { engine, setup, heads } = this.#context;
    const { name, attempt } = queue;
    if (attempt === undefined) return undefined;
    const { base, next } = attempt;
    const text = writtenHead(next);
    const condition = base === undefined ? { ifNoneMatch: "*" as const } : { ifMatch: base };
    queue.alive = queue.sent = setup.now();
    try {
      const bytes = new TextEncoder().encode(text);
      const answer = await timed(setup, (signal) => engine.put(headKey(name), bytes, { ...condition, signal }));
      if (answer === "lost") return undefined;
      if (leads()) {
        heads.keep(name, { etag: answer.etag, head: next }, text.length);
        if (++queue.calm % CALM === 0) queue.spacing = queue.spacing < SPACING / 4 ? 0 : queue.spacing / 2;
      }
      endItems(queue, attempt.items, attempt.outcomes);
      return undefined;
    } catch (error) {
      return error;
    } finally {
      queue.alive = setup.now();
    }
  }
}

function hasCommit(head: Head | undefined, { commits: [made] }: Head): boolean {
  return head?.commits.some(([writer, count]) => writer === made?.[0] && count === made[1]) ?? false;
}

/** A damaged tag can be deleted, by those who have the tokens that could still be read, and no more. */
function unlessDamaged<E extends Edit>(edit: E, damage: unknown): Edit {
  if (edit.isDeletion) return edit;
  return {
    ...edit,
    decide() {
      throw damage;
    },
  };
}
