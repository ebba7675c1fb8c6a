/**
 * Handlers of requests to stand before a cluster: {@linkcode gateway} passes on what it holds, to read, for the edge; {@linkcode proxy} passes on the whole
 * protocol from one origin.
 *
 * @example A Worker that passes blobs on
 * ```ts
 * import { gateway } from "@ddfs/client/gateway";
 * import { expect } from "@std/expect";
 *
 * const worker = {
 *   // A Worker makes one for each request, as its requests may not share what is under way.
 *   fetch: (request: Request, env: { DISCO_MASTER: string }, context: object) =>
 *     gateway({ master: env.DISCO_MASTER, tags: ["site:"] }).fetch(request, context),
 * };
 * const answer = await worker.fetch(new Request("https://example.org/tag/private"), { DISCO_MASTER: "disco://localhost" }, {});
 * expect(answer.status).toBe(404);
 * ```
 *
 * @module
 */
export { type Authorized, type Gateway, gateway, type GatewayOptions } from "./gateway.ts";
export type { BlobCache } from "./cache.ts";
export type { Explorer, ExplorerOptions } from "../explorer_page/mod.ts";
export type { Origins } from "./cors.ts";
export { type Proxy, proxy, type ProxyOptions } from "./proxy.ts";
