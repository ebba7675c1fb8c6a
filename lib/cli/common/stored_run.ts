import type { DDFS, Progress, Replicas, Resume, Stored } from "../../../mod.ts";
import { type Cli, messageOf } from "./cli.ts";
import type { CommandOptions } from "./options.ts";
import { CommandError, usage } from "./exit_status.ts";
import { Journal } from "./journal.ts";
import type { ChosenFile } from "./paths.ts";
import { absolutePath } from "../terminal/files.ts";

/** A push or chunk of files that can be gone on with. */
export interface Run {
  /** `push` or `chunk`. */
  readonly command: "push" | "chunk";
  /** The tag. */
  readonly tag: string;
  /** The options that decide what is stored. */
  readonly how: unknown;
  /** The files, in the order of the sources; nothing where one of the sources is none, which cannot be read again. */
  readonly files: readonly (ChosenFile & { readonly name: string })[] | undefined;
}

/**
 * Stores files with a journal beside: what is noted there, an earlier run of the same command that was ended has stored.
 *
 * @param cli The command's surroundings.
 * @param ddfs The client.
 * @param run What is stored.
 * @param options `resume: false` drops what an earlier run had stored.
 * @param store Calls the library, with what is to be resumed, and what is told of each blob.
 */
export async function storeResumably(
  cli: Cli,
  ddfs: DDFS,
  { command, tag, how, files }: Run,
  options: CommandOptions,
  store: (resume: Resume[], onProgress: (progress: Progress) => void) => Promise<Stored>,
): Promise<Stored> {
  if (files === undefined || files.length === 0 || !files.every(({ isFile }) => isFile)) {
    if (options.resume === true) {
      throw usage("--resume: only files can be read again where an earlier run was ended, not stdin, tags or URLs");
    }
    return await store([], () => {});
  }
  const { parseTag, canonizeTag } = await import("../../../mod.ts");
  const { host, name } = parseTag(tag);
  const key = {
    command,
    master: ddfs.master,
    tag: `${host}/${name}`,
    options: how,
    files: files.map(({ path, size, changed, name }) => ({ path: absolutePath(path), size, changed, name })),
  };
  const lose = (error: unknown) => cli.tell(`An end of this run could not be gone on with: ${messageOf(error)}`);
  const journal = await Journal.open(key, options.resume === false, lose).catch((error) => {
    if (error instanceof CommandError) throw error;
    if (options.resume === true) throw new CommandError(`--resume: there is no journal: ${messageOf(error)}`);
    return lose(error);
  });
  if (!journal) return await store([], () => {});
  try {
    await journal.check((urls) => presentUrls(ddfs, urls, cli.signal));
    const { stored } = journal;
    const count = stored.reduce((sum, { stored }) => sum + stored.length, 0);
    if (count > 0) {
      const urls = await ddfs.urls(tag, { signal: cli.signal }).catch((error): Replicas[] => {
        if (error?.code === "not-found") return [];
        throw error;
      });
      // All is tagged at once, at the end: one of them in the tag says that an earlier run was done.
      const tagged = new Set(urls.map((set) => JSON.stringify(set)));
      const blobs = stored.flatMap(({ stored }) => [...stored]);
      if (blobs.some((replicas) => tagged.has(JSON.stringify(replicas)))) {
        cli.tell(`An earlier run was ended when all was done: ${count} blobs are in ${tag}.`);
        journal.finish();
        return { tag: canonizeTag(tag), blobs: blobs.map((replicas) => [...replicas]), kept: [] };
      }
      cli.tell(`Going on where an earlier run was ended: ${count} blobs are stored already (--no-resume begins anew).`);
    }
    const result = await store(stored, ({ source, replicas, offset }) => {
      if (source !== undefined && (command === "push" || offset !== undefined)) journal.note(source, replicas, offset);
    });
    journal.finish();
    return result;
  } catch (error) {
    journal.close();
    const { count } = journal;
    if (count > 0) {
      cli.tell(`Stored so far: ${count} blobs. The same command goes on there (--no-resume begins anew).`);
    }
    throw error;
  }
}

/** Which of some replicas are there. */
async function presentUrls(ddfs: DDFS, urls: readonly string[], signal: AbortSignal): Promise<Set<string>> {
  const present = new Set<string>();
  const retry = { within: 3000 };
  for await (const { replicas: [url = ""], size } of ddfs.sizes(urls.map((url) => [url]), { signal, retry })) {
    if (size !== undefined) present.add(url);
  }
  return present;
}
