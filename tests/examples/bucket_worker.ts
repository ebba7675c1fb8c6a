// A Worker that is a whole DDFS in an R2 bucket: any number of its instances serve it at the same time, and nothing else has to run.
// bucket_worker.jsonc says what it needs:  npx wrangler deploy --config bucket_worker.jsonc
import { type Embedded, embedded } from "@ddfs/client/embedded";
import { type R2BucketLike, r2Objects } from "@ddfs/client/r2";
import { sized } from "./sized.ts";

interface Env {
  /** The bucket: with wrangler's types, an `R2Bucket`. */
  readonly BUCKET: R2BucketLike;
  /** The Worker's host name, which the URLs of blobs have. They stand in tags: it must not change. */
  readonly HOST: string;
  /** The token for `gc()` and the like, a secret. */
  readonly ADMIN_TOKEN: string;
  /** Milliseconds that a blob is kept when no tag has it; five days if it is not given. A bucket that is in use refuses less than 36 hours. */
  readonly ORPHAN_AGE?: string;
}

interface Context {
  waitUntil(work: Promise<unknown>): void;
}

/** The DDFS of this instance. */
let shared: Embedded | undefined;

function open({ BUCKET, HOST, ADMIN_TOKEN, ORPHAN_AGE }: Env): Embedded {
  return embedded({
    objects: r2Objects(BUCKET, { prefix: "ddfs" }),
    nodes: [HOST],
    adminToken: ADMIN_TOKEN,
    ...(ORPHAN_AGE === undefined ? {} : { orphanAge: Number(ORPHAN_AGE) }),
    // All that a Worker does shares 128 MB.
    limits: { tagBody: 16 * 1024 * 1024 },
  });
}

export default {
  async fetch(request: Request, env: Env, context: Context): Promise<Response> {
    const ddfs = shared ??= open(env);
    // Requests write the changes of a tag together. Without a timer of its own, one that waits for another counts as hung and is ended.
    const pulse = setInterval(() => {}, 1000);
    const answer = ddfs.fetch(request, context).finally(() => clearInterval(pulse));
    // Others may wait for this request, also when its client is gone.
    context.waitUntil(answer);
    if (new URL(request.url).pathname === "/ddfs/ctrl/gc_start" && (await answer).ok) context.waitUntil(ddfs.gc());
    return sized(await answer);
  },

  /** Frees space. It has minutes for that, which a request has not. */
  async scheduled(_event: unknown, env: Env): Promise<void> {
    const ddfs = open(env);
    const { tags, blobs } = await ddfs.gc();
    console.log(
      `${blobs.deleted.objects} blobs deleted, ${blobs.kept.objects} kept; ${tags.kept.objects} objects of tags`,
    );
    await ddfs.close();
  },
};
