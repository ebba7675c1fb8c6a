// A Worker that holds an R2 bucket to the suite of stores, and has what a real cluster was asked answered from it, in one request.
import { run } from "../bdd.ts";
import { readFile } from "../files.ts";

/** As much of Deno as these tests need where they meet a real store. */
const Deno = { env: { get: () => undefined }, readTextFile: (url: URL) => readFile(url, "utf8") };

export default {
  async fetch(_request: Request, { BUCKET }: { BUCKET: unknown }): Promise<Response> {
    try {
      Object.assign(globalThis, { Deno, R2_BUCKET: BUCKET });
      await import("../../embedded/stores_test.ts");
      await import("../../embedded/transcripts_test.ts");
      return Response.json(await run());
    } catch (error) {
      return new Response(error instanceof Error ? error.stack : String(error), { status: 500 });
    }
  },
};
