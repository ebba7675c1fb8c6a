/** A message of the frame in which code runs. */
export type Said =
  /** The frame waits for code. */
  | { readonly kind: "ready" }
  /** A line that the code prints, or an error that it ends with. */
  | { readonly kind: "log" | "error"; readonly text: string }
  /** The code has ended. */
  | { readonly kind: "done"; readonly milliseconds: number };
