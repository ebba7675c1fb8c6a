// Loaded when one of them is called: what few pages do is not in the bundle of each.

export { collect } from "./gc.ts";
export { verifyTag } from "./verify.ts";
