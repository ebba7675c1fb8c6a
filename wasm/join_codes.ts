import { SHORT } from "./copies";
import {
  AFTER_LITERAL,
  CLASS,
  CODE_BITS,
  CODE_BITS_MASK,
  DISTANCE_TABLE_BITS,
  FIRST,
  nextCode,
  ONE_LITERAL,
  SECOND,
  SPECIAL,
  TWO_LITERALS,
} from "./decode_tables";
import { DISTANCE_TABLE, EXTRA, LENGTH_SORT, LENGTH_TALLY, LITERAL_TABLE, SECONDS, word } from "./memory";
import { END_OF_BLOCK, FIRST_LENGTH } from "./tables";

/** How much of all codes is of literals, in 256ths: about how many symbols are. */
export let literalShare: u32 = 0;

/**
 * Joins entries whose codes fit the table together: a length and a distance, then two literals, or a literal and a match. One look-up
 * instead of two or three, and what comes next is not guessed.
 *
 * The tables of distances and, after that, of literals and lengths have just been built.
 */
export function joinEntries(tableBits: u32): void {
  joinLengths(tableBits);
  collectSeconds(tableBits);
  joinLiterals(tableBits);
}

/** Joins lengths with the distances that fit after them: what was a length alone becomes a match. */
function joinLengths(tableBits: u32): void {
  collectDistances();
  let i = word(LENGTH_TALLY, 0);
  let code: u32 = 0;
  for (let bits: u32 = 1; bits < tableBits - 1; bits++) {
    for (let left = word(LENGTH_TALLY, bits); left > 0; left--) {
      const symbol: u32 = load<u16>(LENGTH_SORT + (i++ << 1));
      const place = LITERAL_TABLE + (code << 2);
      code = nextCode(code, bits);
      if (symbol < FIRST_LENGTH) continue;
      const extra: u32 = load<u8>(EXTRA + symbol);
      const taken = bits + extra;
      if (taken > tableBits - 2) continue;
      const base = load<u32>(place) >>> FIRST;
      for (let value: u32 = 0; value >>> extra == 0 && base + value <= SHORT; value++) {
        const length = ((base + value) << SECOND) | (taken << CODE_BITS) | taken;
        join(place + (value << (bits + 2)), length, taken, tableBits, (4 << DISTANCE_TABLE_BITS) - 1);
      }
    }
  }
}

/** Prepares each distance to come after a length, four at a time. */
function collectDistances(): void {
  const never = i32x4.splat(CODE_BITS_MASK);
  for (let at: usize = 0; at < 4 << DISTANCE_TABLE_BITS; at += 16) {
    const entry = v128.load(at, DISTANCE_TABLE);
    v128.store(at, v128.bitselect(never, entry, i32x4.shr_s(i32x4.shl(entry, 26), 31)), SECONDS);
  }
}

/** Joins a code with the seconds that fit after it, four at a time. */
function join(place: usize, first: u32, bits: u32, tableBits: u32, mask: usize): void {
  const longest = i32x4.splat((tableBits - bits + 2) << CODE_BITS);
  const seconds: usize = 4 << (tableBits - bits);
  const step: usize = 4 << bits;
  const firsts = i32x4.splat(first);
  const alone = v128.load32_splat(place);
  for (let at: usize = 0; at < seconds; at += 16) {
    const second = v128.load(at & mask, SECONDS);
    const fits = i32x4.le_s(v128.and(second, i32x4.splat(CODE_BITS_MASK)), longest);
    const joined = v128.bitselect(i32x4.add(second, firsts), alone, fits);
    v128.store_lane<u32>(place, joined, 0);
    place += step;
    v128.store_lane<u32>(place, joined, 1);
    place += step;
    v128.store_lane<u32>(place, joined, 2);
    place += step;
    v128.store_lane<u32>(place, joined, 3);
    place += step;
  }
}

/** Prepares each entry to come after a literal, four at a time. */
function collectSeconds(tableBits: u32): void {
  const end: usize = 2 << tableBits;
  const never = i32x4.splat(CODE_BITS_MASK);
  for (let at: usize = 0; at < end; at += 16) {
    const entry = v128.load(at, LITERAL_TABLE);
    const kind = v128.and(entry, i32x4.splat(63 << CLASS));
    const taken = v128.and(entry, i32x4.splat((1 << CLASS) - 1));
    const literal = v128.or(i32x4.shl(i32x4.shr_u(entry, FIRST), SECOND), i32x4.add(taken, i32x4.splat(TWO_LITERALS << CLASS)));
    const match = i32x4.add(entry, i32x4.splat(AFTER_LITERAL << CLASS));
    const joined = v128.bitselect(literal, match, i32x4.eq(kind, i32x4.splat(ONE_LITERAL << CLASS)));
    const special = i32x4.shr_s(i32x4.shl(entry, 26), 31);
    v128.store(at, v128.bitselect(never, joined, special), SECONDS);
  }
}

/** Joins literals with what fits after them. */
function joinLiterals(tableBits: u32): void {
  let i = word(LENGTH_TALLY, 0);
  let code: u32 = 0;
  let literals: u32 = 0;
  for (let bits: u32 = 1; bits < tableBits - 1; bits++) {
    for (let left = word(LENGTH_TALLY, bits); left > 0; left--) {
      const symbol: u32 = load<u16>(LENGTH_SORT + (i++ << 1));
      if (symbol < END_OF_BLOCK) {
        literals += (1 << 15) >>> bits;
        join(LITERAL_TABLE + (code << 2), (symbol << FIRST) | (bits << CODE_BITS) | bits, bits, tableBits, -1);
      }
      code = nextCode(code, bits);
    }
  }
  literalShare = literals >>> 7;
}
