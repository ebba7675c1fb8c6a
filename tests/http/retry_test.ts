import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { DDFS, type DDFSEvent, type DDFSOptions } from "../../mod.ts";
import { failure, json, type ManualClock, manualClock } from "../helpers/fakes.ts";

type Answer = (request: Request) => Response | Promise<Response>;

const refused: Answer = () => Promise.reject(new TypeError("connection refused"));
const says = (status: number, text: string): Answer => () => new Response(text, { status });
const restarting = says(500, "Internal server error: too_many_failed_nodes");
const TAG = { version: 1, id: "x$1-2-3", "last-modified": "now", urls: [], "user-data": {} };

/** A client whose master answers as told at the time; every pause is as long as it may be. */
function client(answer: Answer, options: DDFSOptions = {}) {
  const clock = manualClock();
  const asked: number[] = [];
  const events: DDFSEvent[] = [];
  const master = { answer };
  const ddfs = new DDFS("disco://m", {
    settings: {},
    clock,
    random: () => 1,
    onEvent: (event) => events.push(event),
    fetch: async (request) => {
      asked.push(clock.now());
      return await master.answer(request);
    },
    ...options,
  });
  return { ddfs, clock, asked, events, master };
}

/** Lets time pass until something has ended; gives the milliseconds that it took. */
async function timeOf(clock: ManualClock, ended: Promise<unknown>): Promise<number> {
  const began = clock.now();
  let isOver = false;
  ended.then(() => isOver = true, () => isOver = true);
  while (!isOver) await clock.advance(500);
  return clock.now() - began;
}

describe("a request that fails in a way that may pass", () => {
  it("is sent again for three seconds to a master that has not answered yet", async () => {
    const { ddfs, clock } = client(refused);

    const error = failure(ddfs.list());

    expect(await timeOf(clock, error)).toBe(3000);
    expect((await error).code).toBe("unreachable");
  });

  it("is sent again for thirty seconds to a master that has answered, whatever it said", async () => {
    const { ddfs, clock, master } = client(says(404, "Tag not found."));
    expect(await ddfs.exists("x")).toBe(false);
    master.answer = refused;

    expect(await timeOf(clock, failure(ddfs.list()))).toBe(30_000);
  });

  it("succeeds when the master is back after ten seconds, also where it first lacks nodes", async () => {
    const { ddfs, clock, master, events } = client(() => json(TAG));
    await ddfs.get("x");
    master.answer = (request) =>
      clock.now() < 10_000 ? refused(request) : clock.now() < 13_000 ? restarting(request) : json(TAG);

    const got = ddfs.get("x");
    await timeOf(clock, got);

    expect((await got).id).toBe("x$1-2-3");
    expect(events.some(({ type, attempt }) => type === "retry" && attempt === 1)).toBe(true);
  });

  it("is sent again as often as the older `retries` says, unless `retry` says otherwise", async () => {
    for (const [options, count] of [[{ retries: 2 }, 3], [{ retries: 2, retry: { tries: 1 } }, 1]] as const) {
      const { ddfs, clock, asked } = client(refused, options);

      await timeOf(clock, failure(ddfs.get("x")));

      expect(asked.length).toBe(count);
    }
  });

  it("is sent as often as `tries` says, and as long as `within` says", async () => {
    const few = client(refused, { retry: { tries: 2 } });
    await timeOf(few.clock, failure(few.ddfs.list()));
    expect(few.asked.length).toBe(2);

    const short = client(refused, { retry: { within: 1000 } });
    expect(await timeOf(short.clock, failure(short.ddfs.list()))).toBe(1000);

    const never = client(refused, { retry: { within: 0 } });
    await timeOf(never.clock, failure(never.ddfs.list()));
    expect(never.asked.length).toBe(1);
  });

  it("has what an operation asks for in place of the client's", async () => {
    const { ddfs, clock, asked } = client(refused, { retry: { tries: 9, within: 1000 } });

    await timeOf(clock, failure(ddfs.get("x", { retry: { tries: 2 } })));
    expect(asked.length).toBe(2);
    expect(await timeOf(clock, failure(ddfs.get("x", { retry: { within: 2000 } })))).toBe(2000);
    expect((await failure(ddfs.get("x", { retry: { within: -1 } }))).message).toContain("Invalid within -1");
  });

  it("is not waited for when the server wants to be asked later than that", async () => {
    const later = () => new Response("", { status: 503, headers: { "retry-after": "31" } });
    const { ddfs, asked } = client(later);

    expect((await failure(ddfs.list())).status).toBe(503);
    expect(asked.length).toBe(1);
  });

  for (const text of ["too_many_failed_nodes", "replication_failed"]) {
    it(`waits more than a second before it asks a master again that said ${text}, and tells at once`, async () => {
      const { ddfs, clock, asked, events } = client(says(500, `Internal server error: ${text}`), { random: () => 0 });

      await timeOf(clock, failure(ddfs.get("x")));

      const pauses = asked.slice(1, -1).map((time, place) => time - (asked[place] ?? 0));
      expect(pauses.length).toBeGreaterThan(10);
      expect(Math.min(...pauses)).toBeGreaterThan(1000);
      expect(events[0]).toMatchObject({ type: "retry", attempt: 1, status: 500 });
    });
  }
});

/** What Deno, Node, Bun and browsers throw, as they were seen. */
const CAUSES: Record<string, Error> = {
  "a name that is not found, in Node": new TypeError("fetch failed", {
    cause: Object.assign(new Error("getaddrinfo ENOTFOUND nowhere.invalid"), { code: "ENOTFOUND" }),
  }),
  "a name that is not found, in Deno": new TypeError("fetch failed", {
    cause: new Error(
      "error sending request for url (http://m:8989/): client error (Connect): dns error: failed to lookup address information: Name or service not known",
    ),
  }),
  "a certificate, in Node": new TypeError("fetch failed", {
    cause: Object.assign(new Error("self-signed certificate"), { code: "DEPTH_ZERO_SELF_SIGNED_CERT" }),
  }),
  "a certificate, in Deno": new TypeError("fetch failed", {
    cause: new Error(
      "error sending request for url (https://m/): client error (Connect): invalid peer certificate: UnknownIssuer",
    ),
  }),
  "a certificate, in Bun": Object.assign(new TypeError("self signed certificate"), {
    code: "DEPTH_ZERO_SELF_SIGNED_CERT",
  }),
  "a policy of the page": new TypeError(
    "Failed to fetch. Refused to connect because it violates the document's Content Security Policy.",
  ),
  "a blocked port, in Node": new TypeError("fetch failed", { cause: new Error("bad port") }),
  "a blocked port, in Deno": new TypeError("Fetch failed: Requests to port 6000 are blocked"),
  "a permission": Object.assign(new Error('Requires net access to "m:8989", run again with the --allow-net flag'), {
    name: "NotCapable",
  }),
};

describe("a request that fails in a way that stays", () => {
  for (const [what, cause] of Object.entries(CAUSES)) {
    it(`fails at once for ${what}, and says why`, async () => {
      const { ddfs, asked } = client(() => Promise.reject(cause));

      const error = await failure(ddfs.list());

      expect(error.code).toBe("unreachable");
      expect(error.message).toContain(((cause.cause ?? cause) as Error).message);
      expect(error.message).not.toContain("fetch failed: ");
      expect(asked.length).toBe(1);
    });
  }

  it("is not seen where a URL has such words in it", async () => {
    const cause = new Error("error sending request for url (http://m:8989/ddfs/tag/certificate): connection closed");
    const { ddfs, clock } = client(() => Promise.reject(new TypeError("fetch failed", { cause })));

    expect(await timeOf(clock, failure(ddfs.get("certificate")))).toBe(3000);
  });

  it("names each reason where several addresses were tried", async () => {
    const reasons = [new Error("connect ECONNREFUSED ::1:8989"), new Error("connect ECONNREFUSED the other one")];
    const cause = new AggregateError(reasons, "");
    const { ddfs, clock } = client(() => Promise.reject(new TypeError("fetch failed", { cause })), {
      retry: { tries: 1 },
    });

    const error = failure(ddfs.list());
    await timeOf(clock, error);

    for (const { message } of reasons) expect((await error).message).toContain(message);
  });
});

describe('"Not enough nodes"', () => {
  const node = { connected: true, blacklisted: false };
  const push = (ddfs: DDFS) => ddfs.push("x", [[new Blob(["1"]), "n"]], { replicas: 2 });
  /** A master that lists these nodes, and lacks nodes for so many milliseconds. */
  const lacking = (nodes: Record<string, unknown>, milliseconds: number, clock: () => number): Answer => (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/disco/ctrl/nodeinfo") return json(nodes);
    if (pathname.startsWith("/ddfs/tag/")) return json(["disco://a/ddfs/vol0/tag/00/x$1-2-3"]);
    if (request.method === "PUT") return json(`disco://a/ddfs/vol0/blob/00${pathname.slice("/ddfs".length)}`, 201);
    if (clock() < milliseconds) return new Response("Not enough nodes for replicas.", { status: 403 });
    const name = pathname.split("/").at(-1);
    return json(["a", "b"].map((host) => `http://${host}:8990/ddfs/${name}$1-2-3`));
  };

  it("fails at once where the master lists too few", async () => {
    const { ddfs, clock, master, asked } = client(refused);
    master.answer = lacking({ a: node, b: { ...node, blacklisted: true } }, Infinity, () => clock.now());

    const error = await failure(push(ddfs));

    expect(error.code).toBe("too-few-replicas");
    expect(error.message).toContain("403 Not enough nodes for replicas: the cluster has too few nodes");
    expect(asked.length).toBe(2);
  });

  it("is waited for where the master lists enough", async () => {
    const { ddfs, clock, master } = client(refused);
    master.answer = lacking({ a: node, b: { ...node, connected: false } }, 4000, () => clock.now());

    const pushed = push(ddfs);
    await timeOf(clock, pushed);

    expect((await pushed).blobs[0]?.length).toBe(2);
  });

  it("is waited for within the bounds only", async () => {
    const { ddfs, clock, master } = client(refused);
    master.answer = lacking({ a: node, b: { ...node, connected: false } }, Infinity, () => clock.now());

    const error = failure(push(ddfs));

    expect(await timeOf(clock, error)).toBe(30_000);
    expect((await error).code).toBe("too-few-replicas");
  });

  it("is waited for where the operation was given nodes before", async () => {
    const { ddfs, clock, master } = client(refused);
    const answer = lacking({}, 0, () => clock.now());
    let placed = 0;
    master.answer = (request) => {
      const isPlacing = request.url.includes("/new_blob/");
      if (isPlacing && placed++ > 0 && clock.now() < 2000) return says(403, "Not enough nodes for replicas.")(request);
      return answer(request);
    };

    const sources = Array.from({ length: 8 }, (_, n) => [new Blob([`${n}`]), `n${n}`] as const);
    const pushed = ddfs.push("x", sources, { replicas: 2 });
    await timeOf(clock, pushed);

    expect((await pushed).blobs.length).toBe(8);
  });
});
