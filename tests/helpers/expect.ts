import { expect as installed } from "@std/expect";

/** Says whether two values are the same; `undefined` where it is not the one to say. */
type EqualityTester = (a: unknown, b: unknown) => boolean | undefined;

/** What can be said of a value: what @std/expect and npm's expect both have, each with the arguments that both take. */
export interface Matchers<Result> {
  toBe(expected: unknown): Result;
  toBeCloseTo(expected: number, digits?: number): Result;
  toBeDefined(): Result;
  toBeFalsy(): Result;
  toBeGreaterThan(expected: number): Result;
  toBeGreaterThanOrEqual(expected: number): Result;
  toBeInstanceOf(expected: abstract new (...args: never[]) => unknown): Result;
  toBeLessThan(expected: number): Result;
  toBeLessThanOrEqual(expected: number): Result;
  toBeNaN(): Result;
  toBeNull(): Result;
  toBeTruthy(): Result;
  toBeUndefined(): Result;
  toContain(expected: unknown): Result;
  toContainEqual(expected: unknown): Result;
  toEqual(expected: unknown): Result;
  toHaveLength(expected: number): Result;
  toHaveProperty(name: string | string[], value?: unknown): Result;
  toMatch(expected: RegExp): Result;
  toMatchObject(expected: Record<PropertyKey, unknown> | Record<PropertyKey, unknown>[]): Result;
  toStrictEqual(expected: unknown): Result;
  // deno-lint-ignore no-explicit-any -- as std has it; with `unknown`, no class fits whose constructor wants a string.
  toThrow(expected?: string | RegExp | (new (...args: any[]) => Error)): Result;
}

/** What can be said, and that it is not so. */
export interface Statements<Result> extends Matchers<Result> {
  not: Matchers<Result>;
}

/** What can be said of a value, or of what a promise comes to. */
export interface Expectation extends Statements<void> {
  rejects: Statements<Promise<void>>;
  resolves: Statements<Promise<void>>;
}

/** Checks values, as in `expect(1 + 1).toBe(2)`. */
export interface Expect {
  (value: unknown): Expectation;
  addEqualityTesters(testers: EqualityTester[]): void;
  any(type: abstract new (...args: never[]) => unknown): unknown;
  anything(): unknown;
  arrayContaining(items: unknown[]): unknown;
  objectContaining(part: Record<string, unknown>): unknown;
  stringContaining(part: string): unknown;
  stringMatching(pattern: RegExp): unknown;
}

/**
 * Checks values, the same whichever library does it: @std/expect from JSR, npm's expect, or Vitest's in browsers and Workers.
 *
 * @example
 * ```ts
 * expect(await blob.bytes()).toEqual(Uint8Array.of(1, 2, 3));
 * ```
 */
export const expect: Expect = installed;

// A library that compares arrays key by key takes minutes for some mebibytes.
expect.addEqualityTesters([sameBytes]);

function sameBytes(a: unknown, b: unknown): boolean | undefined {
  if (!(a instanceof Uint8Array && b instanceof Uint8Array)) return undefined;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
