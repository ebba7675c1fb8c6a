/** What can happen to a request. */
export const FAULTS = [
  "refused",
  "reset before",
  "reset during",
  "reset after",
  "never answers",
  "late",
  "slow first byte",
  "stall",
  "trickle",
  "truncated",
  "404",
  "403 busy",
  "500",
  "503",
  "503 Retry-After",
  "flipped byte",
  "wrong length",
  "redirect loop",
] as const;

/** One of {@linkcode FAULTS}. */
export type Fault = typeof FAULTS[number];

/** Milliseconds until a slow first byte comes: more than the client's `hedgeAfter`, less than its `timeout`. */
export const SLOW = 150;

/** How a body trickles: so many bytes, and so many milliseconds to the next ones. Each part comes in time, and all of them more slowly than is waited for. */
export const TRICKLE = { bytes: 80, milliseconds: 100 } as const;

/** Milliseconds after which a request that nobody waits for any longer is carried out. */
export const LATE = 700;

/** The status, text and headers of the faults that are answers. */
export const ANSWERS: Partial<Record<Fault, { status: number; text: string; headers?: Record<string, string> }>> = {
  "404": { status: 404, text: "Object Not Found" },
  "403 busy": { status: 403, text: "Disco node is busy" },
  "500": { status: 500, text: "Internal error" },
  "503": { status: 503, text: "Temporary server error. Try again." },
  "503 Retry-After": { status: 503, text: "Temporary server error. Try again.", headers: { "retry-after": "1" } },
};

/** Turns one bit in the middle. */
export function flip(body: Uint8Array): void {
  const middle = body.length >> 1;
  body[middle] = (body[middle] ?? 0) ^ 0x80;
}

/** Which requests a fault is for. */
export type Target = "tag" | "write" | "read";

/** What a request is, as far as faults are concerned. */
export function targetOf(method: string, path: string): Target | undefined {
  if (path.startsWith("/ddfs/tag")) return "tag";
  if (method === "PUT") return "write";
  return path.includes("/blob/") ? "read" : undefined;
}

/** How far a fault reaches: one request to the master or one node; or everything. */
export const REACHES = ["one", "all"] as const;

/** One of {@linkcode REACHES}. */
export type Reach = typeof REACHES[number];

/** Decides which requests get a fault; for `one` the first that is asked, and, where it is a node, whatever it is asked. */
export function aim(
  fault: Fault,
  target: Target,
  reach: Reach,
): (method: string, host: string, path: string) => Fault | undefined {
  let victim: string | undefined;
  let hits = 0;
  return (method, host, path) => {
    if (targetOf(method, path) !== target) return undefined;
    victim ??= host;
    hits++;
    const isHit = reach === "all" || (target === "tag" ? hits === 1 : host === victim);
    return isHit ? fault : undefined;
  };
}
