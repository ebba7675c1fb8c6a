// A Worker in front of a DDFS: it passes the tags that begin with `site:` on, to read, and keeps their blobs at the edge.
//   GET /blob/TAG/NAME            the newest blob of that name; /blob/TAG/NAME$STAMP: that very blob, for good
//   GET /tag/TAG                  the tag, in JSON
//   GET /records/TAG?filter=TEXT  the records of a chunked tag that contain a text, a line each
import { gateway } from "@ddfs/client/gateway";

interface Env {
  /** The master, as `disco://host:port`. */
  readonly DISCO_MASTER: string;
}

export default {
  // One for each request, as requests to a Worker may not share what is under way.
  fetch: (request: Request, { DISCO_MASTER }: Env, context: object): Promise<Response> =>
    gateway({ master: DISCO_MASTER, tags: ["site:"], cors: true }).fetch(request, context),
};
