export type { Dialect } from "../codec/engine.ts";
