/** workerd's stream of a known size: without it, an answer with a stream goes out without a Content-Length. */
declare const FixedLengthStream: new (size: number) => TransformStream<Uint8Array, Uint8Array>;

/**
 * Makes workerd send the Content-Length that an answer has.
 *
 * @returns The same answer, sent with its size.
 */
export function sized(response: Response): Response {
  const size = response.headers.get("content-length");
  if (size === null || response.body === null) return response;
  return new Response(response.body.pipeThrough(new FixedLengthStream(Number(size))), response);
}
