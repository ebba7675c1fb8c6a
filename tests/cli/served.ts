import type { CommandPlace } from "../helpers/command.ts";

/** A `ddfs serve` that listens. */
export interface Served {
  readonly url: string;
  /** What it said on stdout. */
  readonly said: string;
  readonly child: Deno.ChildProcess;
  /** Ends it; its status, and what it said on stderr. */
  end(signal?: Deno.Signal): Promise<{ code: number; err: string }>;
}

/** Serves a folder of the place. */
export function served(place: CommandPlace, args: readonly string[], env = {}): Promise<Served> {
  return started(place.start(["serve", "volume", "--port", "0", ...args], { env }));
}

/** Waits until it says where it is. */
export async function started(child: Deno.ChildProcess): Promise<Served> {
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`serve ended: ${await new Response(child.stderr).text()}`);
    text += value;
  }
  reader.cancel();
  const err = new Response(child.stderr).text();
  return {
    url: /(https?:\S+)\n/.exec(text)?.[1] ?? text,
    said: text,
    child,
    end: async (signal = "SIGTERM") => {
      child.kill(signal);
      return { code: (await child.status).code, err: await err };
    },
  };
}

/** Asks a server under another name for it; the status and the text. */
export async function ask(url: string, path: string, host: string): Promise<{ status: number; text: string }> {
  const { hostname, port } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(
    new TextEncoder().encode(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
  );
  const text = await new Response(connection.readable).text();
  return { status: Number(text.split(" ")[1]), text };
}
