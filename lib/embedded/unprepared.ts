import { DiscoError } from "../errors.ts";

/** Too much would have to be looked at at once: the change is to be prepared. */
export class Unprepared extends DiscoError {
  /** Makes the error, which nobody outside is told. */
  constructor() {
    super("More is to be looked at", { code: "server-error" });
  }
}
