// What workerd has in place of threads.ts: nothing can start a thread there.
import { DiscoError } from "../errors.ts";

/** No threads. */
export class Threads {
  /**
   * Starts none.
   *
   * @throws {DiscoError} Always (code `unsupported`).
   */
  constructor() {
    throw new DiscoError("Workers of Cloudflare start no threads", { code: "unsupported" });
  }
}
