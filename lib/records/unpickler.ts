import { DiscoError } from "../errors.ts";
import * as op from "./opcodes.ts";
import { PickleReader } from "./pickle_reader.ts";
import { decodeRawUnicode, decodeStringLiteral, decodeUtf8, encodeLatin1 } from "./text.ts";
import { Tuple, type Value } from "./value.ts";

/** The two callables that Python 3 needs for its bytes, by the names they have in pickles. */
const ENCODE = Symbol("_codecs.encode");
const BYTES = Symbol("__builtin__.bytes");
const GLOBALS: Readonly<Record<string, symbol>> = {
  "_codecs encode": ENCODE,
  "__builtin__ bytes": BYTES,
  "builtins bytes": BYTES,
};

/** The bytes of memory that values may take by default: 256 MiB. */
export const MAX_MEMORY: number = 1 << 28;

/** Bytes that a value takes in memory, roughly, beside what it holds: an array, a view, a Map, a character. */
const ARRAY = 64;
const VIEW = 128;
const MAP = 256;
const ENTRY = 64;
const SLOT = 8;

/** An entry of the stack: a value, or a callable until it is called. */
type Item = Value | symbol;

/**
 * Reads pickles that lie back to back, one at a time; it keeps its own stack, so that depth costs memory in proportion to the pickle only.
 *
 * @see https://github.com/python/cpython/blob/v2.7.18/Lib/pickletools.py
 */
export class Unpickler {
  readonly #in: PickleReader;
  readonly #stack: Item[] = [];
  /** The place on the stack of each open mark. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, Item>();
  /** The position of the current opcode, for errors. */
  #opcodeAt = 0;
  /** Tells whether a pickle is read in part. */
  #isOpen = false;
  readonly #mostMemory: number;
  /** Bytes of memory that values may still take. */
  #memory: number;

  /**
   * Makes a reader of pickles.
   *
   * @param bytes The pickles; byte strings that are read are views of this memory.
   * @param mostMemory The bytes of memory that their values may take, all together; past it they are refused.
   */
  constructor(bytes: Uint8Array<ArrayBuffer>, mostMemory: number = Infinity) {
    this.#mostMemory = mostMemory;
    this.#memory = mostMemory;
    this.#in = new PickleReader(bytes, (problem) => this.#error(problem));
  }

  /** Gives the byte at which the next pickle begins. */
  get offset(): number {
    return this.#in.at;
  }

  /**
   * Reads the next pickle.
   *
   * @returns Its value.
   * @throws {DiscoError} If it is not valid, cut short, or refers to anything outside of it (code `invalid-pickle`).
   */
  next(): Value {
    for (;;) {
      const value = this.advance(Infinity);
      if (value !== undefined) return value;
    }
  }

  /**
   * Reads a part of the next pickle, so that other work can have its turn between the parts of a long one.
   *
   * @param opcodes The most opcodes that are read.
   * @returns The value once the pickle is read; `undefined` before.
   * @throws {DiscoError} As {@linkcode next} does.
   */
  advance(opcodes: number): Value | undefined {
    if (!this.#isOpen) {
      this.#stack.length = 0;
      this.#marks.length = 0;
      this.#memo.clear();
      this.#isOpen = true;
    }
    for (let left = opcodes; left > 0; left--) {
      this.#opcodeAt = this.#in.at;
      const opcode = this.#in.byte();
      if (opcode === op.STOP) {
        this.#isOpen = false;
        const value = this.#popValue();
        if (this.#stack.length > 0) throw this.#error("the pickle ends with more than one value");
        return value;
      }
      this.#execute(opcode);
    }
    return undefined;
  }

  #execute(opcode: number): void {
    const source = this.#in;
    switch (opcode) {
      case op.SHORT_BINSTRING:
        return this.#pushBytes(source.bytes(source.byte()));
      case op.BINSTRING:
        return this.#pushBytes(source.bytes(source.uint32()));
      case op.BINUNICODE:
        return this.#push(
          decodeUtf8(this.#spending(source.bytes(source.uint32()))) ?? this.#fail("its text is not UTF-8"),
        );
      case op.BINPUT:
        return this.#put(source.byte());
      case op.LONG_BINPUT:
        return this.#put(source.uint32());
      case op.PUT:
        return this.#put(source.index());
      case op.BINGET:
        return this.#get(source.byte());
      case op.LONG_BINGET:
        return this.#get(source.uint32());
      case op.GET:
        return this.#get(source.index());
      case op.MARK:
        this.#marks.push(this.#stack.length);
        return;
      case op.BININT1:
        return this.#push(source.byte());
      case op.BININT2:
        return this.#push(source.uint16());
      case op.BININT:
        return this.#push(source.uint32() | 0);
      case op.INT:
        return this.#push(source.intLine());
      case op.LONG:
        return this.#push(source.longLine());
      case op.LONG1:
        return this.#push(source.long(source.byte()));
      case op.LONG4:
        return this.#push(source.long(source.uint32()));
      case op.BINFLOAT:
        return this.#push(source.float64());
      case op.FLOAT:
        return this.#push(source.floatLine());
      case op.NONE:
        return this.#push(null);
      case op.NEWTRUE:
        return this.#push(true);
      case op.NEWFALSE:
        return this.#push(false);
      case op.STRING:
        return this.#push(
          decodeStringLiteral(this.#spending(source.line())) ??
            this.#fail("its string is not in quotes, or has a broken escape"),
        );
      case op.UNICODE:
        return this.#push(
          decodeRawUnicode(this.#spending(source.line())) ?? this.#fail("its text has a broken escape"),
        );
      case op.EMPTY_TUPLE:
        return this.#push(this.#tuple([]));
      case op.TUPLE:
        return this.#push(this.#tuple(this.#popMarked()));
      case op.TUPLE1:
        return this.#push(this.#tuple(this.#popValues(1)));
      case op.TUPLE2:
        return this.#push(this.#tuple(this.#popValues(2)));
      case op.TUPLE3:
        return this.#push(this.#tuple(this.#popValues(3)));
      case op.EMPTY_LIST:
        return this.#push(this.#list([]));
      case op.LIST:
        return this.#push(this.#list(this.#popMarked()));
      case op.APPEND:
        return this.#append(this.#popValues(1));
      case op.APPENDS:
        return this.#append(this.#popMarked());
      case op.EMPTY_DICT:
        return this.#push(this.#dict());
      case op.DICT: {
        const items = this.#popMarked();
        this.#push(this.#dict());
        return this.#set(items);
      }
      case op.SETITEM:
        return this.#set(this.#popValues(2));
      case op.SETITEMS:
        return this.#set(this.#popMarked());
      case op.POP:
        return this.#discard();
      case op.POP_MARK:
        this.#stack.length = this.#popMark();
        return;
      case op.DUP:
        return this.#push(this.#top());
      case op.GLOBAL:
        return this.#push(this.#global());
      case op.REDUCE:
        return this.#push(this.#call());
      case op.PROTO: {
        const version = source.byte();
        if (version > 2) throw this.#error(`pickle protocol ${version} is not supported: 0, 1 and 2 are`);
        return;
      }
      default:
        throw this.#error(op.refusal(opcode));
    }
  }

  #push(item: Item): void {
    // The stack itself takes a few bytes for each byte of the pickle, at most: it is not counted.
    this.#stack.push(item);
  }

  #pushBytes(bytes: Uint8Array<ArrayBuffer>): void {
    this.#spend(VIEW);
    this.#stack.push(bytes);
  }

  /** Counts memory that is about to be taken. */
  #spend(bytes: number): void {
    this.#memory -= bytes;
    if (this.#memory < 0) {
      throw this.#error(`its values take more than ${this.#mostMemory} bytes of memory, the most that is accepted`);
    }
  }

  /** Counts the memory of what bytes are decoded to. */
  #spending(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    this.#spend(ARRAY + 2 * bytes.length);
    return bytes;
  }

  #list(items: Value[]): Value[] {
    this.#spend(ARRAY + SLOT * items.length);
    return items;
  }

  #dict(): Map<Value, Value> {
    this.#spend(MAP);
    return new Map();
  }

  #tuple(items: Value[]): Tuple {
    this.#list(items);
    const made = new Tuple<Value>(items.length);
    for (let i = 0; i < items.length; i++) made[i] = items[i] as Value;
    return made;
  }

  /** Gives the value on top of the stack; values below the last mark cannot be reached. */
  #top(): Item {
    const { length } = this.#stack;
    const item = this.#stack[length - 1];
    if (item === undefined || length <= (this.#marks.at(-1) ?? 0)) {
      throw this.#error("there is no value where one is due");
    }
    return item;
  }

  #pop(): Item {
    const item = this.#top();
    this.#stack.pop();
    return item;
  }

  #popValue(): Value {
    return this.#value(this.#pop());
  }

  #popValues(count: number): Value[] {
    if (this.#stack.length - (this.#marks.at(-1) ?? 0) < count) {
      throw this.#error(`there are no ${count} values where they are due`);
    }
    return this.#values(this.#stack.splice(-count));
  }

  #popMark(): number {
    return this.#marks.pop() ?? this.#fail("there is no mark where one is due");
  }

  #popMarked(): Value[] {
    return this.#values(this.#stack.splice(this.#popMark()));
  }

  /** POP takes a mark too, when that is what is on top. */
  #discard(): void {
    if (this.#stack.length === this.#marks.at(-1)) this.#marks.pop();
    else this.#pop();
  }

  #value(item: Item): Value {
    if (typeof item === "symbol") throw this.#error(`the function ${item.description} is no value`);
    return item;
  }

  #values(items: Item[]): Value[] {
    for (const item of items) this.#value(item);
    return items as Value[];
  }

  #put(index: number): void {
    this.#spend(ENTRY);
    this.#memo.set(index, this.#top());
  }

  #get(index: number): void {
    this.#push(this.#memo.get(index) ?? this.#missing(index));
  }

  /** `null` is the one value that `??` takes for a missing one. */
  #missing(index: number): null {
    return this.#memo.has(index) ? null : this.#fail(`it takes value ${index} from the memo, where none is`);
  }

  #append(items: Value[]): void {
    const list = this.#top();
    if (!Array.isArray(list) || list instanceof Tuple) throw this.#error("it appends to what is no list");
    this.#spend(SLOT * items.length);
    for (const item of items) list.push(item);
  }

  #set(items: Value[]): void {
    const map = this.#top();
    if (!(map instanceof Map)) throw this.#error("it sets an item of what is no dict");
    if (items.length % 2 !== 0) throw this.#error("it sets a key without a value");
    this.#spend(ENTRY * items.length);
    for (let i = 0; i < items.length; i += 2) map.set(items[i] as Value, items[i + 1] as Value);
  }

  #global(): symbol {
    const name = `${this.#in.textLine()} ${this.#in.textLine()}`;
    return GLOBALS[name] ?? this.#fail(
      `opcode GLOBAL names ${
        JSON.stringify(name)
      }: only "_codecs encode" and "__builtin__ bytes" are known, and nothing is imported`,
    );
  }

  #call(): Value {
    const args = this.#popValue();
    const callee = this.#pop();
    if (args instanceof Tuple) {
      const [text, encoding] = args;
      if (callee === BYTES && args.length === 0) return new Uint8Array();
      if (callee === ENCODE && args.length === 2 && typeof text === "string" && encoding === "latin1") {
        this.#spend(VIEW + text.length);
        return encodeLatin1(text) ?? this.#fail("its text is not Latin-1");
      }
    }
    throw this.#error(
      'opcode REDUCE makes a call other than _codecs.encode(text, "latin1") or bytes(): nothing is called',
    );
  }

  #fail(problem: string): never {
    throw this.#error(problem);
  }

  #error(problem: string): DiscoError {
    return new DiscoError(`Invalid pickle at offset ${this.#opcodeAt}: ${problem}`, { code: "invalid-pickle" });
  }
}
