/** A request as it came to the server. */
export interface Asked {
  readonly method: string;
  /** Its path and its query, as they were sent. */
  readonly path: string;
  readonly headers: Headers;
  /** The length of its body. */
  readonly size: number;
}

/** Serves answers on a port of its own while a task runs; gives the task the address, and all requests that came. */
export async function withServer(
  answer: (asked: Asked, number: number) => Response | Promise<Response>,
  task: (endpoint: string, asked: Asked[]) => Promise<void>,
): Promise<void> {
  const all: Asked[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    const { pathname, search } = new URL(request.url);
    const size = (await request.arrayBuffer()).byteLength;
    const asked = { method: request.method, path: pathname + search, headers: request.headers, size };
    return await answer(asked, all.push(asked));
  });
  try {
    await task(`http://127.0.0.1:${server.addr.port}`, all);
  } finally {
    await server.shutdown();
  }
}

/** An error as S3 answers it. */
export function s3Error(status: number, code: string, headers: Record<string, string> = {}): Response {
  return new Response(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>because</Message></Error>`, {
    status,
    headers: { "content-type": "application/xml", ...headers },
  });
}
