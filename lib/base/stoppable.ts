import { onAbort } from "./abort.ts";

/**
 * Runs work whose parts all end when one of them fails, or when a signal is aborted.
 *
 * @param work The work; it may stop itself, and its error stops what is still under way.
 * @returns What the work returns.
 * @throws The first reason to stop.
 */
export async function stoppable<T>(
  signal: AbortSignal | undefined,
  work: (stop: AbortController) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const release = onAbort(signal, (reason) => stop.abort(reason));
  try {
    return await work(stop);
  } catch (error) {
    stop.abort(error);
    throw stop.signal.reason;
  } finally {
    release();
  }
}
