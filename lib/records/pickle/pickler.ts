import type { Dialect } from "../../codec/engine.ts";
import { DiscoError } from "../../errors.ts";
import * as op from "./opcodes.ts";
import { PickleWriter } from "./writer.ts";
import { sharedContainers } from "./shared_containers.ts";
import { decodeLatin1 } from "./text.ts";
import { Float, type Picklable, Tuple } from "./value.ts";

/** The number of items in a batch of APPENDS or SETITEMS. */
const BATCH = 1000;

/** Keys of the memo that are no values: numbers are never in it, and Python 3 has each byte string of 0 or 1 byte only once. */
const ENCODE = -1;
const BYTES = -2;
const NO_BYTES = -3;

/** A list, tuple or dict that is being written. */
interface Frame {
  readonly container: readonly Picklable[] | ReadonlyMap<Picklable, Picklable>;
  /** Its items; of a dict keys and values in turn. */
  readonly items: readonly Picklable[];
  readonly kind: "list" | "tuple" | "dict";
  /** Which item is next. */
  at: number;
  /** True if the current batch has one item only, and is written without a mark. */
  isSingle: boolean;
}

/** Writes pickles of protocol 1, with the memo exactly as Python 2.7's cPickle or Python 3's _pickle numbers it. */
export class Pickler {
  readonly #dialect: Dialect;
  readonly #out = new PickleWriter();
  readonly #frames: Frame[] = [];
  readonly #memo = new Map<unknown, number>();
  /** The number of places of the memo that are taken. */
  #memoized = 0;
  /** Containers that are in the value more than once; only cPickle wants to know. */
  #shared: ReadonlySet<unknown> = new Set();

  /**
   * Makes a pickler, to be used again and again.
   *
   * @param dialect Which Python's pickles it writes.
   */
  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /**
   * Pickles a value.
   *
   * @returns The pickle; a view that the next call overwrites.
   * @throws {DiscoError} If the value, or one in it, has no counterpart in Python (code `invalid-argument`).
   */
  dump(value: Picklable): Uint8Array<ArrayBuffer> {
    this.#out.clear();
    this.#memo.clear();
    this.#memoized = 0;
    this.#frames.length = 0;
    if (this.#dialect === "py2") this.#shared = sharedContainers(value);
    this.#write(value);
    for (let frame = this.#frames.at(-1); frame !== undefined; frame = this.#frames.at(-1)) {
      if (frame.kind === "tuple") this.#continueTuple(frame);
      else this.#continueBatches(frame);
    }
    this.#out.byte(op.STOP);
    return this.#out.written();
  }

  /** Writes a value; a container that is not empty is only begun, its frame is left on top. */
  #write(value: Picklable): void {
    const out = this.#out;
    if (value === null) out.byte(op.NONE);
    else if (typeof value === "boolean") out.text(value ? "I01\n" : "I00\n");
    else if (typeof value === "number") this.#number(value);
    else if (typeof value === "bigint") this.#integer(value);
    else if (typeof value === "string") this.#text(value, value);
    else if (value instanceof Uint8Array) this.#bytes(value);
    else if (value instanceof Float) out.float(Number(value.value));
    else if (value instanceof Tuple || Array.isArray(value) || value instanceof Map) this.#container(value);
    else throw unsupported(value);
  }

  #number(value: number): void {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) this.#integer(value);
    else this.#out.float(value);
  }

  #integer(value: number | bigint): void {
    if (value >= -0x80000000 && value <= 0x7fffffff) return this.#out.int32(Number(value));
    const isPy2Int = this.#dialect === "py2" && BigInt.asIntN(64, BigInt(value)) === BigInt(value);
    this.#out.text(isPy2Int ? `I${value}\n` : `L${value}L\n`);
  }

  /** Writes text, which shares its place in the memo with equal text; without a key it shares with none. */
  #text(text: string, key: string | undefined): void {
    if (key !== undefined && this.#remembered(key)) return;
    this.#out.unicode(text);
    if (this.#dialect === "py3" || hasTwoCharacters(text)) this.#memoize(key);
  }

  #bytes(bytes: Uint8Array): void {
    if (this.#dialect === "py3") return this.#py3Bytes(bytes);
    if (this.#remembered(bytes)) return;
    this.#out.string(bytes);
    if (bytes.length > 1) this.#memoize(bytes);
  }

  /** Writes bytes as a call of `bytes()` or of `_codecs.encode(text, "latin1")`: a protocol as old as this has no opcode for them. */
  #py3Bytes(bytes: Uint8Array): void {
    const isSmall = bytes.length < 2;
    const key = isSmall ? bytes[0] ?? NO_BYTES : bytes;
    if (this.#remembered(key)) return;
    if (bytes.length === 0) {
      this.#global(BYTES, "c__builtin__\nbytes\n");
      this.#out.byte(op.EMPTY_TUPLE);
    } else {
      this.#global(ENCODE, "c_codecs\nencode\n");
      this.#out.byte(op.MARK);
      const text = decodeLatin1(bytes);
      this.#text(text, isSmall ? text : undefined);
      this.#text("latin1", "latin1");
      this.#out.byte(op.TUPLE);
      this.#memoize(undefined);
    }
    this.#out.byte(op.REDUCE);
    this.#memoize(key);
  }

  #global(key: number, text: string): void {
    if (this.#remembered(key)) return;
    this.#out.text(text);
    this.#memoize(key);
  }

  #container(container: Frame["container"]): void {
    if (this.#remembered(container)) return;
    const isTuple = container instanceof Tuple;
    const items = container instanceof Map ? [...container].flat(1) : container as readonly Picklable[];
    if (isTuple) this.#out.byte(items.length === 0 ? op.EMPTY_TUPLE : op.MARK);
    else {
      this.#out.byte(container instanceof Map ? op.EMPTY_DICT : op.EMPTY_LIST);
      if (items.length > 0 || this.#isHeld(container)) this.#memoize(container);
    }
    if (items.length === 0) return;
    const kind = isTuple ? "tuple" : container instanceof Map ? "dict" : "list";
    this.#frames.push({ container, items, kind, at: 0, isSingle: false });
  }

  /**
   * Tells whether cPickle gives an empty container or a tuple a place in the memo: when something but one tuple or dict holds it, and the
   * loop over a list does.
   */
  #isHeld(container: Frame["container"]): boolean {
    const parent = this.#frames.at(-1)?.kind;
    return this.#dialect === "py3" || parent === undefined || parent === "list" || this.#shared.has(container);
  }

  #continueTuple(frame: Frame): void {
    if (frame.at < frame.items.length) return this.#write(frame.items[frame.at++] as Picklable);
    this.#frames.pop();
    const index = this.#memo.get(frame.container);
    if (index !== undefined) {
      // It is in itself, and was written there.
      this.#out.byte(op.POP_MARK);
      this.#out.get(index);
    } else {
      this.#out.byte(op.TUPLE);
      if (this.#isHeld(frame.container)) this.#memoize(frame.container);
    }
  }

  #continueBatches(frame: Frame): void {
    const { items, kind } = frame;
    const isDict = kind === "dict";
    const batch = isDict ? 2 * BATCH : BATCH;
    const one = isDict ? 2 : 1;
    const isAtEnd = frame.at === items.length;
    if (frame.at > 0 && (isAtEnd || frame.at % batch === 0)) {
      if (isDict) this.#out.byte(frame.isSingle ? op.SETITEM : op.SETITEMS);
      else this.#out.byte(frame.isSingle ? op.APPEND : op.APPENDS);
    }
    if (isAtEnd) {
      this.#frames.pop();
      // Both Pythons look for more after a full batch of a dict, and write the empty one.
      if (isDict && frame.at % batch === 0) this.#out.text("(u");
      return;
    }
    if (frame.at % batch === 0) {
      // cPickle sees a last item that is alone, in lists only; the others see that there is one item in all.
      const isCounted = isDict || this.#dialect === "py3";
      frame.isSingle = (isCounted ? items.length : items.length - frame.at) === one;
      if (!frame.isSingle) this.#out.byte(op.MARK);
    }
    const item = items[frame.at++] as Picklable;
    if (isDict && frame.at % 2 === 1 && !(item instanceof Tuple) && (Array.isArray(item) || item instanceof Map)) {
      throw new DiscoError("A list or a Map cannot be a key of a dict in Python: use a Tuple", {
        code: "invalid-argument",
      });
    }
    this.#write(item);
  }

  #remembered(key: unknown): boolean {
    const index = this.#memo.get(key);
    if (index === undefined) return false;
    this.#out.get(index);
    return true;
  }

  /** Gives what was just written a place in the memo, under a key if it can occur again. */
  #memoize(key: unknown): void {
    const index = this.#dialect === "py2" ? ++this.#memoized : this.#memoized++;
    if (key !== undefined) this.#memo.set(key, index);
    this.#out.put(index);
  }
}

function hasTwoCharacters(text: string): boolean {
  return text.length > 2 || (text.length === 2 && (text.codePointAt(0) ?? 0) <= 0xffff);
}

function unsupported(value: unknown): DiscoError {
  const name = typeof value === "object" ? value?.constructor?.name ?? "object" : typeof value;
  const advice = name === "Object" ? ": use new Map(Object.entries(value))" : ": see Value for what can be";
  return new DiscoError(`A value of type ${name} cannot be pickled${advice}`, { code: "invalid-argument" });
}
