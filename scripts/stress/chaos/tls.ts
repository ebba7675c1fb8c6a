import { connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { listening } from "../../../tests/faults/listening.ts";

/** A way in by TLS, as a proxy before a master is one. */
export interface TlsFront {
  /** Its port: the first host speaks TLS there, the others as before. */
  readonly port: number;
  /** The certificate that a client has to trust. */
  readonly certificate: string;
  /** Ends it and its connections. */
  close(): void;
}

/**
 * Opens a second port, on which the first host speaks TLS: its certificate is made for it.
 *
 * @param hosts The addresses, the master's first.
 * @param backend The port that they have without TLS.
 * @param folder Where the certificate is kept.
 */
export async function tlsFront(hosts: readonly string[], backend: number, folder: string): Promise<TlsFront> {
  const [master = ""] = hosts;
  const [key, cert] = [`${folder}/key.pem`, `${folder}/cert.pem`];
  const made = await new Deno.Command("openssl", {
    args: [
      ...["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-keyout", key, "-out", cert],
      ...["-subj", `/CN=${master}`, "-addext", `subjectAltName=IP:${master}`],
    ],
    stderr: "piped",
  }).output();
  if (!made.success) throw new Error(`openssl: ${new TextDecoder().decode(made.stderr)}`);
  const certificate = await Deno.readTextFile(cert);
  const sockets = new Set<Socket>();
  const passed = (host: string) => (socket: Socket) => {
    const server = connect(backend, host);
    for (const [one, other] of [[socket, server], [server, socket]] as const) {
      sockets.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  };
  const tls = createTlsServer({ key: await Deno.readTextFile(key), cert: certificate }, passed(master));
  const port = await listening(tls, master, 0);
  const servers: Server[] = [tls];
  for (const host of hosts.slice(1)) {
    const server = createServer(passed(host));
    await listening(server, host, port);
    servers.push(server);
  }
  return {
    port,
    certificate,
    close() {
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
