import type { OptionKind } from "../../check.ts";

/** The folder of a bucket that gets everything; it may be none, and may end with a slash. */
export const PREFIX: OptionKind = ['it must be a path like "ddfs" or "a/b"', isPrefix];

function isPrefix(value: unknown): boolean {
  if (typeof value !== "string") return false;
  const folder = value.replace(/\/$/, "");
  return folder === "" || folder.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
