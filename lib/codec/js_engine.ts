import { BareJsEngine } from "./bare_js_engine.ts";
import { writeHeader } from "./hunk.ts";
import { refusal } from "./refusal.ts";

/** The engine that runs everywhere, for who loads it with all that it needs. */
export class JsEngine extends BareJsEngine {
  /** Makes one. */
  constructor() {
    super({ refusal, writeHeader });
  }
}
