/** Calls a function when a signal is aborted, at once if it is already; returns one that lets go of the signal. */
export function onAbort(signal: AbortSignal | undefined, run: (reason: unknown) => void): () => void {
  const abort = () => run(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort);
  return () => signal?.removeEventListener("abort", abort);
}

/** The result of some work, or the signal's reason at once when that is aborted: a function that was injected may not look at its signal. */
export function raceAbort<T>(work: T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  let release = () => {};
  return Promise.race([
    new Promise<never>((_, reject) => release = onAbort(signal, reject)),
    work,
  ]).finally(release);
}
