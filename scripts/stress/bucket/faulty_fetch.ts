import type { Random } from "../chaos/random.ts";

/** The share of the PUTs of tags that a fault hits. */
export interface FetchFaults {
  /** The store is asked too often, and says so (503). */
  readonly busy?: number;
  /** The PUT is made, and its answer lost. */
  readonly lost?: number;
  /** The PUT seems lost, and arrives up to half a second later. */
  readonly late?: number;
  /** A lost race (412) is answered by 500, as Ceph does now and then. */
  readonly vague?: number;
}

/** Makes a `fetch` to an S3 store with faults. */
export function faultyFetch(random: Random, faults: FetchFaults): (request: Request) => Promise<Response> {
  const { busy = 0, lost = 0, late = 0, vague = 0 } = faults;
  return async (request) => {
    if (request.method !== "PUT" || !request.url.includes("/tag/")) return await fetch(request);
    const dice = random.next();
    if (dice < busy) return failed(503, "SlowDown");
    if (dice < busy + late) {
      const copy = request.clone();
      setTimeout(() => void fetch(copy).then((response) => response.body?.cancel(), () => {}), random.below(500));
      throw new TypeError("connection reset by the test");
    }
    const response = await fetch(request);
    if (dice < busy + late + lost || (response.status === 412 && random.next() < vague)) {
      await response.body?.cancel();
      if (response.status === 412) return failed(500, "UnknownError");
      throw new TypeError("connection reset by the test");
    }
    return response;
  };
}

function failed(status: number, code: string): Response {
  const xml = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`;
  return new Response(xml, { status, headers: { "Content-Type": "application/xml" } });
}
