import { onAbort } from "../base/abort.ts";
import { EndableIterator } from "../base/endable.ts";
import { unlessAborted } from "../base/turn.ts";
import { checkOptions, invalid, milliseconds, type OptionNames } from "../check.ts";
import { type Cluster, clusters } from "../cluster/cluster.ts";
import { CommError } from "../errors.ts";
import { canonizeTag, type Tag } from "../names.ts";
import type { ReadOptions } from "../options.ts";
import { cancelUnread } from "../sources/source.ts";

/** The method of a client that is called, the tag that it is about, and what it takes. */
export interface Called<Options> {
  /** The method. */
  readonly name: string;
  /** The tag. */
  readonly tag?: Tag | undefined;
  /** The options that it takes. */
  readonly takes: OptionNames<Options>;
  /** The sources that it was given: streams that it has not begun to read when it ends are cancelled. */
  readonly sources?: unknown;
}

/**
 * Runs an operation of a client under its deadline, which aborts it as its signal would, and tells the client's `onOperation` of it.
 *
 * @param called The method that was called, the tag that it is about, and the options that it takes.
 * @param options The operation's options.
 * @param work The operation, on the client's cluster; its options have a signal that knows of the deadline.
 * @throws {DiscoError} If it does not take one of the options (code `invalid-argument`).
 * @throws {CommError} If the time is up (code `timeout`).
 */
export async function runWithin<Options extends Limits, T>(
  client: object,
  called: Called<Options>,
  options: Options,
  work: (cluster: Cluster, options: Options) => Promise<T>,
): Promise<T> {
  let end = (_error?: unknown) => {};
  try {
    const begun = begin(client, called, options);
    end = begun.end;
    const result = await unlessAborted(work(begun.cluster, begun.limited), begun.stop.signal);
    end();
    // Of what is in the tag already, nothing is read.
    cancelUnread(called.sources, undefined);
    return result;
  } catch (error) {
    cancelUnread(called.sources, error);
    end(error);
    throw error;
  }
}

/** Iterates under a deadline like {@linkcode runWithin}; the time runs from the first item that is asked for. */
export function iterateWithin<Options extends Limits, T>(
  client: object,
  called: Called<Options>,
  options: Options,
  work: (cluster: Cluster, options: Options) => AsyncIterable<T>,
): AsyncIterableIterator<T> {
  const cancel = (reason: unknown) => cancelUnread(called.sources, reason);
  const start = () => {
    try {
      const { cluster, limited, stop, end } = begin(client, called, options);
      const ended = (error?: unknown) => {
        cancel(error);
        end(error);
      };
      return { items: work(cluster, limited)[Symbol.asyncIterator](), stop, end: ended };
    } catch (error) {
      cancel(error);
      throw error;
    }
  };
  return new EndableIterator(start, () => cancel(options.signal?.reason));
}

type Limits = Pick<ReadOptions, "signal" | "deadline" | "retry">;

/** An operation whose time runs. */
interface Begun<Options> {
  /** The client's cluster, as this operation uses it. */
  readonly cluster: Cluster;
  /** Its options; their signal knows of the deadline. */
  readonly limited: Options;
  /** Aborts that signal. */
  readonly stop: AbortController;
  /** Ends it. */
  readonly end: (error?: unknown) => void;
}

function begin<Options extends Limits>(
  client: object,
  { name, tag, takes }: Called<Options>,
  options: Options,
): Begun<Options> {
  const shared = clusters.get(client);
  if (!shared) throw invalid("client", client, "call it as ddfs.operation()");
  checkOptions(`${name}()`, options, takes);
  const cluster = shared.forOperation(options);
  const time = milliseconds(options, "deadline", 1) ?? cluster.deadline;
  options.signal?.throwIfAborted();
  const stop = new AbortController();
  const { signal } = stop;
  const told = shared.onOperation?.({ name, tag: tag && canonizeTag(tag), signal }) ?? undefined;
  if (told && typeof told.end !== "function") throw invalid("result of onOperation()", told, "it must be { end() }");
  const release = onAbort(options.signal, (reason) => stop.abort(reason));
  const late = () => {
    const { lastFailure: cause } = cluster.transport;
    const before = cause === undefined ? "" : `. The last failure: ${cause.message}`;
    const message = `The deadline of ${time} ms is over; raise it${before}`;
    stop.abort(new CommError(message, { code: "timeout", url: cluster.master.base, cause }));
  };
  const cancel = time === undefined ? () => {} : cluster.transport.settings.clock.after(time, late);
  let isOver = false;
  const end = (error?: unknown) => {
    cancel();
    release();
    // Also when it throws, it is called once.
    if (isOver) return;
    isOver = true;
    told?.end(error);
  };
  return { cluster, limited: { ...options, signal, deadline: undefined }, stop, end };
}
