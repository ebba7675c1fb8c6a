import type { Cluster } from "../cluster/cluster.ts";
import { openBlob } from "../cluster/read_replicas.ts";
import { type Replacement, replaceSets } from "../cluster/replace_sets.ts";
import { readVersion } from "../cluster/tag_object.ts";
import { writeBlob } from "../cluster/write_replicas.ts";
import { engine } from "../codec/current.ts";
import { CommError, DataError, DiscoError } from "../errors.ts";
import { blobName, type TagParts, tagUrl } from "../names.ts";
import type { ReadOptions, Replicas } from "../options.ts";
import { LeftBehind } from "./left_behind.ts";
import type { Judgement, Reading } from "./replica_check.ts";

/** The result of the repair of one blob. */
export interface Repaired {
  /** Its new replicas, when it was written anew. */
  readonly repaired?: Replicas;
  /** The reason why it could not be repaired. */
  readonly error?: DiscoError;
}

/** Repairs the blobs of one tag: first each is written anew, then their new replicas take the old ones' places in the tag. */
export class TagRepair {
  readonly #cluster: Cluster;
  readonly #tag: TagParts;
  readonly #isUnconditional: boolean;
  readonly #access: Pick<ReadOptions, "token" | "signal">;
  readonly #left: LeftBehind;
  #replacements: Replacement[] = [];
  #hasConditions: boolean | undefined;

  /**
   * Begins the repair of a tag; nothing is written yet.
   *
   * @param isUnconditional Whether the tag may be replaced although its master has no conditions.
   * @param access Token and signal.
   */
  constructor(
    cluster: Cluster,
    tag: TagParts,
    isUnconditional: boolean,
    access: Pick<ReadOptions, "token" | "signal">,
  ) {
    this.#cluster = cluster;
    this.#tag = tag;
    this.#isUnconditional = isUnconditional;
    this.#access = access;
    this.#left = new LeftBehind(cluster);
  }

  /**
   * Writes a blob anew when one of its replicas is bad and one is good. A replica that is only out of reach may come back.
   *
   * @throws {DiscoError} If the tag cannot be changed safely (code `unsupported`); nothing is written then.
   */
  async blob(replicas: Replicas, found: readonly Judgement[], readings: readonly Reading[]): Promise<Repaired> {
    const good = found.filter(({ state }) => state === "good");
    const [first] = good;
    const isBad = found.some(({ state }) => state !== "good" && state !== "unreachable");
    if (first === undefined || !isBad) return {};
    await this.#checkConditions();
    const { signal } = this.#access;
    try {
      const { stream } = await openBlob(this.#cluster, good.map(({ url }) => url), { signal });
      const bytes = new Uint8Array(await new Response(stream).arrayBuffer());
      const { crc32 } = readings.find(({ url }) => url === first.url) ?? {};
      if ((await engine()).crc32(bytes) !== crc32) {
        throw new DataError(`${first.url} changed while it was copied`, { code: "bad-answer", url: first.url });
      }
      const blob = new Blob([bytes]);
      const upload = { name: blobName(first.url), size: blob.size, body: () => blob };
      const placement = { replicas: found.length, minReplicas: Math.min(found.length, good.length + 1), signal };
      const repaired = await writeBlob(this.#cluster, upload, placement, (abandoned) => this.#left.add(abandoned));
      this.#left.add(repaired);
      this.#replacements.push({ from: replicas, to: repaired });
      return { repaired };
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof DiscoError) return { error };
      throw error;
    }
  }

  /** Puts the new replicas into the tag. */
  async finish(): Promise<void> {
    const replacements = this.#replacements;
    this.#replacements = [];
    try {
      if (replacements.length > 0) await replaceSets(this.#cluster, this.#tag, replacements, this.#access);
    } catch (error) {
      throw this.#left.namedIn(error);
    }
    for (const { to } of replacements) this.#left.remove(to);
  }

  /** Ends it: tells of what was written and did not get into the tag. */
  end(): void {
    this.#left.tell();
  }

  async #checkConditions(): Promise<void> {
    if (this.#isUnconditional) return;
    this.#hasConditions ??= (await readVersion(this.#cluster, this.#tag, this.#access)).etag !== undefined;
    if (this.#hasConditions) return;
    const url = tagUrl(this.#tag);
    throw new CommError(
      `${url} has a blob to repair, but its master has no conditional writes: what others append meanwhile can be lost. Where nobody does, write ` +
        'repair: "unconditional"',
      { code: "unsupported", url },
    );
  }
}
