// What workerd asks of the cache behind `caches.default`: GET with `cf-cache-status` in the answer, and PUT of whole answers.

/** Makes a cache in memory, to be served over HTTP. */
export function memoryCache(): {
  readonly fetch: (request: Request) => Promise<Response>;
  /** How many answers it gave. */
  readonly hits: () => number;
  /** How many answers it keeps. */
  readonly size: () => number;
} {
  const kept = new Map<string, { readonly headers: Headers; readonly body: Uint8Array<ArrayBuffer> }>();
  let hits = 0;
  return {
    hits: () => hits,
    size: () => kept.size,
    async fetch(request) {
      if (request.method === "PUT") {
        kept.set(request.url, parsed(new Uint8Array(await request.arrayBuffer())));
        return new Response(null, { status: 204 });
      }
      const found = kept.get(request.url);
      if (found === undefined) return new Response(null, { status: 504, headers: { "cf-cache-status": "MISS" } });
      hits++;
      const headers = new Headers([...found.headers, ["cf-cache-status", "HIT"]]);
      const [, start, end] = request.headers.get("range")?.match(/^bytes=(\d+)-(\d*)$/) ?? [];
      if (start === undefined) return new Response(found.body, { headers });
      const last = end === "" ? found.body.length - 1 : Number(end);
      headers.set("content-range", `bytes ${start}-${last}/${found.body.length}`);
      headers.delete("content-length");
      return new Response(found.body.slice(Number(start), last + 1), { status: 206, headers });
    },
  };
}

/** An answer as it goes over a connection: a status line, headers, an empty line, and the body. */
function parsed(bytes: Uint8Array): { headers: Headers; body: Uint8Array<ArrayBuffer> } {
  const text = new TextDecoder("latin1").decode(bytes);
  const end = text.indexOf("\r\n\r\n");
  const lines = text.slice(0, end).split("\r\n").slice(1).map((line) => line.split(/:\s*(.*)/s));
  return {
    headers: new Headers(lines.map(([name = "", value = ""]) => [name, value] as [string, string])),
    body: bytes.slice(end + 4),
  };
}
