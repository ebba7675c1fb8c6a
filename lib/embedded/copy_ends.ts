import type { Clock } from "../base/clock.ts";
import { DiscoError } from "../errors.ts";
import type { CopyPlace } from "./copy_places.ts";
import type { CopyWait } from "./objects/claim.ts";
import { Nodes, volumeOf } from "./nodes.ts";
import { openStore } from "./open.ts";
import { parseObject, Stamps } from "./stores/object_names.ts";
import type { Store, StoreSetup, Volume } from "./stores/store.ts";
import type { TagContent } from "./stores/tag_store.ts";

/** A place that is copied from or to, while nobody else writes to it. */
export interface CopyEnd {
  readonly store: Store;
  /** The versions that tags get, by name. */
  readonly versions: Map<string, Pick<TagContent, "id" | "lastModified">>;
  /** The node that has here what a node of the other place has. */
  nodeFor(node: string): string;
  /** The volume of a node. */
  volumeOf(node: string): Volume;
  /** Throws where somebody else has the place by now. */
  check(): void;
  close(): Promise<void>;
}

/** A place that others may still write to, until it is claimed. */
interface OpenEnd extends CopyEnd {
  claim(): Promise<void>;
}

/** Ends a copy, and makes it wait. */
export interface CopyControl {
  readonly signal: AbortSignal;
  readonly after: Clock["after"];
  /** Called before it waits. */
  readonly onWait: (wait: CopyWait) => void;
}

/** Opens both places of a copy. */
export async function openEnds(
  from: CopyPlace,
  to: CopyPlace,
  control: CopyControl,
): Promise<{ readonly from: CopyEnd; readonly to: CopyEnd; close(): Promise<void> }> {
  const source = await openSource(from, control);
  let target: OpenEnd | undefined;
  const close = async () => void await Promise.all([source.close(), target?.close()]);
  try {
    if (!await holdsAnything(source.store)) {
      const name = from.root ?? from.objects?.name ?? "the place to copy from";
      throw new DiscoError(`${name} holds no DDFS: neither a tag nor a blob is there`, { code: "not-found" });
    }
    target = await openEnd(to, control);
    // Both at a time: to claim a bucket takes a while.
    const claims = await Promise.allSettled([source.claim(), target.claim()]);
    for (const claim of claims) if (claim.status === "rejected") throw claim.reason;
    return { from: source, to: target, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function holdsAnything({ tags, volumes }: Store): Promise<boolean> {
  for await (const _ of tags.names("")) return true;
  for (const volume of volumes.values()) for await (const _ of volume.list()) return true;
  return false;
}

/** Opens a place to copy from; a folder of which only a part would be copied is refused. */
async function openSource(place: CopyPlace, control: CopyControl): Promise<OpenEnd> {
  const { root, nodes = [""] } = place;
  if (root !== undefined) {
    const { otherVolumes } = await import("./stores/disk/other_volumes.ts");
    const others = await otherVolumes(root, nodes);
    if (others.length > 0) {
      const message = `${root} has ${
        others.join(", ")
      }, and only vol0 is read: put the files of the others there (cp -aln vol1/. vol0)`;
      throw new DiscoError(message, { code: "unsupported" });
    }
  }
  return await openEnd(place, control, { toRead: true });
}

async function openEnd(
  place: CopyPlace,
  control: CopyControl,
  how: { readonly toRead?: boolean } = {},
): Promise<OpenEnd> {
  const nodes = new Nodes(place.nodes ?? (place.objects === undefined ? 1 : ["localhost"]), undefined, Math.random);
  const stamps = new Stamps(Date.now, Math.random);
  const versions: CopyEnd["versions"] = new Map();
  let date: string | undefined;
  const setup: StoreSetup = {
    nodes: nodes.names,
    writable: () => nodes.names,
    tagReplicas: nodes.names.length,
    orphanAge: Infinity,
    // A store asks for the stamp of a version, and for its date right after that.
    stamp(name, after = -1) {
      const version = versions.get(name);
      const isLater = version !== undefined && (parseObject(version.id)?.stamp ?? 0) > after;
      date = isLater ? version.lastModified : undefined;
      return isLater ? version.id : stamps.stamp(name, Math.max(0, after));
    },
    date: () => date ?? stamps.date(),
    now: Date.now,
    random: Math.random,
    after: control.after,
  };
  const { store, claim, check, close } = await opened(place, setup, control, how);
  const [only = ""] = nodes.names;
  return {
    store,
    versions,
    nodeFor(node) {
      if (nodes.names.length === 1) return only;
      if (nodes.names.includes(node)) return node;
      const known = nodes.names.join(", ");
      throw new DiscoError(
        `the place to copy to has no node ${JSON.stringify(node)}, only ${known}: give it one node, or the same`,
        {
          code: "invalid-argument",
        },
      );
    },
    volumeOf: (node) => volumeOf(store.volumes, node),
    claim,
    check,
    close,
  };
}

/** Opens a store for oneself. */
async function opened(
  place: CopyPlace,
  setup: StoreSetup,
  { signal, onWait }: CopyControl,
  how: { readonly toRead?: boolean },
): Promise<Pick<OpenEnd, "store" | "claim" | "check" | "close">> {
  const { objects } = place;
  if (objects === undefined) {
    const store = await openStore(place, setup, how);
    const check = () => {
      const lost = store.lost?.();
      if (lost !== undefined) throw lost;
    };
    return { store, claim: () => Promise.resolve(), check, close: () => store.close() };
  }
  const { Claim } = await import("./objects/claim.ts");
  const { openObjectStore } = await import("./objects/store.ts");
  // Tells a bucket that is missing, or no use, before anybody waits.
  const store = await openObjectStore(objects, setup, { isGuest: true });
  let claim: Pick<CopyEnd, "check"> & { release(): Promise<void> } | undefined;
  return {
    store,
    claim: async () => void (claim = await Claim.take(objects, setup, signal, onWait)),
    check: () => claim?.check(),
    close: async () => await claim?.release(),
  };
}
