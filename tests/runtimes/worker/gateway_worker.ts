// A Worker that is a gateway with tokens and origins, for the table of requests and answers.
import { gateway } from "@ddfs/client/gateway";
import { TABLE_OPTIONS } from "../../gateway/table.ts";

interface Env {
  /** The master, as `disco://host:port`. */
  readonly DISCO_MASTER: string;
}

export default {
  fetch: (request: Request, { DISCO_MASTER }: Env, context: object): Promise<Response> =>
    gateway({ master: DISCO_MASTER, ...TABLE_OPTIONS }).fetch(request, context),
};
