/** The opcodes of pickle protocols 0, 1 and 2 that are understood. */
export const MARK = 0x28; // (
export const EMPTY_TUPLE = 0x29; // )
export const STOP = 0x2e; // .
export const POP = 0x30; // 0
export const POP_MARK = 0x31; // 1
export const DUP = 0x32; // 2
export const FLOAT = 0x46; // F
export const BINFLOAT = 0x47; // G
export const INT = 0x49; // I
export const BININT = 0x4a; // J
export const BININT1 = 0x4b; // K
export const LONG = 0x4c; // L
export const BININT2 = 0x4d; // M
export const NONE = 0x4e; // N
export const REDUCE = 0x52; // R
export const STRING = 0x53; // S
export const BINSTRING = 0x54; // T
export const SHORT_BINSTRING = 0x55; // U
export const UNICODE = 0x56; // V
export const BINUNICODE = 0x58; // X
export const EMPTY_LIST = 0x5d; // ]
export const APPEND = 0x61; // a
export const GLOBAL = 0x63; // c
export const DICT = 0x64; // d
export const APPENDS = 0x65; // e
export const GET = 0x67; // g
export const BINGET = 0x68; // h
export const LONG_BINGET = 0x6a; // j
export const LIST = 0x6c; // l
export const PUT = 0x70; // p
export const BINPUT = 0x71; // q
export const LONG_BINPUT = 0x72; // r
export const SETITEM = 0x73; // s
export const TUPLE = 0x74; // t
export const SETITEMS = 0x75; // u
export const EMPTY_DICT = 0x7d; // }
export const PROTO = 0x80;
export const TUPLE1 = 0x85;
export const TUPLE2 = 0x86;
export const TUPLE3 = 0x87;
export const NEWTRUE = 0x88;
export const NEWFALSE = 0x89;
export const LONG1 = 0x8a;
export const LONG4 = 0x8b;

/** Opcodes of these protocols that import, call or refer to something outside of the pickle, and are refused. */
const REFUSED: Readonly<Record<number, string>> = {
  0x50: "PERSID",
  0x51: "BINPERSID",
  0x62: "BUILD",
  0x69: "INST",
  0x6f: "OBJ",
  0x81: "NEWOBJ",
  0x82: "EXT1",
  0x83: "EXT2",
  0x84: "EXT4",
};

/**
 * Says why an opcode is not understood.
 *
 * @param opcode A byte that is none of the opcodes above.
 * @returns A part of a sentence, with the opcode's name where it has one.
 */
export function refusal(opcode: number): string {
  const name = REFUSED[opcode];
  return name === undefined
    ? `opcode 0x${opcode.toString(16).padStart(2, "0")} is not one of pickle protocols 0, 1 and 2`
    : `opcode ${name} is refused: it refers to something outside of the pickle, and nothing is imported or called`;
}
