import { CommError, DataError } from "./errors.ts";
import type { Replicas } from "./options.ts";

/** An error of a push or a chunk, with the blobs that it left in the cluster and that no tag holds. */
export function leftBehind(error: unknown, written: readonly Replicas[]): unknown {
  const urls = written.flatMap((replicas) => replicas ?? []);
  if (urls.length === 0 || !(error instanceof DataError)) return error;
  const shown = urls.slice(0, 10).join(", ") + (urls.length > 10 ? `, and ${urls.length - 10} more` : "");
  const message =
    `${error.message}\nNothing was tagged; ${urls.length} replicas were written before, and will be collected: ${shown}`;
  const { code, url, range } = error;
  return error instanceof CommError
    ? new CommError(message, { code, url, range, status: error.status, cause: error })
    : new DataError(message, { code, url, range, cause: error });
}
