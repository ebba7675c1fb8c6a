import { CommError, DataError, type ErrorCode } from "../errors.ts";

/**
 * Says an error in other words, for who called.
 *
 * @param message What is said in place of its message.
 * @param code The new code; its own by default.
 * @returns An error of the same kind, about the same resource.
 */
export function reworded(cause: CommError, message: string, code?: ErrorCode): CommError;
export function reworded(cause: DataError, message: string, code?: ErrorCode): DataError;
export function reworded(cause: DataError, message: string, code: ErrorCode = cause.code): DataError {
  const options = { ...cause, code, cause };
  const error = cause instanceof CommError ? new CommError(message, options) : new DataError(message, options);
  const { leftBehind, unconfirmed } = cause;
  return Object.assign(error, leftBehind && { leftBehind }, unconfirmed && { unconfirmed });
}
