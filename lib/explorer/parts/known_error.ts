import type { ErrorCode } from "../../client/reader.ts";

/** The known parts of an error: those of the library have a code. */
export interface Known {
  readonly message: string;
  readonly code?: ErrorCode;
}

/** Gives what an error says, whatever was thrown. */
export function known(error: unknown): Known {
  return error instanceof Error ? error : { message: String(error) };
}
