// The input that is not taken yet begins with the lowest `bitCount` bits of `bits`. Bits above them may be set already, to what
// they will be. It is read up to SLACK bytes past its end; that too much was taken is found out now and then.

/** How far past its end input is looked at, before it is known to be cut short: bits that are not taken yet. */
export const OVERREAD: usize = 8;

/** Where the input goes on after `bits`. */
export let input: usize = 0;
/** Where it ends. */
export let inputEnd: usize = 0;
export let bits: u64 = 0;
export let bitCount: u32 = 0;

/** Begins to read bits from `from` on. */
export function beginBits(from: usize, end: usize): void {
  inputEnd = end;
  continueBits(from, 0, 0);
}

/** Goes on from a state that was kept elsewhere. */
export function continueBits(from: usize, left: u64, count: u32): void {
  input = from;
  bits = left;
  bitCount = count;
}

/** Makes sure that at least 56 bits can be taken. */
export function refill(): void {
  bits |= load<u64>(input) << bitCount;
  input += (63 - bitCount) >>> 3;
  bitCount |= 56;
}

/** Takes up to 32 bits. */
export function take(count: u32): u32 {
  const taken = <u32>bits & ((1 << count) - 1);
  bits >>>= count;
  bitCount -= count;
  return taken;
}

/** Goes on at the next whole byte of the input, and some bytes after it. */
export function skipBytes(count: usize): void {
  continueBits(input - (bitCount >>> 3) + count, 0, 0);
}

/** Whether more was taken than there is. */
export function isCutShort(): bool {
  return input > inputEnd + OVERREAD;
}
