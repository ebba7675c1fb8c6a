// Why data is refused: the numbers of wasm/failure.ts, and one more.
export const HEADER = 1;
export const CUT_SHORT = 2;
export const BLOCK_TYPE = 3;
export const STORED_LENGTH = 4;
export const CODE_LENGTHS = 5;
export const CODE = 6;
export const DISTANCE = 7;
export const TOO_MUCH = 8;
export const MEMORY = 9;
export const CHECKSUM = 10;
export const MORE_BYTES = 11;
/** Its CRC-32 is not the one of its hunk's header. */
export const WRONG_CRC32 = 12;
