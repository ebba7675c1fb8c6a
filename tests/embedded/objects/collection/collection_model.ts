import {
  isOrphan,
  KEPT_FOR,
  LONGEST,
  type Marks,
  needsMark,
  NO_MARKS,
  PROMPT,
  withKept,
  withSwept,
  youngAge,
} from "../../../../lib/embedded/objects/collection/keep_marks.ts";
import type { Random } from "../../../../scripts/stress/chaos/random.ts";

/**
 * What a wrong protocol leaves out, or gets wrong. The right one is `{}`; all others have to be found out by the model.
 */
export interface Faults {
  /** Taggers mark nothing. */
  readonly unmarked?: boolean;
  /** The marks are two flags, each put and looked at on its own, and a tagger's flag lives for `KEPT_FOR` by its own clock. */
  readonly flags?: boolean;
  /** Taggers do not look at how old their mark is before they write the tag. */
  readonly unhurried?: boolean;
  /** A mark counts as seen when the collection began, and not when it was seen. */
  readonly seenAtBeginning?: boolean;
  /** A mark has to be old now, and not when the collection began. */
  readonly oldByNow?: boolean;
  /** The collector decides, and deletes however long it was held up since. */
  readonly lateDeletes?: boolean;
  /** A collection goes on with what it knows, however long ago it began. */
  readonly endless?: boolean;
  /** A collector has an `orphanAge` that is shorter than what the taggers rely on. */
  readonly ownAge?: boolean;
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** The values of `orphanAge` that the processes of a schedule have: the first opens the bucket. */
const ORPHAN_AGES = [[5 * DAY, 5 * DAY, 36 * HOUR], [30 * HOUR, 30 * HOUR, 5 * DAY], [SECOND, SECOND, 5 * DAY]];
const TAGS = ["a", "b", "c"];
const START = 1000 * DAY;

/** What an actor waits for: a request, which reaches the bucket after some time and is answered later, or a pause. */
type Step = { readonly effect?: () => unknown; readonly pause?: number };
type Actor = Generator<Step, void, unknown>;
type Part<T> = Generator<Step, T, unknown>;

interface Tag {
  version: number;
  blobs: ReadonlySet<string>;
}

/**
 * Runs a random schedule of uploads, taggers, collectors, crashes and delays on a bucket that is a few maps, with the decisions that the library makes.
 * All blobs are in one folder and have one object of marks.
 *
 * @returns The blobs that were lost: deleted while a tag had them, or gone when a tag was said to have them.
 */
export function runSchedule(random: Random, faults: Faults = {}): readonly string[] {
  const world = new World(random);
  const protocol = new Protocol(world, faults);
  const old = Array.from({ length: 4 }, (_, i) => stamped(`old${i}`, START - 20 * DAY));
  for (const [i, object] of old.entries()) {
    world.blobs.set(object, START - 20 * DAY);
    if (i > 0) world.tags.set(TAGS[i - 1] ?? "", { version: 0, blobs: new Set([object]) });
  }
  // Most of what happens, happens while something is collected.
  const collections = Array.from({ length: 5 }, (_, i) => START + i * (6 * HOUR + random.below(24 * HOUR)));
  for (const at of collections) {
    for (let twice = random.below(3); twice >= 0; twice--) {
      world.begin(at + random.below(10 * MINUTE) * random.below(2), protocol.collection());
    }
    for (let i = 1 + random.below(4); i > 0; i--) {
      const around = at + (random.below(40) - 10) * random.pick([SECOND, SECOND, MINUTE]);
      world.begin(around, protocol.move());
    }
    if (random.below(3) === 0) world.begin(at + random.below(HOUR), protocol.upload(stamped("new", at)));
    if (random.below(2) === 0) world.begin(at + random.below(20 * MINUTE), protocol.upload(random.pick(old)));
  }
  return world.run();
}

/** Names a blob as the master does. */
function stamped(name: string, time: number): string {
  const fields = [Math.floor(time / 1e9), Math.floor(time / 1e3) % 1e6, (time % 1e3) * 1e3];
  return `${name}$${fields.map((field) => field.toString(16)).join("-")}`;
}

/** The bucket, the clocks, and what is under way. */
class World {
  readonly blobs = new Map<string, number>();
  readonly tags = new Map<string, Tag>();
  readonly flags = new Map<string, number>();
  marks: { version: number; marks: Marks } = { version: 0, marks: NO_MARKS };
  now = START;
  readonly random: Random;
  readonly lost: string[] = [];
  readonly #events: { readonly at: number; readonly run: () => void }[] = [];

  constructor(random: Random) {
    this.random = random;
  }

  get names(): string[] {
    return [...this.blobs.keys()];
  }

  /** The time as a gateway of the store tells it. */
  stamp(): number {
    return this.now + this.random.below(4 * MINUTE) - 2 * MINUTE;
  }

  begin(at: number, actor: Actor): void {
    this.#at(at, () => this.#resume(actor, undefined));
  }

  run(): readonly string[] {
    for (let next = this.#next(); next !== undefined && this.lost.length === 0; next = this.#next()) {
      this.now = Math.max(this.now, next.at);
      next.run();
    }
    return this.lost;
  }

  /** Deletes a blob. */
  delete(object: string): void {
    if (!this.blobs.delete(object)) return;
    if ([...this.tags.values()].some(({ blobs }) => blobs.has(object))) this.lost.push(object);
  }

  #next(): { readonly at: number; readonly run: () => void } | undefined {
    let first = 0;
    this.#events.forEach(({ at }, i) => first = at < (this.#events[first]?.at ?? 0) ? i : first);
    return this.#events.splice(first, 1)[0];
  }

  #at(at: number, run: () => void): void {
    this.#events.push({ at, run });
  }

  #resume(actor: Actor, answer: unknown): void {
    const { done, value } = actor.next(answer);
    if (done) return;
    const { effect, pause } = value as Step;
    if (effect === undefined) return this.#at(this.now + (pause ?? 0), () => this.#resume(actor, undefined));
    // Who crashes may have sent the request.
    const crashes = this.random.below(60) === 0;
    if (crashes && this.random.below(2) === 0) return;
    this.#at(this.now + this.#delay(), () => {
      const answer = effect();
      if (!crashes) this.#at(this.now + this.#delay(), () => this.#resume(actor, answer));
    });
  }

  /** How long a request takes in one direction: now and then, hours. */
  #delay(): number {
    const kind = this.random.below(40);
    if (kind === 0) return this.random.below(2 * HOUR);
    return kind < 6 ? this.random.below(5 * MINUTE) : this.random.below(2 * SECOND);
  }
}

/** Says who is too late. */
class TooLate extends Error {}

/** Whoever uses the bucket. */
class Protocol {
  readonly #world: World;
  readonly #faults: Faults;
  readonly #orphanAges: readonly number[];
  /** What the bucket says. */
  readonly #unmarkedFor: number;

  constructor(world: World, faults: Faults) {
    this.#world = world;
    this.#faults = faults;
    const [first = 0, ...others] = world.random.below(2) === 0 ? [5 * DAY] : world.random.pick(ORPHAN_AGES);
    this.#unmarkedFor = youngAge(first);
    this.#orphanAges = faults.ownAge ? [SECOND] : [first, ...others];
  }

  /** Puts a blob of one tag into another one, and takes it out of the first; or puts any blob into a tag, or takes one out. */
  *move(): Actor {
    const { random } = this.#world;
    const skew = random.below(20 * MINUTE) - 10 * MINUTE;
    const [from, to] = [random.pick(TAGS), random.pick(TAGS)];
    const [object] = yield* this.#ask(() => this.#world.tags.get(from)?.blobs ?? []);
    const chosen = random.below(5) === 0 ? random.pick(this.#world.names) : object;
    if (chosen !== undefined && random.below(6) !== 0 && !(yield* this.#tag(to, chosen, skew))) return;
    yield { pause: random.below(3) * random.below(10 * SECOND) };
    if (object !== undefined && from !== to) yield* this.#change(from, (blobs) => without(blobs, object));
  }

  /** Puts a blob of this name, where there is none, and tags it within a day. */
  *upload(object: string): Actor {
    const { random } = this.#world;
    const skew = random.below(20 * MINUTE) - 10 * MINUTE;
    yield* this.#ask(() => this.#world.blobs.has(object) || this.#world.blobs.set(object, this.#world.stamp()));
    yield { pause: random.below(2) * random.below(DAY) };
    yield* this.#tag(random.pick(TAGS), object, skew);
  }

  *collection(): Actor {
    const { random } = this.#world;
    const orphanAge = random.pick(this.#orphanAges);
    const since = this.#world.now;
    const elapsed = () => this.#world.now - since;
    const began = yield* this.#ask(() => this.#world.stamp());
    const tagged = new Set<string>();
    for (const name of TAGS) {
      const blobs = yield* this.#ask(() => this.#world.tags.get(name)?.blobs ?? []);
      for (const object of blobs) tagged.add(object);
    }
    const listed = yield* this.#ask(() => new Map(this.#world.blobs));
    const orphans = [...listed].filter(([object, modified]) =>
      !tagged.has(object) && isOrphan({ object, modified }, began, orphanAge)
    ).map(([object]) => object);
    if (this.#faults.flags) return yield* this.#flagged(orphans);
    yield { pause: random.below(8) === 0 ? random.below(80 * HOUR) : 0 };
    for (;;) {
      const read = this.#world.now;
      const { version, marks } = yield* this.#ask(() => this.#world.marks);
      yield { pause: random.below(6) === 0 ? random.below(20 * HOUR) : 0 };
      if (!this.#faults.lateDeletes && this.#world.now - read > PROMPT) continue;
      if (!this.#faults.endless && elapsed() > LONGEST) return;
      const time = began + elapsed();
      const { changed, condemned } = withSwept(marks, {
        orphans,
        began: this.#faults.oldByNow ? time : began,
        now: this.#faults.seenAtBeginning ? began : time + 5 * MINUTE,
      });
      if (changed === undefined) return;
      const decided = this.#world.now;
      if (!(yield* this.#store(version, changed))) continue;
      yield { pause: random.below(6) === 0 ? random.below(80 * HOUR) : 0 };
      for (const object of condemned) {
        if (!this.#faults.lateDeletes && this.#world.now - decided > PROMPT) return;
        yield* this.#ask(() => this.#world.delete(object));
      }
      return;
    }
  }

  /** Claims each blob by a flag, and looks for the taggers' flags. */
  *#flagged(orphans: readonly string[]): Actor {
    const { flags } = this.#world;
    for (const object of orphans) {
      yield* this.#ask(() => flags.set(`gc/${object}`, 0));
      const until = (yield* this.#ask(() => flags.get(`keep/${object}`))) ?? 0;
      if (until < this.#world.now) yield* this.#ask(() => this.#world.delete(object));
      yield* this.#ask(() => flags.delete(`gc/${object}`));
    }
  }

  /** Puts a blob into a tag; tells whether it is there then. */
  *#tag(name: string, object: string, skew: number): Part<boolean> {
    const { random } = this.#world;
    const clock = () => this.#world.now + skew;
    for (;;) {
      const since = this.#world.now;
      const isMarked = !this.#faults.unmarked && needsMark(object, clock(), this.#unmarkedFor);
      if (isMarked && !(yield* this.#keep(object, clock))) return false;
      // Only of a blob that is there now, it is promised that it stays.
      const wasThere = isMarked && !this.#faults.flags && this.#world.blobs.has(object);
      yield { pause: random.below(6) === 0 ? random.below(40 * HOUR) : random.below(3) * random.below(MINUTE) };
      try {
        yield* this.#change(name, (blobs) => {
          if (!this.#faults.unhurried && this.#world.now - since > PROMPT) throw new TooLate();
          return new Set([...blobs, object]);
        });
      } catch (error) {
        if (error instanceof TooLate) continue;
        throw error;
      }
      if (wasThere && !this.#world.blobs.has(object) && this.#world.tags.get(name)?.blobs.has(object)) {
        this.#world.lost.push(object);
      }
      return true;
    }
  }

  /** Marks a blob; tells whether it is still there to be had. */
  *#keep(object: string, clock: () => number): Part<boolean> {
    if (this.#faults.flags) {
      yield* this.#ask(() => this.#world.flags.set(`keep/${object}`, clock() + KEPT_FOR));
      const isClaimed = yield* this.#ask(() => this.#world.flags.has(`gc/${object}`));
      return !isClaimed && (yield* this.#ask(() => this.#world.blobs.has(object)));
    }
    for (;;) {
      const { version, marks } = yield* this.#ask(() => this.#world.marks);
      const { changed, doomed } = withKept(marks, [object]);
      if (doomed.length > 0) return false;
      if (changed === undefined || (yield* this.#store(version, changed))) return true;
    }
  }

  *#store(version: number, marks: Marks): Part<boolean> {
    return yield* this.#ask(() => {
      if (this.#world.marks.version !== version) return false;
      this.#world.marks = { version: version + 1, marks };
      return true;
    });
  }

  /** Changes a tag by compare-and-set. */
  *#change(name: string, change: (blobs: ReadonlySet<string>) => ReadonlySet<string>): Part<void> {
    for (;;) {
      const { version = 0, blobs = new Set<string>() } = yield* this.#ask(() => ({ ...this.#world.tags.get(name) }));
      const changed = change(blobs);
      const isDone = yield* this.#ask(() => {
        if ((this.#world.tags.get(name)?.version ?? 0) !== version) return false;
        this.#world.tags.set(name, { version: version + 1, blobs: changed });
        return true;
      });
      if (isDone) return;
    }
  }

  *#ask<T>(effect: () => T): Part<T> {
    return (yield { effect }) as T;
  }
}

function without(blobs: ReadonlySet<string>, object: string): ReadonlySet<string> {
  return new Set([...blobs].filter((other) => other !== object));
}
