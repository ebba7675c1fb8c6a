// Serves the site as GitHub Pages does, to look at it.
//   deno run -A --config=deno.tools.json scripts/site/serve.ts [FOLDER]     (default: site)

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** A server of the site. */
export interface SiteServer {
  readonly origin: string;
  close(): Promise<void>;
}

/** Serves the files of a folder on a free port of this machine. */
export function serveSite(folder: string): SiteServer {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async ({ url }) => {
    const path = decodeURIComponent(new URL(url).pathname).replace(/\/$/, "/index.html");
    const bytes = await Deno.readFile(folder + path).catch(() => undefined);
    if (bytes === undefined) return new Response("not found", { status: 404 });
    const type = TYPES[path.slice(path.lastIndexOf(".") + 1)] ?? "application/octet-stream";
    // GitHub Pages lets pages of all origins read; the frame of the playground has none.
    return new Response(bytes, { headers: { "content-type": type, "access-control-allow-origin": "*" } });
  });
  return { origin: `http://127.0.0.1:${server.addr.port}`, close: () => server.shutdown() };
}

if (import.meta.main) {
  const folder = Deno.args[0] ?? "site";
  const path = await Deno.realPath(folder).catch(() => undefined);
  if (path === undefined) {
    console.error(`There is no folder ${folder}: deno task site makes it`);
    Deno.exit(1);
  }
  console.log(serveSite(path).origin);
}
