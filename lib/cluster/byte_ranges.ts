import type { Answer, Call } from "../http/call.ts";
import { requestError } from "../http/error_answer.ts";
import { asksBeforeHeaders } from "../runtime/host.ts";

/**
 * Makes the headers that ask for a part of a resource.
 *
 * @param url The URL that is asked.
 * @param start The first byte, counted from 0.
 * @param end One past the last byte; `undefined` for the whole rest.
 * @param version The version that the bytes are to be of, as If-Range has it: of another one the server gives the whole.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#name-range-requests RFC 9110: Range Requests}
 */
export function rangeHeaders(
  url: URL,
  start: number,
  end: number | undefined,
  version: string | undefined,
): Record<string, string> {
  const isPart = start > 0 || end !== undefined;
  // Many servers do not allow pages of other origins to send If-Range.
  const isBound = version !== undefined && !asksBeforeHeaders(url.href);
  return {
    ...isPart && { range: `bytes=${start}-${end === undefined ? "" : end - 1}` },
    ...isBound && { "if-range": version },
  };
}

/**
 * Leaves out the bytes before those that were asked for, as a server that knows no ranges gives the whole.
 *
 * @param call The request, the first byte that was asked for, and whether there must be something before that.
 * @throws {CommError} If the answer begins later (code `bad-answer`); it is ended then.
 */
export function partFrom(
  answer: Answer,
  call: Pick<Call, "method" | "url"> & { readonly start: number; readonly isLater?: boolean | undefined },
): Answer {
  const { start: wanted, isLater } = call;
  const { start, status } = answer;
  if (start === wanted) return answer;
  if (!(start < wanted)) {
    answer.end();
    const got = start > wanted ? `byte ${start}` : `bytes of an unknown place (${status})`;
    throw requestError(call, `asked for byte ${wanted}, got ${got}`, "bad-answer", { status });
  }
  let left = wanted - start;
  const read = async () => {
    const part = await answer.read();
    if (part === undefined && left > 0 && isLater) {
      throw requestError(call, `asked for byte ${wanted}, got ${wanted - left} bytes`, "bad-answer", { status });
    }
    const fresh = part?.subarray(left);
    left = Math.max(0, left - (part?.length ?? 0));
    return fresh;
  };
  return { ...answer, start: wanted, read };
}
