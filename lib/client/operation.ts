import { onAbort } from "../base/abort.ts";
import { EndableIterator } from "../base/endable.ts";
import { unlessAborted } from "../base/turn.ts";
import { checkOptions, invalid, milliseconds, type OptionNames } from "../check.ts";
import { type Cluster, clusters } from "../cluster/cluster.ts";
import { CommError } from "../errors.ts";
import type { Tag } from "../names.ts";
import type { ReadOptions } from "../options.ts";
import { cancelUnread } from "../sources/source.ts";

/** Which operation of a client it is. */
export interface Operation<Options> {
  /** The method. */
  readonly name: string;
  /** The tag that it is about. */
  readonly tag?: Tag;
  /** The options that it takes. */
  readonly takes: OptionNames<Options>;
  /** What it was given to read: streams that it has not begun to read when it ends are cancelled. */
  readonly sources?: unknown;
}

/**
 * Runs an operation of a client under its deadline, which aborts it as its signal would.
 *
 * @param client The client.
 * @param operation Which operation it is.
 * @param options Its options.
 * @param work What it does, on the client's cluster; its options have a signal that knows of the deadline.
 * @throws {DiscoError} If it does not take one of the options (code `invalid-argument`).
 * @throws {CommError} If the time is up (code `timeout`).
 */
export async function runWithin<Options extends Limits, T>(
  client: object,
  operation: Operation<Options>,
  options: Options,
  work: (cluster: Cluster, options: Options) => Promise<T>,
): Promise<T> {
  try {
    const { cluster, limited, stop, end } = begin(client, operation, options);
    return await unlessAborted(work(cluster, limited), stop.signal).finally(end);
  } catch (error) {
    cancelUnread(operation.sources, error);
    throw error;
  }
}

/** Iterates under a deadline like {@linkcode runWithin}; the time runs from the first item that is asked for. */
export function iterateWithin<Options extends Limits, T>(
  client: object,
  operation: Operation<Options>,
  options: Options,
  work: (cluster: Cluster, options: Options) => AsyncIterable<T>,
): AsyncIterableIterator<T> {
  const { sources } = operation;
  return new EndableIterator(() => {
    try {
      const { cluster, limited, stop, end } = begin(client, operation, options);
      const ended = () => {
        end();
        cancelUnread(sources, stop.signal.reason);
      };
      return { items: work(cluster, limited)[Symbol.asyncIterator](), stop, end: ended };
    } catch (error) {
      cancelUnread(sources, error);
      throw error;
    }
  }, () => cancelUnread(sources, options.signal?.reason));
}

type Limits = Pick<ReadOptions, "signal" | "deadline">;

/** An operation whose time runs. */
interface Begun<Options> {
  readonly cluster: Cluster;
  /** The options, with a signal that knows of the deadline. */
  readonly limited: Options;
  /** Ends it. */
  readonly stop: AbortController;
  /** Called when it has ended. */
  readonly end: () => void;
}

function begin<Options extends Limits>(
  client: object,
  { name, takes }: Operation<Options>,
  options: Options,
): Begun<Options> {
  const cluster = clusters.get(client);
  if (!cluster) throw invalid("client", client, "call it as ddfs.operation()");
  checkOptions(`${name}()`, options, takes);
  const time = milliseconds(options, "deadline", 1) ?? cluster.deadline;
  options.signal?.throwIfAborted();
  const stop = new AbortController();
  const release = onAbort(options.signal, (reason) => stop.abort(reason));
  const late = () => {
    const message = `The deadline of ${time} ms is over; raise it`;
    stop.abort(new CommError(message, { code: "timeout", url: cluster.master.base }));
  };
  const cancel = time === undefined ? () => {} : cluster.transport.settings.clock.after(time, late);
  const end = () => {
    cancel();
    release();
  };
  return { cluster, limited: { ...options, signal: stop.signal, deadline: undefined }, stop, end };
}
