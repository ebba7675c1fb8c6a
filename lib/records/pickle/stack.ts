import type { DiscoError } from "../../errors.ts";
import { Tuple, type Value } from "./value.ts";

/** Bytes that a value takes in memory, roughly, beside what it holds: an array, a view, a Map, an entry of the memo or of a Map, a slot. */
const ARRAY = 64;
const VIEW = 128;
const MAP = 256;
const ENTRY = 64;
const SLOT = 8;

/** An entry of the stack: a value, or a callable until it is called. */
export type Item = Value | symbol;

/** The stack, the marks and the memo that a pickle's opcodes work on; counts the memory that its values take. */
export class PickleStack {
  readonly #items: Item[] = [];
  /** The place on the stack of each open mark. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, Item>();
  readonly #mostMemory: number;
  /** Bytes of memory that values may still take. */
  #memory: number;
  readonly #error: (problem: string) => DiscoError;

  /**
   * Makes an empty stack.
   *
   * @param mostMemory The bytes of memory that values may take, all together; past it they are refused.
   * @param error Makes the error for a problem.
   */
  constructor(mostMemory: number, error: (problem: string) => DiscoError) {
    this.#mostMemory = mostMemory;
    this.#memory = mostMemory;
    this.#error = error;
  }

  /** Forgets the pickle before; the memory that its values took stays counted. */
  clear(): void {
    this.#items.length = 0;
    this.#marks.length = 0;
    this.#memo.clear();
  }

  /** Gives the one value that is left where a pickle ends. */
  result(): Value {
    const value = this.popValue();
    if (this.#items.length > 0) throw this.#error("the pickle ends with more than one value");
    return value;
  }

  /** Counts the memory of what bytes are decoded to. */
  spendText(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
    this.#spend(ARRAY + 2 * bytes.length);
    return bytes;
  }

  /** Counts the memory of a byte string that is about to be made. */
  spendBytes(length: number): void {
    this.#spend(VIEW + length);
  }

  /** Puts an item on top. The stack itself takes a few bytes for each byte of the pickle, at most: it is not counted. */
  push(item: Item): void {
    this.#items.push(item);
  }

  /** Puts a byte string on top that is a view of the pickle. */
  pushView(bytes: Uint8Array<ArrayBuffer>): void {
    this.#spend(VIEW);
    this.#items.push(bytes);
  }

  /** Puts a list on top. */
  pushList(items: Value[]): void {
    this.#spend(ARRAY + SLOT * items.length);
    this.#items.push(items);
  }

  /** Puts a tuple on top. */
  pushTuple(items: readonly Value[]): void {
    this.#spend(ARRAY + SLOT * items.length);
    const made = new Tuple<Value>(items.length);
    for (let i = 0; i < items.length; i++) made[i] = items[i] as Value;
    this.#items.push(made);
  }

  /** Puts an empty dict on top. */
  pushDict(): void {
    this.#spend(MAP);
    this.#items.push(new Map());
  }

  /** Gives the item on top; those below the last mark cannot be reached. */
  top(): Item {
    const { length } = this.#items;
    const item = this.#items[length - 1];
    if (item === undefined || length <= (this.#marks.at(-1) ?? 0)) {
      throw this.#error("there is no value where one is due");
    }
    return item;
  }

  /** Takes the item on top. */
  pop(): Item {
    const item = this.top();
    this.#items.pop();
    return item;
  }

  /** Takes the value on top. */
  popValue(): Value {
    return this.#value(this.pop());
  }

  /** Takes as many values as are wanted, the last one from the top. */
  popValues(count: number): Value[] {
    if (this.#items.length - (this.#marks.at(-1) ?? 0) < count) {
      throw this.#error(`there are no ${count} values where they are due`);
    }
    return this.#values(this.#items.splice(-count));
  }

  /** Opens a mark. */
  mark(): void {
    this.#marks.push(this.#items.length);
  }

  /** Takes all values above the last mark, and the mark. */
  popMarked(): Value[] {
    return this.#values(this.#items.splice(this.#popMark()));
  }

  /** Drops all items above the last mark, and the mark. */
  dropMarked(): void {
    this.#items.length = this.#popMark();
  }

  /** Drops what is on top, which may be a mark. */
  drop(): void {
    if (this.#items.length === this.#marks.at(-1)) this.#marks.pop();
    else this.pop();
  }

  /** Remembers the item on top. */
  put(index: number): void {
    this.#spend(ENTRY);
    this.#memo.set(index, this.top());
  }

  /** Puts an item on top that was remembered. */
  get(index: number): void {
    const item = this.#memo.get(index);
    if (item === undefined) throw this.#error(`it takes value ${index} from the memo, where none is`);
    this.#items.push(item);
  }

  /** Appends values to the list on top. */
  append(items: readonly Value[]): void {
    const list = this.top();
    if (!Array.isArray(list) || list instanceof Tuple) throw this.#error("it appends to what is no list");
    this.#spend(SLOT * items.length);
    for (const item of items) list.push(item);
  }

  /** Sets items of the dict on top: keys and values in turn. */
  set(items: readonly Value[]): void {
    const map = this.top();
    if (!(map instanceof Map)) throw this.#error("it sets an item of what is no dict");
    if (items.length % 2 !== 0) throw this.#error("it sets a key without a value");
    this.#spend(ENTRY * items.length);
    for (let i = 0; i < items.length; i += 2) map.set(items[i] as Value, items[i + 1] as Value);
  }

  #spend(bytes: number): void {
    this.#memory -= bytes;
    if (this.#memory < 0) {
      throw this.#error(`its values take more than ${this.#mostMemory} bytes of memory, the most that is accepted`);
    }
  }

  #popMark(): number {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#error("there is no mark where one is due");
    return mark;
  }

  #value(item: Item): Value {
    if (typeof item === "symbol") throw this.#error(`the function ${item.description} is no value`);
    return item;
  }

  #values(items: Item[]): Value[] {
    for (const item of items) this.#value(item);
    return items as Value[];
  }
}
