// Where everything is. No managed object exists: all state that outlives a call is here, and no call depends on an earlier one.
//
//         0 ┌────────────────────────────┐
//           │ checksum: tables, folds    │ checksum.ts
//   0x06000 ├────────────────────────────┤
//           │ deflate: static tables     │ tables.ts
//           │ counts, lengths, codes     │ huffman.ts, blocks.ts, tokens.ts
//   0x09000 ├────────────────────────────┤
//           │ inflate: decoding tables   │ decode_tables.ts, block_codes.ts
//   0x10000 ├────────────────────────────┤
//           │ tokens of a block          │ matches.ts
//   0x30000 ├────────────────────────────┤
//           │ hash table                 │ matches.ts
//   0x50000 ├────────────────────────────┤
//           │ HEAP: input, output        │ the host, which keeps SLACK bytes of zeros after each input
//           │ of the call under way      │
//       end └────────────────────────────┘

/** Where memory for the host begins, a multiple of the window size, as {@link matches} needs for its input. */
export const HEAP: usize = 0x50000;

/** Bytes after an input that may be read, and must be zero for an output that depends on the input alone. */
export const SLACK: usize = 64;

// Checksums
export const CRC_TABLES: usize = 0x400; // 8 x 256 u32
export const CRC_FOLDS: usize = CRC_TABLES + 0x2000; // what was folded: 4032 bytes of the past, 4096 of the present
export const CRC_TAIL: usize = CRC_FOLDS + 0x2000; // 4096 bytes

// Deflate: static
export const LENGTH_SYMBOL: usize = 0x6000; // u8 by match length, 0 to 258
export const LENGTH_EXTRA: usize = LENGTH_SYMBOL + 272; // u8 by length symbol, 0 to 28
export const DISTANCE_SYMBOL: usize = LENGTH_EXTRA + 32; // u8, 256 by distance, 256 by distance / 128

// Deflate: of a block. The counts are cleared together.
export const LITERAL_COUNTS: usize = DISTANCE_SYMBOL + 512; // u32 by literal/length symbol, 288
export const LENGTH_COUNTS: usize = LITERAL_COUNTS + 288 * 4; // u32 by match length, 0 to 258
export const DISTANCE_COUNTS: usize = LENGTH_COUNTS + 260 * 4; // u32 by distance symbol, 32
export const COUNTS_END: usize = DISTANCE_COUNTS + 32 * 4;
export const PRECODE_COUNTS: usize = COUNTS_END; // u32, 20
export const LITERAL_LENGTHS: usize = PRECODE_COUNTS + 20 * 4; // u8, 288
export const DISTANCE_LENGTHS: usize = LITERAL_LENGTHS + 288; // u8, 32
export const PRECODE_LENGTHS: usize = DISTANCE_LENGTHS + 32; // u8, 32
export const LITERAL_CODES: usize = PRECODE_LENGTHS + 32; // u32, 288
export const DISTANCE_CODES: usize = LITERAL_CODES + 288 * 4; // u32, 32
export const PRECODE_CODES: usize = DISTANCE_CODES + 32 * 4; // u32, 20
export const LENGTH_CODES: usize = PRECODE_CODES + 20 * 4; // u32 by match length, 0 to 258
export const PRECODE_ITEMS: usize = LENGTH_CODES + 260 * 4; // u16, 320
export const SORTED: usize = PRECODE_ITEMS + 320 * 2; // u32, 288
export const SORTING: usize = SORTED + 288 * 4; // u32, 288
export const BUCKETS: usize = SORTING + 288 * 4; // u32, 256

// Inflate
export const LITERAL_TABLE: usize = 0x9000; // u32, 1024 and the tables below it: 1334 at most
export const DISTANCE_TABLE: usize = LITERAL_TABLE + 2352 * 4; // u32, 256 and the tables below it: 402 at most
export const PRECODE_TABLE: usize = DISTANCE_TABLE + 416 * 4; // u32, 128
export const CODE_LENGTHS: usize = PRECODE_TABLE + 128 * 4; // u8, 320 and what a repeat may write past them
export const LENGTH_SORT: usize = CODE_LENGTHS + 464; // u16, 320
export const LENGTH_TALLY: usize = LENGTH_SORT + 320 * 2; // u32, 16 counts, 16 places
export const LITERAL_ENTRIES: usize = LENGTH_TALLY + 32 * 4; // u32 by literal/length symbol, 288
export const DISTANCE_ENTRIES: usize = LITERAL_ENTRIES + 288 * 4; // u32 by distance symbol, 32
export const REPEATS: usize = (DISTANCE_ENTRIES + 32 * 4 + 15) & ~15; // 16 bytes by distance, 0 to 15

// Matches
export const TOKENS: usize = 0x10000; // u64, 16384
export const HASH_TABLE: usize = 0x30000; // u32, 32768

/**
 * Makes sure that memory reaches to an address.
 *
 * @returns Whether it does; the host may have no more.
 */
export function reserve(end: u64): bool {
  const pages = <i64>((end + 0xffff) >> 16) - <i64>memory.size();
  return pages <= 0 || (pages <= 0x10000 && memory.grow(<i32>pages) >= 0);
}

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
