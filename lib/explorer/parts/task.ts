import { useCallback, useEffect, useRef, useState } from "preact/hooks";

/** Work that a view waits for. */
export interface Task<T> {
  /** Its result; while it is done anew, and where that fails, the one before. */
  readonly value: T | undefined;
  /** The error that it ended with; beside a result from before, until it is done anew. */
  readonly error: unknown;
  /** True while it runs. */
  readonly isRunning: boolean;
  /** Does it anew. */
  readonly again: () => void;
}

/**
 * Does work when a view is shown, and anew when its inputs change; what is not wanted any more is aborted.
 *
 * @param work Gives the result; what it passes to `show` is shown meanwhile.
 * @param inputs The values that the work depends on.
 * @param initial What is shown until there is a result: one from before.
 */
export function useTask<T>(
  work: (signal: AbortSignal, show: (soFar: T) => void) => Promise<T>,
  inputs: readonly unknown[],
  initial?: T,
): Task<T> {
  const [state, setState] = useState<{ value?: T | undefined; error?: unknown; isRunning: boolean }>(
    { value: initial, isRunning: true },
  );
  const [round, setRound] = useState(0);
  const roundBefore = useRef(round);
  useEffect(() => {
    const isAgain = roundBefore.current !== round || initial !== undefined;
    roundBefore.current = round;
    const abort = new AbortController();
    const { signal } = abort;
    setState((before) => ({ ...isAgain && before.value !== undefined && before, isRunning: true }));
    const show = (value: T) => signal.aborted || setState({ value, isRunning: true });
    work(signal, show).then(
      (value) => signal.aborted || setState({ value, isRunning: false }),
      (error) => signal.aborted || setState(({ value }) => ({ value, error, isRunning: false })),
    );
    return () => abort.abort();
  }, [...inputs, round]);
  const again = useCallback(() => setRound((round) => round + 1), []);
  return { value: state.value, error: state.error, isRunning: state.isRunning, again };
}

/** Work that begins when somebody says so. */
export interface Action<Arguments extends unknown[]> {
  /** Begins it; work that runs is left to end. */
  readonly run: (...given: Arguments) => void;
  /** Ends it. */
  readonly stop: () => void;
  /** True while it runs. */
  readonly isRunning: boolean;
  /** The error that it ended with. */
  readonly error: unknown;
  /** True if it was ended before it was done. */
  readonly isStopped: boolean;
}

/** Makes work that a button begins and another one may end. It is aborted when the view is left. */
export function useAction<Arguments extends unknown[]>(
  work: (signal: AbortSignal, ...given: Arguments) => Promise<void>,
): Action<Arguments> {
  const [state, setState] = useState<{ abort?: AbortController; error?: unknown; isStopped?: boolean }>({});
  useEffect(() => () => state.abort?.abort(), [state.abort]);
  return {
    run: (...given) => {
      if (state.abort !== undefined) return;
      const abort = new AbortController();
      setState({ abort });
      work(abort.signal, ...given).then(
        () => setState({}),
        (error) => setState(abort.signal.aborted ? { isStopped: true } : { error }),
      );
    },
    stop: () => state.abort?.abort(),
    isRunning: state.abort !== undefined,
    error: state.error,
    isStopped: state.isStopped === true,
  };
}
