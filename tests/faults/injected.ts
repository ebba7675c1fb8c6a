import type { Clock } from "../../lib/base/clock.ts";
import { ANSWERS, type Fault, flip, LATE, SLOW, TRICKLE } from "./faults.ts";

type Fetch = (request: Request) => Promise<Response>;

/** A fetch with faults, which does not look at signals. */
export function faultyFetch(fetch: Fetch, clock: Clock, decide: (request: Request) => Fault | undefined): Fetch {
  return async (request) => {
    const fault = decide(request);
    if (fault === undefined) return await fetch(request);
    const answer = ANSWERS[fault];
    if (answer !== undefined) {
      return new Response(answer.text, { status: answer.status, headers: answer.headers ?? {} });
    }
    switch (fault) {
      case "refused":
        throw new TypeError("connection refused");
      case "reset before":
        throw new TypeError("connection reset");
      case "reset during":
        await request.body?.getReader().read();
        throw new TypeError("connection reset");
      case "never answers":
        return await new Promise(() => {});
      case "late": {
        const { url, method, headers } = request;
        const body = method === "GET" || method === "HEAD" ? null : await request.arrayBuffer();
        // A copy, as its signal ends the request of a client that gives up.
        clock.after(LATE, () => void fetch(new Request(url, { method, headers, body })));
        return await new Promise(() => {});
      }
      case "redirect loop":
        return new Response(null, { status: 302, headers: { location: request.url } });
      case "slow first byte":
        await new Promise<void>((resolve) => clock.after(SLOW, resolve));
        return await fetch(request);
    }
    const response = await fetch(request);
    if (fault === "reset after") throw new TypeError("connection reset");
    const { status } = response;
    const body = new Uint8Array(await response.arrayBuffer());
    const headers = new Headers(response.headers);
    headers.set("content-length", String(body.length + (fault === "wrong length" ? 7 : 0)));
    if (fault === "flipped byte") flip(body);
    if (fault === "trickle") return new Response(trickling(body, clock), { status, headers });
    if (fault !== "stall" && fault !== "truncated") return new Response(body, { status, headers });
    return new Response(broken(body.subarray(0, body.length >> 1), fault === "stall"), { status, headers });
  };
}

/** A body that comes slowly. */
function trickling(bytes: Uint8Array<ArrayBuffer>, clock: Clock): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      await new Promise<void>((resolve) => clock.after(TRICKLE.milliseconds, resolve));
      if (at === bytes.length) return controller.close();
      const part = bytes.slice(at, at + TRICKLE.bytes);
      at += part.length;
      controller.enqueue(part);
    },
  }, { highWaterMark: 0 });
}

/** A body that gives some bytes, and then stalls, or ends as if that were all. */
function broken(bytes: Uint8Array<ArrayBuffer>, isStalled: boolean): ReadableStream<Uint8Array<ArrayBuffer>> {
  let sent = false;
  return new ReadableStream({
    pull(controller) {
      if (!sent) {
        sent = true;
        controller.enqueue(bytes);
      } else if (isStalled) return new Promise(() => {});
      else controller.close();
    },
  }, { highWaterMark: 0 });
}
