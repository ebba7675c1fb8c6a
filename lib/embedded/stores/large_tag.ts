import { SetScanner } from "./set_scanner.ts";
import type { OpenTag } from "./node_store.ts";
import { parseOutline } from "./tag_content.ts";
import type { SetsBytes, TagContent } from "./tag_store.ts";

/** A large tag, whose sets are not in memory. */
export interface LargeTag {
  /** The tag without sets. */
  readonly content: TagContent;
  /** The place of the sets in the file, without the brackets of their list. */
  readonly from: number;
  readonly to: number;
}

/** Bytes that are looked at for what comes before the sets; and after them, where attributes are, more if need be. */
const START = 1 << 16;
const ENDS = [1 << 16, 1 << 20];
/** Bytes that are read at a time. */
const PIECE = 1 << 18;

/** Closes the files of answers that are forgotten, where the runtime tells of these. */
export type Forgotten = Pick<FinalizationRegistry<OpenTag>, "register" | "unregister">;

/** Closes them where there is a `FinalizationRegistry`. Workers may have none, nor files. */
export function forgottenIn(scope: { readonly FinalizationRegistry?: typeof FinalizationRegistry }): Forgotten {
  const { FinalizationRegistry: Registry } = scope;
  if (Registry === undefined) return { register: () => {}, unregister: () => false };
  return new Registry<OpenTag>((file) => void file.close().catch(() => {}));
}

const forgottenHere = forgottenIn(globalThis);

/**
 * Reads what a large tag has but for its sets.
 *
 * @param isSound True if the sets are known to be as this DDFS writes them: they are not looked at then.
 * @returns The tag; `undefined` if it is another text than this DDFS writes, which has to be read as a whole.
 */
export async function readLarge(file: OpenTag, isSound: boolean): Promise<LargeTag | undefined> {
  const start = await bytesOf(file, 0, START);
  for (const length of ENDS) {
    const outline = parseOutline(start, await bytesOf(file, file.size - length, file.size));
    if (outline === undefined) continue;
    const { content, before, after } = outline;
    const [from, to] = [before, file.size - after];
    return from <= to && (isSound || await hasSets(file, from, to)) ? { content, from, to } : undefined;
  }
  return undefined;
}

/** Tells whether there is a list of sets at a place, just as it is written here. What has escapes has to be read to tell. */
async function hasSets(file: OpenTag, from: number, to: number): Promise<boolean> {
  const scanner = new SetScanner();
  for await (const piece of piecesOf(file, from - 1, to + 1)) {
    if (scanner.scan(piece) < 0 || !scanner.isCompact || scanner.hasEscapes) {
      return false;
    }
  }
  return scanner.hasEnded;
}

/**
 * Gives the sets of a large tag apart.
 *
 * @param more Reads on from a place in other files of the tag, where this one fails. Each piece is gone with the next.
 * @param forgotten Closes the file if nobody reads them, nor ends that.
 */
export function setsApart(
  file: OpenTag,
  { from, to }: LargeTag,
  more?: (at: number) => AsyncIterable<Uint8Array<ArrayBuffer>>,
  forgotten: Forgotten = forgottenHere,
): SetsBytes {
  let isOpen = true;
  const sets = {
    size: to - from + 2,
    async *pieces() {
      let at = from - 1;
      try {
        for await (const piece of piecesOf(file, at, to + 1)) {
          at += piece.length;
          yield piece;
        }
      } catch (error) {
        if (more === undefined) throw error;
        for await (const piece of more(at)) yield piece.slice();
      } finally {
        await sets.close();
      }
    },
    async close() {
      if (!isOpen) return;
      isOpen = false;
      forgotten.unregister(sets);
      await file.close();
    },
  };
  forgotten.register(sets, file, sets);
  return sets;
}

async function* piecesOf(file: OpenTag, from: number, to: number): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  for (let at = from; at < to; at += PIECE) {
    yield await bytesOf(file, at, Math.min(at + PIECE, to));
  }
}

/** Reads a part of a file, as far as it is there. */
async function bytesOf(file: OpenTag, start: number, end: number): Promise<Uint8Array<ArrayBuffer>> {
  const from = Math.max(0, start);
  const bytes = new Uint8Array(Math.max(0, Math.min(end, file.size) - from));
  await file.read(bytes, from);
  return bytes;
}
