import { check } from "../check.ts";
import type { DeflateOptions, Level } from "./engine.ts";

/**
 * Gives the level of compression.
 *
 * @throws {DiscoError} If there is no such level (code `invalid-argument`).
 */
export function levelOf(options: DeflateOptions): Level {
  const isValid = (level: Level) => level === 1 || level === 2 || level === 6;
  return check("level", options.level, isValid, "it must be 1, 2 or 6") ?? 1;
}
