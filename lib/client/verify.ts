import type { Cluster } from "../cluster/cluster.ts";
import { walkTags } from "../cluster/walk.ts";
import { check } from "../check.ts";
import { blobName, parseTag, type Tag } from "../names.ts";
import type { ProgressOptions, WalkOptions } from "../options.ts";
import { counter } from "./progress.ts";
import { TagRepair } from "./repair.ts";
import { judged, readReplica, type ReplicaReport } from "./replica_check.ts";

/** Options of {@linkcode DDFS.verify}. */
export interface VerifyOptions extends WalkOptions, ProgressOptions {
  /**
   * Writes blobs with a bad replica anew from a good one, and puts the new ones in the place of the old ones in their tags. Where the master has no
   * conditional writes, as Disco's has none, that can lose what others append in the same moment, and bring back a tag that they delete: there it
   * is refused, and has to be asked for as `"unconditional"`.
   *
   * @default {false}
   */
  repair?: boolean | "unconditional" | undefined;
}

/**
 * Reads every replica of every blob of a tag and of all that it links to.
 *
 * @param options Whether to repair, token, signal, progress.
 * @returns One report a replica, the replicas of a blob one after the other.
 * @throws {CommError} If a tag cannot be read, or, for a repair, written.
 */
export async function* verifyTag(
  cluster: Cluster,
  tag: Tag,
  options: VerifyOptions,
): AsyncGenerator<ReplicaReport, void, undefined> {
  const { signal, repair = false } = options;
  check(
    "repair",
    repair,
    (value) => typeof value === "boolean" || value === "unconditional",
    'write true or "unconditional"',
  );
  const home = cluster.tagUrl(parseTag(tag)).slice(0, -parseTag(tag).name.length);
  const count = counter(options);
  const since = cluster.transport.settings.clock.now();
  for await (const { path, blobs } of walkTags(cluster, [parseTag(tag)], options)) {
    const own = path.at(-1) ?? "";
    const parts = parseTag(path.length === 1 ? tag : own);
    const token = cluster.tagUrl(parts).startsWith(home) ? options.token : undefined;
    const access = { token: repair ? await cluster.token("write", parts, { token, signal }) : undefined, signal };
    const repairs = repair ? new TagRepair(cluster, parts, repair === "unconditional", access) : undefined;
    try {
      for (const replicas of blobs) {
        const blob = blobName(replicas[0] ?? "");
        const readings = await Promise.all(
          replicas.map((url) => readReplica(url, { cluster, blob, count, since, signal })),
        );
        const found = judged(readings);
        const { repaired, error } = await repairs?.blob(replicas, found, readings) ?? {};
        count(blob, { blobs: 1 }, { replicas });
        for (const one of found) {
          const cause = one.state === "good" ? undefined : error ?? one.error;
          yield {
            tag: own,
            blob,
            ...one,
            ...(repaired === undefined ? {} : { repaired }),
            ...(cause === undefined ? {} : { error: cause }),
          };
        }
      }
      await repairs?.finish();
    } finally {
      repairs?.end();
    }
  }
}
