import type { Clock } from "../base/clock.ts";
import type { NodeHealth } from "./node_health.ts";
import type { Places, Wish } from "./place.ts";

/** Bytes up to which the request that places a blob takes about as long as the one that sends it. */
const SMALL = 1 << 20;
/** The most blobs that get one place: where there are several nodes, each gets its part of them. */
const MOST_BLOBS = 16;
/** Milliseconds after which a place is none any longer: nodes come and go. */
const MOST_AGE = 10_000;

/** A place that the master named for a blob, and that blobs of other names may have, too. */
interface Spare extends Places {
  readonly wish: Wish;
  /** The names of the blobs that have it. */
  readonly names: Set<string>;
  readonly until: number;
}

/** A cluster, as far as it matters here. */
interface Known {
  readonly health: Pick<NodeHealth, "isIll" | "patience">;
  readonly transport: { readonly settings: { readonly clock: Clock } };
}

/** The places that further small blobs of an operation may have, by its cluster. */
const spares = new WeakMap<Known, Set<Spare>>();

/** Keeps a place that the master has named, for small blobs with the same wish but for their names. */
export function keepSpare(cluster: Known, wish: Wish, places: Places | undefined): void {
  const { name, exclude } = wish;
  // Nobody else gets the stamp in these URLs.
  if (places?.headers.get("ddfs-stamps") !== "unique" || exclude.length > 0 || !isSmall(wish)) return;
  if (!places.targets.every((target) => target.includes(`/${name}$`))) return;
  const until = cluster.transport.settings.clock.now() + MOST_AGE;
  spares.set(cluster, (spares.get(cluster) ?? new Set()).add({ ...places, wish, names: new Set([name]), until }));
}

/** Takes a place for a small blob: its nodes have answered of late, and nothing has been sent there under this name. Nothing where there is none. */
export function takeSpare(cluster: Known, wish: Wish): Places | undefined {
  const { health, transport } = cluster;
  const { name, exclude } = wish;
  if (exclude.length > 0 || !isSmall(wish)) return undefined;
  const isWell = (target: string) => health.patience(target) === undefined && !health.isIll(target);
  const all = spares.get(cluster);
  for (const spare of all ?? []) {
    const { targets, names, until } = spare;
    if (names.size === MOST_BLOBS || until <= transport.settings.clock.now()) all?.delete(spare);
    else if (isAlike(spare.wish, wish) && !names.has(name) && targets.every(isWell)) {
      const [first = ""] = names.add(name);
      return { ...spare, targets: targets.map((target) => target.replace(`/${first}$`, () => `/${name}$`)) };
    }
  }
  return undefined;
}

/** A request for a place that is under way, for as many who wait as may have it, too. */
interface Asking {
  readonly wish: Wish;
  readonly ended: Promise<unknown>;
  waiting: number;
}

/** The requests that are under way, by their clusters. */
const askings = new WeakMap<Known, Set<Asking>>();

/** Asks for a place, or, where the master gives such that several blobs may have, waits for one that is being asked for. */
export async function askShared(
  cluster: Known,
  wish: Wish,
  ask: () => Promise<Places | undefined>,
): Promise<Places | undefined> {
  if (!spares.has(cluster) || wish.exclude.length > 0 || !isSmall(wish)) return await ask();
  const all = askings.get(cluster) ?? new Set<Asking>();
  for (const other of all) {
    if (other.waiting >= MOST_BLOBS - 1 || !isAlike(other.wish, wish)) continue;
    other.waiting++;
    await other.ended;
    return takeSpare(cluster, wish) ?? await ask();
  }
  const asked = ask();
  const own = { wish, ended: asked.catch(() => {}), waiting: 0 };
  askings.set(cluster, all.add(own));
  return await asked.finally(() => all.delete(own));
}

/** Forgets all places: a node has failed, and the master may know of better ones. */
export function dropSpares(cluster: Known): void {
  spares.delete(cluster);
}

function isSmall({ size = Infinity }: Wish): boolean {
  return size <= SMALL;
}

function isAlike(one: Wish, other: Wish): boolean {
  return one.replicas === other.replicas && one.include.join() === other.include.join();
}
