import { word } from "./memory";

/**
 * Finds the records that have a text in them.
 *
 * @param data The records, one right after the other, with SLACK bytes after them.
 * @param offsets Where each record begins, and the last one ends, as a u32 relative to `data`: one more than there are records.
 * @param text The text, of at least one byte.
 * @param to Where the numbers of the records go, each as a u32, in order.
 * @returns How many there are.
 */
export function findText(data: usize, size: usize, offsets: usize, text: usize, length: usize, to: usize): u32 {
  const begin = to;
  const end = data + size;
  const first = i8x16.splat(load<u8>(text));
  const last = i8x16.splat(load<u8>(text + length - 1));
  let record: u32 = 0;
  // The end of the last record that was found.
  let done: u32 = 0;
  let p = data;
  while (p < end) {
    // Places that have both the first and the last byte of the text: few have.
    let places: u32 = 0;
    for (; p < end; p += 16) {
      const both = v128.and(i8x16.eq(v128.load(p), first), i8x16.eq(v128.load(p + length - 1), last));
      if (v128.any_true(both)) {
        places = i8x16.bitmask(both);
        break;
      }
    }
    for (; places; places &= places - 1) {
      const place = p + ctz(places);
      const at = <u32>(place - data);
      if (at < done || place + length > end) continue;
      let i: usize = 1;
      while (i < length && load<u8>(place + i) == load<u8>(text + i)) i++;
      if (i < length) continue;
      while (word(offsets, record + 1) <= at) record++;
      // What lies across two records is in neither.
      const next = word(offsets, record + 1);
      if (next < at + <u32>length) continue;
      done = next;
      store<u32>(to, record);
      to += 4;
    }
    p += 16;
  }
  return <u32>((to - begin) >>> 2);
}
