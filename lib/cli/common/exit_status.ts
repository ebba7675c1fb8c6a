/** The exit statuses. Scripts rely on them. */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  denied: 4,
  unreachable: 5,
  corrupt: 6,
  interrupted: 130,
} as const;

/** The table that `ddfs help exit-status` prints. */
export const MEANINGS: readonly (readonly [status: number, meaning: string])[] = [
  [EXIT.ok, "done"],
  [EXIT.failed, "false, no match, a difference, or a failure that is not below"],
  [EXIT.usage, "the command was not understood: nothing was sent"],
  [EXIT.notFound, "a tag, an attribute, a blob or a file does not exist"],
  [EXIT.denied, "unauthorized or forbidden: the token is missing or wrong"],
  [EXIT.unreachable, "unreachable, timed out, or too few replicas: another try may help"],
  [EXIT.corrupt, "stored data is corrupt"],
  [EXIT.interrupted, "interrupted"],
];

/** The statuses of the library's errors by their codes; any other code is a failure. */
const BY_CODE: Readonly<Record<string, number>> = {
  "invalid-tag": EXIT.usage,
  "invalid-name": EXIT.usage,
  "invalid-url": EXIT.usage,
  "invalid-argument": EXIT.usage,
  "not-found": EXIT.notFound,
  "unauthorized": EXIT.denied,
  "forbidden": EXIT.denied,
  "unreachable": EXIT.unreachable,
  "timeout": EXIT.unreachable,
  "too-few-replicas": EXIT.unreachable,
  "corrupt-hunk": EXIT.corrupt,
  "invalid-pickle": EXIT.corrupt,
};

/** An error of this command itself. */
export class CommandError extends Error {
  override name = "CommandError";
  /** The exit status. */
  readonly status: number;

  constructor(message: string, status: number = EXIT.failed) {
    super(message);
    this.status = status;
  }
}

/** The error of a command that was not understood. */
export function usage(message: string): CommandError {
  return new CommandError(message, EXIT.usage);
}

/** The program was asked to end. */
export class Interrupted extends CommandError {
  override name = "Interrupted";

  constructor() {
    super("interrupted", EXIT.interrupted);
  }
}

/** Finds the exit status for an error: its own, or what its code says. */
export function statusOf(error: unknown): number {
  if (error instanceof CommandError) return error.status;
  const { code = "", status = 0, cause } = Object(error) as { code?: string; status?: number; cause?: unknown };
  if (code === "server-error" && [502, 503, 504].includes(status)) return EXIT.unreachable;
  if (code === "ENOENT" || code === "source-failed" && Object(cause).code === "ENOENT") return EXIT.notFound;
  return BY_CODE[code] ?? EXIT.failed;
}
