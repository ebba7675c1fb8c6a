/**
 * A record, or what is in one: Python's values as they are read.
 *
 * | Python | read as | written from |
 * |---|---|---|
 * | `None` | `null` | `null` |
 * | `bool` | `boolean` | `boolean` |
 * | `int`, `long` | `number`, past ±(2^53 - 1) `bigint` | a whole `number` within ±(2^53 - 1), `bigint` |
 * | `float` | `number` | any other `number` (`1.5`, `-0`, `NaN`, `1e300`); a whole one as {@linkcode Float} |
 * | `str` of Python 2, `bytes` of Python 3 | `Uint8Array` | `Uint8Array` |
 * | `unicode` of Python 2, `str` of Python 3 | `string`, lone surrogates included | `string` |
 * | `tuple` | {@linkcode Tuple} | {@linkcode Tuple} |
 * | `list` | `Array` | any other array |
 * | `dict` | `Map`, in order | `Map` |
 *
 * A value that occurs in several places, or in itself, is the same object in each of them. A `Map` finds text and numbers as keys, but byte
 * strings and tuples only by the very object.
 */
export type Value =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array<ArrayBuffer>
  | Tuple
  | Value[]
  | Map<Value, Value>;

/** A value that can be written as a record: each {@linkcode Value}, and whole numbers as floats. */
export type Picklable =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Float
  | readonly Picklable[]
  | ReadonlyMap<Picklable, Picklable>;

/**
 * A Python tuple: an array by another name, so that it is written as a tuple again.
 *
 * Make one with `Tuple.of(...)`. What its methods return (`map`, `slice`) is a plain array.
 *
 * @example A key and its value
 * ```ts
 * import { dumps, loads, Tuple } from "@ddfs/client/records";
 * import { expect } from "@std/expect";
 *
 * const record = loads(dumps(Tuple.of("answer", 42)));
 * expect(record).toBeInstanceOf(Tuple);
 * const [key, value] = record as Tuple;
 * expect([key, value]).toEqual(["answer", 42]);
 * ```
 */
export class Tuple<T = Value> extends Array<T> {
  /**
   * Makes a tuple.
   *
   * @param items What is in it.
   * @returns The tuple.
   */
  static override of<T extends unknown[]>(...items: T): Tuple<T[number]> {
    return super.of(...items) as Tuple<T[number]>;
  }

  /** Gives the class of the arrays that a tuple's methods make. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

/**
 * A whole number that is to be written as a Python float; it reads back as a plain number.
 *
 * @example
 * ```ts
 * import { dumps, Float, loads } from "@ddfs/client/records";
 * import { expect } from "@std/expect";
 *
 * const pickle = dumps(new Float(1));
 * expect(pickle[0]).toBe("G".charCodeAt(0));
 * expect(loads(pickle)).toBe(1);
 * ```
 */
export class Float {
  /** The number. */
  readonly value: number;

  /** Marks a number as a float. */
  constructor(value: number) {
    this.value = value;
  }
}
