import { DataError, DiscoError } from "../../lib/errors.ts";
import { type ChunkRecordsOptions, records } from "../../lib/records/mod.ts";
import { all } from "./bytes.ts";
import { expect } from "./expect.ts";

/** The typed error that a function throws; anything else it does fails the test. */
export function thrownBy(work: () => unknown): DiscoError {
  let result: unknown;
  try {
    result = work();
  } catch (error) {
    if (error instanceof DiscoError) return error;
    throw error;
  }
  throw new Error(`No error, but ${String(result)}`);
}

/** The error that a promise is rejected with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<unknown> {
  let result: unknown;
  try {
    result = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`No error, but ${String(result)}`);
}

/** The error that a promise is rejected with; nothing when it is not. */
export async function outcomeOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The error of reading a chunk that is corrupt. */
export async function corruptionOf(chunk: Uint8Array, options: ChunkRecordsOptions = {}): Promise<DataError> {
  const error = await rejectionOf(all(records(chunk, options)));
  expect(error).toBeInstanceOf(DataError);
  expect((error as DataError).code).toBe("corrupt-hunk");
  return error as DataError;
}
