import { joined } from "../base/bytes.ts";
import { turn } from "../base/turn.ts";
import { type BodyLimits, type Pace, piecesOf } from "./bodies.ts";
import { parseJson, parseText, toJson } from "./stores/json.ts";
import { refusal } from "./stores/refusal.ts";
import { SetScanner } from "./stores/set_scanner.ts";
import { checkLength, type GivenSets, NO_SETS, setsOf } from "./stores/sets.ts";

/** The limits of a body with JSON. */
export interface JsonLimits extends BodyLimits {
  /** The most sets and URLs together. */
  readonly items: number;
  /** Counts the bytes of all that are read at a time. */
  readonly held: Held;
}

/** A body that is smaller is read as a whole. */
const SMALL = 1 << 18;
/** The most characters of one set. */
const MAX_SET = 1 << 20;

/** Bytes that requests hold at the same time. */
export class Held {
  readonly #most: number;
  #bytes = 0;

  /** @param most The most that they may hold together. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Adds to the count; `false` if that is too much. */
  take(bytes: number): boolean {
    this.#bytes += bytes;
    return this.#bytes <= this.#most;
  }

  /** Takes from the count. */
  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/**
 * Reads a small body that is JSON.
 *
 * @returns Its value, and its size in bytes. Of a body that is too large to be of use, only a size is given.
 * @throws {CommError} If it cannot be read, or is no JSON (status 403).
 */
export async function jsonOf(request: Request, limits: BodyLimits): Promise<{ value: unknown; size: number }> {
  const pieces = readable(request, limits);
  try {
    const { bytes, isWhole } = await beginningOf(pieces);
    return { value: isWhole ? parsed(request, bytes) : undefined, size: bytes.length };
  } finally {
    await pieces.return();
  }
}

/**
 * Reads a body that is replica sets, and works on them. It is refused at the first character that belongs to no list of sets, and where they become too
 * many; others have their turns meanwhile.
 *
 * @param prepare Is called before more is read of a body that is not small.
 * @param work Works on the sets; it is given `undefined` if the JSON is no list of sets.
 * @throws {CommError} If it cannot be read, or is no JSON (status 403), is too large (413), or too much is sent at the same time (503).
 */
export async function withSets<T>(
  request: Request,
  limits: JsonLimits,
  prepare: () => Promise<unknown>,
  work: (sets: GivenSets | undefined) => Promise<T>,
): Promise<T> {
  const { held, items } = limits;
  const pace = { eager: false };
  const pieces = readable(request, limits, pace);
  let [counted, before] = [0, 0];
  try {
    const { bytes, isWhole } = await beginningOf(pieces);
    if (isWhole) {
      const sets = setsOf(parsed(request, bytes));
      return await work(sets && sets.items <= items ? sets : undefined);
    }
    await prepare();
    pace.eager = true;
    const reader = new SetReader(request, items);
    let piece: Uint8Array | void = bytes;
    while (piece !== undefined) {
      counted += piece.length;
      if (!held.take(piece.length)) throw refusal(503, "Too much is sent at the same time. Try again.", request.url);
      if (!reader.add(piece)) return await work(undefined);
      if (counted - before > SMALL) {
        before = counted;
        await turn();
      }
      piece = (await pieces.next()).value;
    }
    return await work(reader.end());
  } finally {
    held.give(counted);
    await pieces.return();
  }
}

/** Reads all of a small body; of another one, as much as tells that it is not. */
async function beginningOf(
  pieces: AsyncGenerator<Uint8Array<ArrayBuffer>, void>,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; isWhole: boolean }> {
  const first: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  while (size < SMALL) {
    const { value } = await pieces.next();
    if (value === undefined) return { bytes: joined(first, size), isWhole: true };
    first.push(value);
    size += value.length;
  }
  return { bytes: joined(first, size), isWhole: false };
}

/** Puts the sets of a body together, piece by piece. */
class SetReader {
  readonly #request: Request;
  readonly #most: number;
  readonly #scanner = new SetScanner();
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  /** JSON of sets: each begins with what comes before its first, the list's bracket or a comma. */
  readonly #parts: string[] = [];
  #length = 0;
  #rest = "";

  constructor(request: Request, most: number) {
    this.#request = request;
    this.#most = most;
  }

  /** Adds a piece; `false` if this is no list of sets, or too long a one. */
  add(piece: Uint8Array): boolean {
    const end = this.#scanner.scan(piece);
    if (end < 0 || this.#scanner.items > this.#most) return false;
    if (end > 0) {
      this.#keep(this.#rest + this.#decoded(piece.subarray(0, end)));
      this.#rest = "";
    }
    this.#rest += this.#decoded(piece.subarray(end));
    return this.#rest.length <= MAX_SET;
  }

  /** Ends the list, and gives it. */
  end(): GivenSets {
    this.#decoded();
    const { hasEnded, hasEmpty, items } = this.#scanner;
    if (!hasEnded) throw noJson(this.#request);
    if (this.#parts.length === 0) return { json: NO_SETS, items, hasEmpty };
    this.#parts.push("]");
    return { json: this.#parts.join(""), items, hasEmpty };
  }

  #decoded(piece?: Uint8Array): string {
    try {
      return piece === undefined ? this.#decoder.decode() : this.#decoder.decode(piece, { stream: true });
    } catch {
      throw noJson(this.#request);
    }
  }

  /** Keeps sets as they are stored; most clients send them so. */
  #keep(sets: string): void {
    const { isCompact, hasEscapes } = this.#scanner;
    const part = isCompact && !hasEscapes ? sets : this.#rewritten(sets);
    this.#length += part.length;
    checkLength(this.#length, this.#request.url);
    this.#parts.push(part);
  }

  #rewritten(sets: string): string {
    const start = sets.search(/[[,]/);
    const value = parseText(`[${sets.slice(start + 1)}]`);
    if (value === undefined) throw noJson(this.#request);
    return sets.charAt(start) + toJson(value).slice(1, -1);
  }
}

async function* readable(
  request: Request,
  limits: BodyLimits,
  pace?: Pace,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  try {
    yield* piecesOf(request, limits, pace);
  } catch (cause) {
    throw refusal(403, "Invalid request.", request.url, { cause });
  }
}

function parsed(request: Request, bytes: Uint8Array): unknown {
  const value = parseJson(bytes);
  if (value === undefined) throw noJson(request);
  return value;
}

function noJson(request: Request): Error {
  return refusal(403, "Invalid request body.", request.url);
}
