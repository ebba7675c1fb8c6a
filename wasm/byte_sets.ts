// A module of its own: what looks for records by sets of bytes. Only `grep()` loads it.
//
//         0 ┌────────────────────────────┐
//           │ kinds by low half, by high │ 16 bytes each, the host
//        32 │ steps                      │ the host: two bytes each
//    0x0400 ├────────────────────────────┤
//           │ HEAP: records, their       │ the host, which keeps 64 bytes of zeros after the records
//           │ offsets, what is found     │
//       end └────────────────────────────┘

/** Where the host's memory begins. */
export const heap: usize = 0x400;

const STEPS: usize = 32;
/** A row of sets has at most 8 of them, so that the first 56 of 64 places are known. */
const STEP: usize = 56;
/** Added to the number of a record that has to be tested. */
const UNSURE: u32 = 0x80000000;
const NEWLINE: u8 = 10;
const RETURN: u8 = 13;

/**
 * Finds the records that may have one of some rows of sets in them.
 *
 * Each byte has up to eight kinds: those that both its halves have. A step is a byte of kinds, which make a set, and a byte of distances at which a byte
 * of that set has to be; a step without kinds ends a row.
 *
 * @param data The records, one right after the other.
 * @param offsets Where each record begins, and the last one ends, as a u32 relative to `data`: one more than there are records.
 * @param steps How many steps there are.
 * @param least The size of the shortest row.
 * @param most That of the longest one, if rows of ASCII need no test; else 0.
 * @param limit The most records to be tested.
 * @param to Where the numbers of the records go, each as a u32, in order.
 * @returns How many there are; -1 if too many would have to be tested.
 */
export function findSets(data: usize, size: usize, offsets: usize, steps: usize, least: u32, most: u32, limit: u32, to: usize): i32 {
  const begin = to;
  const end = data + size;
  const stepsEnd = STEPS + 2 * steps;
  const low = v128.load(0);
  const high = v128.load(16);
  let record: u32 = 0;
  // The end of the last record that was found, and that of the last one that has to be tested.
  let done: u32 = 0;
  let tested: u32 = 0;
  // The rest of a record that was found is passed over.
  for (let p = data; p < end; p = max(p + STEP, data + done)) {
    const b0 = v128.load(p);
    const b1 = v128.load(p, 16);
    const b2 = v128.load(p, 32);
    const b3 = v128.load(p, 48);
    const k0 = kinds(b0, low, high);
    const k1 = kinds(b1, low, high);
    const k2 = kinds(b2, low, high);
    const k3 = kinds(b3, low, high);
    let places: u64 = 0;
    let row: u64 = -1;
    for (let step = STEPS; step < stepsEnd; step += 2) {
      const set = load<u8>(step);
      if (!set) {
        places |= row;
        row = -1;
      } else if (row) {
        const wanted = i8x16.splat(set);
        const some = others(k0, wanted) | (others(k1, wanted) << 16) | (others(k2, wanted) << 32) | (others(k3, wanted) << 48);
        for (let distances: u32 = load<u8>(step, 1); distances; distances &= distances - 1) row &= ~some >> ctz(distances);
      }
    }
    places &= (<u64>1 << STEP) - 1;
    if (!places) continue;
    const isSure = most && !i8x16.bitmask(v128.or(v128.or(b0, b1), v128.or(b2, b3)));
    const base = <u32>(p - data);
    while (places) {
      const at = base + <u32>ctz(places);
      places &= places - 1;
      if (at + least > <u32>size) break;
      while (load<u32>(offsets + ((record + 1) << 2)) <= at) record++;
      const next = load<u32>(offsets + ((record + 1) << 2));
      // What lies across two records is in neither.
      if (next < at + least) continue;
      const needsTest = !isSure || at + most > lineEnd(data, load<u32>(offsets + (record << 2)), next);
      if (tested == next) {
        if (needsTest) continue;
        to -= 4;
        limit++;
      }
      if (needsTest) {
        if (!limit) return -1;
        limit--;
        tested = next;
      }
      store<u32>(to, needsTest ? record | UNSURE : record);
      to += 4;
      if (needsTest && most) continue;
      done = next;
      places = done - base < 64 ? places & (<u64>-1 << (done - base)) : 0;
    }
  }
  return <i32>((to - begin) >>> 2);
}

/** The kinds of 16 bytes. */
// @ts-ignore: decorator
@inline
function kinds(bytes: v128, low: v128, high: v128): v128 {
  return v128.and(i8x16.swizzle(low, v128.and(bytes, i8x16.splat(15))), i8x16.swizzle(high, i8x16.shr_u(bytes, 4)));
}

/** The places of 16 that are not of a set. */
// @ts-ignore: decorator
@inline
function others(kinds: v128, set: v128): u64 {
  return <u64>i8x16.bitmask(i8x16.eq(v128.and(kinds, set), i8x16.splat(0)));
}

/** Where a record ends, its line end left out. */
function lineEnd(data: usize, start: u32, end: u32): u32 {
  if (end == start || load<u8>(data + end - 1) != NEWLINE) return end;
  return end - 1 > start && load<u8>(data + end - 2) == RETURN ? end - 2 : end - 1;
}
