import { DiscoError } from "../../errors.ts";
import * as op from "./opcodes.ts";
import { PickleReader } from "./reader.ts";
import { PickleStack } from "./stack.ts";
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

/**
 * Reads pickles that lie back to back, one at a time; it keeps its own stack, so that depth costs memory in proportion to the pickle only.
 *
 * @see https://github.com/python/cpython/blob/v2.7.18/Lib/pickletools.py
 */
export class Unpickler {
  readonly #in: PickleReader;
  readonly #stack: PickleStack;
  /** The position of the current opcode, for errors. */
  #opcodeAt = 0;
  /** Tells whether a pickle is read in part. */
  #isOpen = false;

  /**
   * Makes a reader of pickles.
   *
   * @param bytes The pickles; byte strings that are read are views of this memory.
   * @param mostMemory The bytes of memory that their values may take, all together; past it they are refused.
   */
  constructor(bytes: Uint8Array<ArrayBuffer>, mostMemory: number = Infinity) {
    const error = (problem: string) => this.#error(problem);
    this.#in = new PickleReader(bytes, error);
    this.#stack = new PickleStack(mostMemory, error);
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
      this.#stack.clear();
      this.#isOpen = true;
    }
    for (let left = opcodes; left > 0; left--) {
      this.#opcodeAt = this.#in.at;
      const opcode = this.#in.byte();
      if (opcode === op.STOP) {
        this.#isOpen = false;
        return this.#stack.result();
      }
      this.#execute(opcode);
    }
    return undefined;
  }

  #execute(opcode: number): void {
    const source = this.#in;
    const stack = this.#stack;
    switch (opcode) {
      case op.SHORT_BINSTRING:
        return stack.pushView(source.bytes(source.byte()));
      case op.BINSTRING:
        return stack.pushView(source.bytes(source.uint32()));
      case op.BINUNICODE:
        return stack.push(
          decodeUtf8(stack.spendText(source.bytes(source.uint32()))) ?? this.#fail("its text is not UTF-8"),
        );
      case op.BINPUT:
        return stack.put(source.byte());
      case op.LONG_BINPUT:
        return stack.put(source.uint32());
      case op.PUT:
        return stack.put(source.index());
      case op.BINGET:
        return stack.get(source.byte());
      case op.LONG_BINGET:
        return stack.get(source.uint32());
      case op.GET:
        return stack.get(source.index());
      case op.MARK:
        return stack.mark();
      case op.BININT1:
        return stack.push(source.byte());
      case op.BININT2:
        return stack.push(source.uint16());
      case op.BININT:
        return stack.push(source.uint32() | 0);
      case op.INT:
        return stack.push(source.intLine());
      case op.LONG:
        return stack.push(source.longLine());
      case op.LONG1:
        return stack.push(source.long(source.byte()));
      case op.LONG4:
        return stack.push(source.long(source.uint32()));
      case op.BINFLOAT:
        return stack.push(source.float64());
      case op.FLOAT:
        return stack.push(source.floatLine());
      case op.NONE:
        return stack.push(null);
      case op.NEWTRUE:
        return stack.push(true);
      case op.NEWFALSE:
        return stack.push(false);
      case op.STRING:
        return stack.push(
          decodeStringLiteral(stack.spendText(source.line())) ??
            this.#fail("its string is not in quotes, or has a broken escape"),
        );
      case op.UNICODE:
        return stack.push(
          decodeRawUnicode(stack.spendText(source.line())) ?? this.#fail("its text has a broken escape"),
        );
      case op.EMPTY_TUPLE:
        return stack.pushTuple([]);
      case op.TUPLE:
        return stack.pushTuple(stack.popMarked());
      case op.TUPLE1:
        return stack.pushTuple(stack.popValues(1));
      case op.TUPLE2:
        return stack.pushTuple(stack.popValues(2));
      case op.TUPLE3:
        return stack.pushTuple(stack.popValues(3));
      case op.EMPTY_LIST:
        return stack.pushList([]);
      case op.LIST:
        return stack.pushList(stack.popMarked());
      case op.APPEND:
        return stack.append(stack.popValues(1));
      case op.APPENDS:
        return stack.append(stack.popMarked());
      case op.EMPTY_DICT:
        return stack.pushDict();
      case op.DICT: {
        const items = stack.popMarked();
        stack.pushDict();
        return stack.set(items);
      }
      case op.SETITEM:
        return stack.set(stack.popValues(2));
      case op.SETITEMS:
        return stack.set(stack.popMarked());
      case op.POP:
        return stack.drop();
      case op.POP_MARK:
        return stack.dropMarked();
      case op.DUP:
        return stack.push(stack.top());
      case op.GLOBAL:
        return stack.push(this.#global());
      case op.REDUCE:
        return stack.push(this.#call());
      case op.PROTO: {
        const version = source.byte();
        if (version > 2) throw this.#error(`pickle protocol ${version} is not supported: 0, 1 and 2 are`);
        return;
      }
      default:
        throw this.#error(op.refusal(opcode));
    }
  }

  #global(): symbol {
    const name = `${this.#in.textLine()} ${this.#in.textLine()}`;
    return GLOBALS[name] ?? this.#fail(
      `opcode GLOBAL names ${
        JSON.stringify(name)
      }: only "_codecs encode" and "__builtin__ bytes" are known, and nothing is imported`,
    );
  }

  #call(): Uint8Array<ArrayBuffer> {
    const args = this.#stack.popValue();
    const callee = this.#stack.pop();
    if (args instanceof Tuple) {
      const [text, encoding] = args;
      if (callee === BYTES && args.length === 0) return new Uint8Array();
      if (callee === ENCODE && args.length === 2 && typeof text === "string" && encoding === "latin1") {
        this.#stack.spendBytes(text.length);
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
