import { type Replicas, resolveUrl } from "../../../mod.ts";
import { blobOf, home } from "./client.ts";

/** Milliseconds that a node may take to say that it has a blob, before the next one is asked. */
const PATIENCE = 5000;

/** Gives the address at which this page reads a blob of a node. */
export function addressOf(url: string): string {
  const { hostname, pathname, search } = new URL(resolveUrl(url));
  return `${home}/proxy/${hostname}/GET${pathname}${search}`;
}

/**
 * Saves a blob as a file: the browser itself reads it, from the first replica that answers, however large it is.
 *
 * @throws {Error} If none of its nodes answers.
 */
export async function saveBlob(replicas: Replicas, signal: AbortSignal): Promise<void> {
  let failure = "it has no replica";
  for (const url of replicas) {
    try {
      const address = addressOf(url);
      const { ok, status } = await fetch(address.replace("/GET/", "/HEAD/"), {
        method: "HEAD",
        signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]),
      });
      if (ok) return save(address, blobOf(url));
      failure = `${new URL(resolveUrl(url)).hostname} answers with status ${status}`;
    } catch (error) {
      signal.throwIfAborted();
      failure = error instanceof Error ? error.message : String(error);
    }
  }
  throw new Error(`No replica can be read: ${failure}`);
}

/** Saves text as a file. */
export function saveText(name: string, parts: readonly string[]): void {
  const address = URL.createObjectURL(new Blob([...parts], { type: "text/plain;charset=utf-8" }));
  save(address, name);
  // The browser begins to read it a little later.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function save(address: string, name: string): void {
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
}
