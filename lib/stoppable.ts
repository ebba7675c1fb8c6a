/**
 * Runs work whose parts all end when one of them fails, or when a signal is aborted.
 *
 * @param signal The signal.
 * @param work The work; it may stop itself, and its error stops what is still under way.
 * @returns What the work returns.
 * @throws The first reason to stop.
 */
export async function stoppable<T>(
  signal: AbortSignal | undefined,
  work: (stop: AbortController) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    return await work(stop);
  } catch (error) {
    stop.abort(error);
    throw stop.signal.reason;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}
