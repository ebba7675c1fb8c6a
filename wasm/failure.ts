/** Why a stream was refused; the host has a sentence for each. */
export namespace Failure {
  export const NONE: u32 = 0;
  export const HEADER: u32 = 1;
  export const CUT_SHORT: u32 = 2;
  export const BLOCK_TYPE: u32 = 3;
  export const STORED_LENGTH: u32 = 4;
  export const CODE_LENGTHS: u32 = 5;
  export const CODE: u32 = 6;
  export const DISTANCE: u32 = 7;
  export const TOO_MUCH: u32 = 8;
  export const MEMORY: u32 = 9;
  export const CHECKSUM: u32 = 10;
  export const MORE_BYTES: u32 = 11;
}

/** Why the last stream was refused. */
export let failure: u32 = Failure.NONE;

/** Forgets the failure of another stream. */
export function clearFailure(): void {
  failure = Failure.NONE;
}

/** Notes why a stream is refused; returns 0, for who has nothing else to return. */
export function fail(reason: u32): u32 {
  failure = reason;
  return 0;
}
