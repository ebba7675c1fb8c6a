// A Worker that runs the golden and behaviour tests in its first request.
import { runSuite } from "../suite.ts";

export default {
  async fetch(): Promise<Response> {
    try {
      return Response.json(await runSuite());
    } catch (error) {
      return new Response(error instanceof Error ? error.stack : String(error), { status: 500 });
    }
  },
};
