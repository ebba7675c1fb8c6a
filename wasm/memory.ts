// Where everything is. No managed object exists: all state that outlives a call is here, and no call depends on an earlier one.
//
//         0 ┌────────────────────────────┐
//           │ deflate: static tables     │ tables.ts
//           │ counts, lengths, codes     │ huffman.ts, blocks.ts, tokens.ts
//   0x03000 ├────────────────────────────┤
//           │ inflate: decoding tables   │ decode_tables.ts, block_codes.ts
//   0x08000 ├────────────────────────────┤
//           │ checksum: tables, folds    │ checksum.ts
//   0x10000 ├────────────────────────────┤
//           │ deflate: tokens of a block │ matches.ts
//           │ inflate: table of literals │ decode_tables.ts, join_codes.ts
//   0x78000 ├────────────────────────────┤
//           │ hash table, or rows        │ matches.ts, rows.ts
//   0xb8000 ├────────────────────────────┤
//           │ codes of two literals      │ tokens.ts
//           │ 96 bytes or more: nothing  │ the host puts strings of records there that it read where HEAP begins
//  0x100000 ├────────────────────────────┤
//           │ HEAP: input, output        │ the host, which keeps SLACK bytes of zeros after each input
//           │ of the call under way      │
//       end └────────────────────────────┘

/** Where memory for the host begins, a multiple of the window size, as {@link matches} needs for its input. */
export const HEAP: usize = 0x100000;

/** Bytes after an input that may be read, and must be zero for an output that depends on the input alone. */
export const SLACK: usize = 64;

// Checksums
export const CRC_TABLES: usize = 0x8000; // 8 x 256 u32
export const CRC_FOLDS: usize = CRC_TABLES + 0x2000; // what was folded: 4032 bytes of the past, 16384 of the present
export const CRC_TAIL: usize = CRC_FOLDS + 0x5000; // 4096 bytes

// All symbols are in one row: 288 of literals and lengths, 32 of distances, 20 of the precode. What there is by symbol is in its order.
export const DISTANCE: u32 = 288;
export const PRECODE: u32 = 320;
export const SYMBOLS: u32 = 340;

// What the code names most often comes first: a small address takes a byte less.
export const BUCKETS: usize = 0x100; // u32, 256

// Static
export const LENGTH_SYMBOL: usize = BUCKETS + 256 * 4; // u8 by match length, 0 to 258
export const DISTANCE_SYMBOL: usize = LENGTH_SYMBOL + 272; // u8, 256 by distance, 256 by distance / 128
export const FIXED_LENGTHS: usize = DISTANCE_SYMBOL + 512; // u8 by symbol: the lengths of the fixed codes

// Deflate: of a block. The counts are cleared together.
export const COUNTS: usize = FIXED_LENGTHS + SYMBOLS; // u32 by symbol
export const LENGTH_COUNTS: usize = COUNTS + SYMBOLS * 4; // u32 by match length, 0 to 258
export const COUNTS_END: usize = LENGTH_COUNTS + 260 * 4;
export const LENGTHS: usize = COUNTS_END; // u8 by symbol
export const EXTRA: usize = LENGTHS + SYMBOLS; // u8 by symbol: its extra bits (static)
export const CODES: usize = EXTRA + SYMBOLS; // u32 by symbol
export const LENGTH_CODES: usize = CODES + SYMBOLS * 4; // u32 by match length, 0 to 258
export const PRECODE_ITEMS: usize = LENGTH_CODES + 260 * 4; // u16, 320
export const SORTED: usize = PRECODE_ITEMS + 320 * 2; // u32, 288
export const SORTING: usize = SORTED + 288 * 4; // u32, 288
export const DISTANCE_CODES: usize = SORTING + 288 * 4; // u64 by distance symbol, 31

export const NONES: usize = (DISTANCE_CODES + 31 * 8 + 15) & ~15; // u16, 8 (static)
export const PAIR_FACTORS: usize = NONES + 16; // u16, 8 (static)
export const PAIR_PLACES: usize = PAIR_FACTORS + 16; // u32, 4 (static)

export const BACKS: usize = PAIR_PLACES + 16; // u32, 4: how far back the addresses are that a step compares, the last one first
export const POSITION: usize = BACKS + 16; // u64: where the output goes on

// Inflate
export const DISTANCE_TABLE: usize = 0x3000; // u32, 256 and the tables below it: 402 at most
export const PRECODE_TABLE: usize = DISTANCE_TABLE + 416 * 4; // u32, 128
export const CODE_LENGTHS: usize = PRECODE_TABLE + 128 * 4; // u8, 320 and what a repeat may write past them
export const LENGTH_SORT: usize = CODE_LENGTHS + 480; // u16, 320
export const LENGTH_TALLY: usize = LENGTH_SORT + 320 * 2; // u32, 16 counts, 16 places
export const ENTRIES: usize = LENGTH_TALLY + 32 * 4; // u32 by symbol, without the precode's
export const CLASSES: usize = (ENTRIES + 320 * 4 + 15) & ~15; // by class: u16 base, u16 mask, u8 literals, u8 mask of the length
export const REPEATS: usize = CLASSES + 64 * 8; // 16 bytes by distance, 0 to 15
export const LITERAL_TABLE: usize = 0x10000; // u32, 4096 and the tables below it: less than 4672. Where deflate has its tokens
export const SECONDS: usize = LITERAL_TABLE + 0x4c00; // u32, 2048
export const TABLES_END: usize = SECONDS + 2048 * 4;

// Codes of two literals: u32, 257 by the first of 257 by the second.
export const PAIRS: usize = 0xb8000;

// Matches
export const SHORT_HEADS: usize = 0x6000; // u16, 4096
export const TOKENS: usize = 0x10000; // 16 bytes each
export const TOKENS_END: usize = TOKENS + 0x67000; // and what comes after the last one
export const HASH_TABLE: usize = 0x78000; // u16, 65536
// In place of the hash table, where rows are searched:
export const ROWS: usize = HASH_TABLE; // 128 bytes, 1024
export const HEADS: usize = 0x98000; // u16, 65536

/**
 * Makes sure that memory reaches to an address.
 *
 * @returns Whether it does; the host may have no more.
 */
export function reserve(end: u64): bool {
  const pages = <i64>((end + 0xffff) >> 16) - <i64>memory.size();
  return pages <= 0 || (pages <= 0x10000 && memory.grow(<i32>pages) >= 0);
}

// Where the code is hot, loads and stores end 16 bytes after the address that they name: V8, which checks each of them in Deno, then has one limit for all.
export const REACH4: usize = 16 - 4;
export const REACH8: usize = 16 - 8;

/** The u32 at a place in a list of them. */
// @ts-ignore: decorator
@inline
export function word(words: usize, i: u32): u32 {
  return load<u32>(words + (i << 2));
}

// @ts-ignore: decorator
@inline
export function increment(counter: usize): void {
  store<u32>(counter, load<u32>(counter) + 1);
}

/** Adds to a counter, whose address is given less {@link REACH4}. */
// @ts-ignore: decorator
@inline
export function add(counter: usize, count: u32): void {
  store<u32>(counter, load<u32>(counter, REACH4) + count, REACH4);
}
