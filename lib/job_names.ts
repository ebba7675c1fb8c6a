import { checkText } from "./check.ts";

/**
 * Gives the name that Disco has for the blob of a file of a job.
 *
 * @param job The job's name.
 * @param file The file's name.
 * @returns The name; a valid one if both are.
 * @throws {DiscoError} If it is no text (code `invalid-argument`).
 *
 * @example
 * ```ts
 * import { jobBlob } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * expect(jobBlob("Count@1", "map")).toBe("disco:blob:Count@1:map");
 * ```
 */
export function jobBlob(job: string, file: string): string {
  return `disco:blob:${checkText("job", job)}:${checkText("file", file)}`;
}

/**
 * Gives the tag that Disco keeps a job's out-of-band data in.
 *
 * @param job The job's name.
 * @returns The tag.
 * @throws {DiscoError} If it is no text (code `invalid-argument`).
 *
 * @example
 * ```ts
 * import { jobOob } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * expect(jobOob("Count@1")).toBe("disco:job:oob:Count@1");
 * ```
 */
export function jobOob(job: string): string {
  return `disco:job:oob:${checkText("job", job)}`;
}

/**
 * Gives the tag that Disco keeps a job's results in. What the original calls `save` is a push() to it.
 *
 * @param job The job's name.
 * @returns The tag.
 * @throws {DiscoError} If it is no text (code `invalid-argument`).
 *
 * @example
 * ```ts
 * import { jobTag } from "@ddfs/client";
 * import { expect } from "@std/expect";
 *
 * expect(jobTag("Count@1")).toBe("disco:job:results:Count@1");
 * ```
 */
export function jobTag(job: string): string {
  return `disco:job:results:${checkText("job", job)}`;
}
