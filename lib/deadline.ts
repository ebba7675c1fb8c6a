import { onAbort } from "./abort.ts";
import { milliseconds } from "./check.ts";
import { type Cluster, clusterOf } from "./cluster.ts";
import { CommError } from "./errors.ts";
import type { ReadOptions } from "./options.ts";

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
  const cluster = clusterOf(client);
  const [limited, end] = begin(cluster, options);
  return await work(cluster, limited).finally(end);
}

/** Iterates under a deadline like {@linkcode runWithin}; the time runs from the first item that is asked for. */
export async function* iterateWithin<Options extends Limits, T>(
  client: object,
  options: Options,
  work: (cluster: Cluster, options: Options) => AsyncIterable<T>,
): AsyncGenerator<T, void, undefined> {
  const cluster = clusterOf(client);
  const [limited, end] = begin(cluster, options);
  try {
    for await (const item of work(cluster, limited)) {
      yield item;
      limited.signal?.throwIfAborted();
    }
  } finally {
    end();
  }
}

type Limits = Pick<ReadOptions, "signal" | "deadline">;

/** The options of an operation whose time runs, and what ends that. */
function begin<Options extends Limits>(cluster: Cluster, options: Options): [limited: Options, end: () => void] {
  const time = milliseconds("deadline", options.deadline, 1) ?? cluster.deadline;
  if (time === undefined) return [options, () => {}];
  const limit = new AbortController();
  const release = onAbort(options.signal, (reason) => limit.abort(reason));
  const cancel = cluster.transport.settings.clock.after(time, () => {
    const message = `Not done within its deadline of ${time} ms; raise \`deadline\``;
    limit.abort(new CommError(message, { code: "timeout", url: cluster.master.base }));
  });
  const end = () => {
    cancel();
    release();
  };
  return [{ ...options, signal: limit.signal, deadline: undefined }, end];
}
