import { onAbort } from "../base/abort.ts";
import { invalid, milliseconds } from "../check.ts";
import { type Cluster, clusters } from "../cluster/cluster.ts";
import { CommError } from "../errors.ts";
import type { ReadOptions } from "../options.ts";

/**
 * Runs an operation of a client under its deadline, which aborts it as its signal would.
 *
 * @param client The client.
 * @param options The operation's options.
 * @param work The operation, on the client's cluster; its options have a signal that knows of the deadline.
 * @throws {CommError} If the time is up (code `timeout`).
 */
export async function runWithin<Options extends Limits, T>(
  client: object,
  options: Options,
  work: (cluster: Cluster, options: Options) => Promise<T>,
): Promise<T> {
  const [cluster, limited, end] = begin(client, options);
  return await work(cluster, limited).finally(end);
}

/** Iterates under a deadline like {@linkcode runWithin}; the time runs from the first item that is asked for. */
export async function* iterateWithin<Options extends Limits, T>(
  client: object,
  options: Options,
  work: (cluster: Cluster, options: Options) => AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  const [cluster, limited, end] = begin(client, options);
  try {
    for await (const item of work(cluster, limited)) {
      yield item;
      limited.signal?.throwIfAborted();
    }
  } finally {
    end();
  }
}

type Limits = Pick<ReadOptions, "signal" | "deadline" | "retry">;

/** A client's cluster, the options of an operation whose time runs, and what ends that. */
function begin<Options extends Limits>(client: object, options: Options): [Cluster, limited: Options, end: () => void] {
  const shared = clusters.get(client);
  if (!shared) throw invalid("client", client, "call it as ddfs.operation()");
  const cluster = shared.forOperation(options);
  const time = milliseconds(options, "deadline", 1) ?? cluster.deadline;
  if (!time) return [cluster, options, () => {}];
  const limit = new AbortController();
  const release = onAbort(options.signal, (reason) => limit.abort(reason));
  const cancel = cluster.transport.settings.clock.after(time, () => {
    limit.abort(
      new CommError(`The deadline of ${time} ms is over; raise it`, {
        code: "timeout",
        url: cluster.master.base,
      }),
    );
  });
  const end = () => {
    cancel();
    release();
  };
  return [cluster, { ...options, signal: limit.signal, deadline: undefined }, end];
}
