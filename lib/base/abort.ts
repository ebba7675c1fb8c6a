type Listener = (reason: unknown) => void;

/** The functions that wait for a signal, and the one that stops listening to it. */
interface Hub {
  readonly waiting: Set<Listener>;
  readonly stop: () => void;
}

/** One listener a signal: Node warns of more than ten, and one signal may serve a thousand operations. */
const hubs = new WeakMap<AbortSignal, Hub>();

/** Calls a function when a signal is aborted, at once if it is already; returns one that lets go of the signal. */
export function onAbort(signal: AbortSignal | undefined, run: Listener): () => void {
  if (signal === undefined) return () => {};
  if (signal.aborted) {
    run(signal.reason);
    return () => {};
  }
  const hub = hubs.get(signal) ?? hubOf(signal);
  // The same function may wait twice.
  const listener: Listener = (reason) => run(reason);
  hub.waiting.add(listener);
  return () => {
    if (hub.waiting.delete(listener) && hub.waiting.size === 0) hub.stop();
  };
}

function hubOf(signal: AbortSignal): Hub {
  const waiting = new Set<Listener>();
  const abort = () => {
    hub.stop();
    for (const listener of waiting) listener(signal.reason);
    waiting.clear();
  };
  const hub = {
    waiting,
    stop: () => {
      hubs.delete(signal);
      signal.removeEventListener("abort", abort);
    },
  };
  hubs.set(signal, hub);
  signal.addEventListener("abort", abort);
  return hub;
}

/** Waits for some work, or ends at once with the signal's reason when that is aborted: a function that was injected may not look at its signal. */
export function raceAbort<T>(work: T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  let release = () => {};
  return Promise.race([
    new Promise<never>((_, reject) => release = onAbort(signal, reject)),
    work,
  ]).finally(release);
}

/** Calls a function, does not wait for its outcome, and drops its error. */
export function dropped(work: () => unknown): void {
  try {
    Promise.resolve(work()).catch(() => {});
  } catch {
    // As above.
  }
}
