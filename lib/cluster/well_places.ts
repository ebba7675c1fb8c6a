import type { Cluster } from "./cluster.ts";
import { fewerPlaces } from "./fewer_places.ts";
import { place, type Places, type Wish } from "./place.ts";
import { askShared, keepSpare, takeSpare } from "./spare_places.ts";
import { hostOf } from "../urls.ts";

/**
 * Finds nodes for a blob, and ill ones only if there are not enough others.
 *
 * @param wish How many nodes, and which.
 * @param enough The fewest replicas that will do.
 * @param signal Ends it.
 * @returns `undefined` if there are not enough nodes beside those that are excluded.
 * @throws {CommError} If there are not enough nodes (code `too-few-replicas`), or the master does not say.
 */
export async function wellPlaces(
  cluster: Cluster,
  wish: Wish,
  enough: number,
  signal: AbortSignal | undefined,
): Promise<Places | undefined> {
  const { replicas = Infinity, include, exclude } = wish;
  const spared = withIll(cluster, wish);
  const ill = spared.length - exclude.length;
  const spare = takeSpare(cluster, { ...wish, exclude: spared });
  if (spare !== undefined) return spare;
  if (ill > 0) {
    const fewer = Math.max(enough, include.length, replicas - ill);
    const wishes = [wish, ...(fewer < replicas ? [{ ...wish, replicas: fewer }] : [])];
    for (const wish of wishes) {
      const places = await place(cluster, { ...wish, exclude: spared, mayLack: true }, signal);
      if (places !== undefined) return await withoutIll(cluster, wish, places, signal);
    }
  }
  const fewest = Math.max(enough, include.length);
  const mayLack = fewest < replicas;
  return await askShared(cluster, wish, async () => {
    const named = await place(cluster, { ...wish, mayLack }, signal);
    const given = named ?? (mayLack ? await fewerPlaces(cluster, wish, signal, fewest) : undefined);
    const places = given && await withoutIll(cluster, wish, given, signal);
    if (named !== undefined) keepSpare(cluster, wish, places);
    return places;
  });
}

/** Lists the hosts that are excluded, and those that are ill. */
function withIll({ health }: Cluster, { include, exclude }: Wish): string[] {
  return [...new Set([...exclude, ...health.illHosts().filter((host) => !include.includes(host))])];
}

/**
 * Passes over nodes that are ill: known by what was read from them before the master named them for a blob, or on a host that has others. As many more are asked for;
 * nothing is stored on those that are not sent anything.
 */
async function withoutIll(
  cluster: Cluster,
  wish: Wish,
  places: Places,
  signal: AbortSignal | undefined,
): Promise<Places> {
  const { health } = cluster;
  const isIll = (target: string) => !wish.include.includes(hostOf(target)) && health.isIll(target);
  const { targets } = places;
  if (!targets.some(isIll)) return places;
  const replicas = targets.length + health.illBesideWell();
  const more = await place(cluster, { ...wish, replicas, exclude: withIll(cluster, wish), mayLack: true }, signal);
  if (more === undefined) return places;
  const sorted = more.targets.toSorted((one, other) => Number(isIll(one)) - Number(isIll(other)));
  return { ...more, targets: sorted.slice(0, targets.length) };
}
