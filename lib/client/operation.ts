import { onAbort } from "../base/abort.ts";
import { invalid, milliseconds } from "../check.ts";
import { type Cluster, clusters } from "../cluster/cluster.ts";
import { CommError } from "../errors.ts";
import { canonizeTag, type Tag } from "../names.ts";
import type { ReadOptions } from "../options.ts";

/** The method of a client that is called, and the tag that it is about. */
export interface Called {
  /** The method. */
  readonly name: string;
  /** The tag. */
  readonly tag?: Tag | undefined;
}

/**
 * Runs an operation of a client under its deadline, which aborts it as its signal would, and tells the client's `onOperation` of it.
 *
 * @param called The method that was called, and the tag that it is about.
 * @param options The operation's options.
 * @param work The operation, on the client's cluster; its options have a signal that knows of the deadline.
 * @throws {CommError} If the time is up (code `timeout`).
 */
export async function runWithin<Options extends Limits, T>(
  client: object,
  called: Called,
  options: Options,
  work: (cluster: Cluster, options: Options) => Promise<T>,
): Promise<T> {
  const { cluster, limited, end } = begin(client, called, options);
  let failure: unknown;
  try {
    return await work(cluster, limited);
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    end(failure);
  }
}

/** Iterates under a deadline like {@linkcode runWithin}; the time runs from the first item that is asked for. */
export async function* iterateWithin<Options extends Limits, T>(
  client: object,
  called: Called,
  options: Options,
  work: (cluster: Cluster, options: Options) => AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  const { cluster, limited, end } = begin(client, called, options);
  let failure: unknown;
  try {
    for await (const item of work(cluster, limited)) {
      yield item;
      limited.signal?.throwIfAborted();
    }
  } catch (error) {
    failure = error;
    throw error;
  } finally {
    end(failure);
  }
}

type Limits = Pick<ReadOptions, "signal" | "deadline" | "retry">;

/** An operation whose time runs. */
interface Begun<Options> {
  /** The client's cluster, as this operation uses it. */
  readonly cluster: Cluster;
  /** Its options; their signal knows of the deadline. */
  readonly limited: Options;
  /** Ends it. */
  readonly end: (error: unknown) => void;
}

function begin<Options extends Limits>(client: object, { name, tag }: Called, options: Options): Begun<Options> {
  const shared = clusters.get(client);
  if (!shared) throw invalid("client", client, "call it as ddfs.operation()");
  const cluster = shared.forOperation(options);
  const [signal, release] = timed(cluster, options);
  const told = shared.onOperation?.({ name, tag: tag && canonizeTag(tag), signal }) ?? undefined;
  const end = (error: unknown) => {
    release();
    told?.end(error);
  };
  return { cluster, limited: { ...options, signal, deadline: undefined }, end };
}

/** Makes a signal that is aborted with the operation's own and when its time is up, and a function that lets go of both. */
function timed(cluster: Cluster, options: Limits): [signal: AbortSignal | undefined, release: () => void] {
  const time = milliseconds(options, "deadline", 1) ?? cluster.deadline;
  if (!time) return [options.signal, () => {}];
  const limit = new AbortController();
  const release = onAbort(options.signal, (reason) => limit.abort(reason));
  const cancel = cluster.transport.settings.clock.after(time, () => {
    const message = `The deadline of ${time} ms is over; raise it`;
    limit.abort(new CommError(message, { code: "timeout", url: cluster.master.base }));
  });
  const end = () => {
    cancel();
    release();
  };
  return [limit.signal, end];
}
