import { ENDING } from "./signals.ts";

/**
 * Does some work and puts things in order after it, also when the process is told to end meanwhile: folders and servers are not left behind.
 *
 * @param work What is done.
 * @param tidy Puts things in order, as far as the work had come; called once.
 * @returns What the work gives.
 */
export async function tidily<T>(work: () => Promise<T>, tidy: () => Promise<void>): Promise<T> {
  let tidying: Promise<void> | undefined;
  const once = () => tidying ??= tidy();
  const end = () => void once().catch((error) => console.error(error)).finally(() => Deno.exit(130));
  for (const signal of ENDING) Deno.addSignalListener(signal, end);
  try {
    return await work();
  } finally {
    await once();
    for (const signal of ENDING) Deno.removeSignalListener(signal, end);
  }
}
