import { type ObjectEngine, s3Objects, type S3ObjectsOptions } from "@ddfs/client/s3";

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

/** The secret key; no error may have it. */
export const SECRET = "sEcReT/of+the=key";
/** The headers of an object. */
export const OBJECT = { etag: '"e1"', "last-modified": "Mon, 30 Nov 2026 10:00:00 GMT" };

/** An engine of a bucket at an address. */
export function engineAt(endpoint: string, options: Partial<S3ObjectsOptions> = {}): ObjectEngine {
  const credentials = { accessKeyId: "KEY", secretAccessKey: SECRET };
  return s3Objects({ endpoint, bucket: "data", prefix: "ddfs", credentials, ...options });
}

/** The bytes of a text. */
export function bytes(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

/** An error in a line. */
export async function failure(work: Promise<unknown>): Promise<string> {
  return await work.then(
    (value) => `none, but ${JSON.stringify(value)}`,
    ({ code, status, message }) => `${code} ${status} ${message}`,
  );
}

/** Every kind of request, by the engine's methods. */
export const REQUESTS: Readonly<Record<string, (engine: ObjectEngine) => Promise<unknown>>> = {
  get: (engine) => engine.get("a"),
  head: (engine) => engine.head("a"),
  put: (engine) => engine.put("a", bytes("1")),
  "put if it is new": (engine) => engine.put("a", bytes("1"), { ifNoneMatch: "*" }),
  "put in place of another": (engine) => engine.put("a", bytes("1"), { ifMatch: "e1" }),
  list: (engine) => Array.fromAsync(engine.list({ prefix: "" })),
  delete: (engine) => engine.delete("a"),
  multipart: async (engine) => await engine.multipart?.("a"),
};
