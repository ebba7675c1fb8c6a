import type { Server } from "node:net";

/**
 * Lets a server listen.
 *
 * @param port 0 for any that is free.
 * @returns The port.
 */
export function listening(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      const address = server.address();
      if (typeof address === "object" && address !== null) resolve(address.port);
    });
  });
}
