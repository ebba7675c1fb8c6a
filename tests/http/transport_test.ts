import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { CommError } from "../../lib/errors.ts";
import { asksBeforeHeaders } from "../../lib/runtime/host.ts";
import { failure, json, manualClock, scripted, settled, watchedReader } from "../helpers/fakes.ts";

const RESET = new TypeError("connection reset");
const URL = "http://m:8989/ddfs/tags";

describe("a request", () => {
  it("is tried again at once when the connection broke", async () => {
    const { fetch, requests } = scripted(RESET, json(["a"]));
    const { ddfs, events } = watchedReader(fetch);

    expect(await ddfs.list()).toEqual(["a"]);

    expect(requests.map(({ url }) => url)).toEqual([URL, URL]);
    expect(events).toMatchObject([{ type: "retry", url: URL, attempt: 1, status: 0, delay: 0 }]);
  });

  it("is tried again after 503 with full jitter, and no more often than `retry.tries`", async () => {
    const busy = () => new Response("Temporary server error. Try again.", { status: 503 });
    const { fetch, requests } = scripted(busy, busy, busy);
    const { ddfs, events, clock } = watchedReader(fetch, { retry: { tries: 3 }, random: () => 0.5 });

    const pending = failure(ddfs.list());
    await clock.advance(200);
    await clock.advance(400);
    const error = await pending;

    expect(error).toBeInstanceOf(CommError);
    expect(error.message).toBe(`GET ${URL}: 503 Temporary server error. Try again.`);
    expect([error.code, error.status, requests.length]).toEqual(["server-error", 503, 3]);
    expect(events.map(({ delay }) => delay)).toEqual([200, 400]);
  });

  for (const status of [429, 502, 503, 504]) {
    it(`waits as long as Retry-After says with ${status}`, async () => {
      const { fetch } = scripted(new Response("", { status, headers: { "retry-after": "7" } }), json([]));
      const { ddfs, events, clock } = watchedReader(fetch);

      const pending = ddfs.list();
      await clock.advance(7000);

      expect(await pending).toEqual([]);
      expect(events).toMatchObject([{ status, delay: 7000 }]);
    });
  }

  for (const status of [400, 401, 403, 404, 500, 501]) {
    it(`fails at once on ${status}`, async () => {
      const { fetch, requests } = scripted(new Response("no", { status }));
      const { ddfs } = watchedReader(fetch);

      expect((await failure(ddfs.list())).status).toBe(status);
      expect(requests.length).toBe(1);
    });
  }

  it("advises about tokens in the same sentence as the answer that asks for one", async () => {
    const { fetch } = scripted(new Response("Missing token.", { status: 401 }));
    const { ddfs } = watchedReader(fetch);

    expect((await failure(ddfs.list())).message).toContain("401 Missing token. Give a token, or set");
  });

  it("advises about no token where a node refuses, which is sent none", async () => {
    const { fetch } = scripted(new Response("No.", { status: 401 }));
    const { ddfs } = watchedReader(fetch);

    expect((await failure(ddfs.open("http://n:8989/ddfs/x$1-2-3"))).message).toMatch(/: 401 No\.$/);
  });

  it("ends with a time-out when no answer comes, also where fetch does not look at its signal", async () => {
    const { ddfs, clock } = watchedReader(() => new Promise(() => {}), { retry: { tries: 1 }, timeout: 1000 });

    const pending = failure(ddfs.list());
    await clock.advance(1000);
    const error = await pending;

    expect([error.code, error.status]).toEqual(["timeout", 0]);
    expect(error.message).toBe(
      `GET ${URL}: no answer: nothing came for 1000 ms; is a Disco master there?`,
    );
    expect(clock.pending).toBe(0);
  });

  it("names the proxy when that does not answer, for the master and for nodes", async () => {
    const fetch = () => Promise.reject(new TypeError("refused"));
    const { ddfs } = watchedReader(fetch, { retry: { tries: 1 }, proxy: "http://p:1/" });
    const blob = "http://n:8989/ddfs/x$1-2-3";

    expect((await failure(ddfs.list())).message).toBe(`GET ${URL}: no answer: refused; is the proxy http://p:1 there?`);
    expect((await failure(ddfs.open(blob))).message).toBe(
      `GET ${blob}: no answer: refused; is the proxy http://p:1 there?`,
    );
  });

  it("says in a page what lets it in, where that is of another origin: the runtime tells nothing of a refusal", async () => {
    const { ddfs } = watchedReader(() => Promise.reject(new TypeError("Failed to fetch")), { retry: { tries: 1 } });
    const hint = asksBeforeHeaders(URL) ? " (a page of another origin needs `ddfs serve --cors`, or a proxy)" : "";

    expect((await failure(ddfs.list())).message).toBe(
      `GET ${URL}: no answer: Failed to fetch; is a Disco master there?${hint}`,
    );
    expect((await failure(ddfs.open("http://n:8989/ddfs/x$1-2-3"))).message).toBe(
      `GET http://n:8989/ddfs/x$1-2-3: no answer: Failed to fetch; the node may be down${hint}`,
    );
  });

  it("asks nothing about a master where the runtime sent the request to nobody", async () => {
    const words = 'Requires net access to "m:8989", run again with the --allow-net flag';
    const refusal = Object.assign(new Error(words), { name: "NotCapable" });
    const { ddfs } = watchedReader(() => Promise.reject(refusal));

    expect((await failure(ddfs.list())).message).toBe(`GET ${URL}: no answer: ${words}`);
  });

  it("ends with a time-out when the answer stalls", async () => {
    const stalled = new Response(
      new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('["a"')) }),
    );
    const { fetch } = scripted(stalled);
    const { ddfs, clock } = watchedReader(fetch, { retry: { tries: 1 }, timeout: 1000 });

    const pending = failure(ddfs.list());
    await clock.advance(1000);

    expect((await pending).code).toBe("timeout");
    expect(clock.pending).toBe(0);
  });

  it("ends with a time-out when its answer comes a byte now and then", async () => {
    const clock = manualClock();
    const drip = new ReadableStream({
      pull: (controller) =>
        new Promise<void>((resolve) =>
          clock.after(900, () => {
            controller.enqueue(new Uint8Array([32]));
            resolve();
          })
        ),
    }, { highWaterMark: 0 });
    const { ddfs } = watchedReader(scripted(new Response(drip)).fetch, { retry: { tries: 1 }, timeout: 1000, clock });

    const pending = failure(ddfs.list());
    await clock.advance(900);
    await clock.advance(900);

    expect((await pending).message).toContain("too little came for 1800 ms");
    expect(clock.pending).toBe(0);
  });

  it("ends with a time-out when the text of an error stalls, also where fetch does not look at its signal", async () => {
    const { fetch } = scripted(
      new Response(new ReadableStream({ pull: () => new Promise(() => {}) }), { status: 500 }),
    );
    const { ddfs, clock } = watchedReader(fetch, { retry: { tries: 1 }, timeout: 1000 });

    const pending = failure(ddfs.list());
    await clock.advance(1000);

    expect((await pending).code).toBe("timeout");
  });

  for (
    const [what, body] of Object.entries({ "is cut short": '["a"', "is no UTF-8": new Uint8Array([91, 0xe1, 93]) })
  ) {
    it(`is tried again when its answer ${what}`, async () => {
      const { fetch, requests } = scripted(new Response(body, { headers: { "content-length": "5" } }), json(["a"]));
      const { ddfs } = watchedReader(fetch);

      expect(await ddfs.list()).toEqual(["a"]);
      expect(requests.length).toBe(2);
    });
  }

  it("ends at once with the signal's reason, during a pause too", async () => {
    const { fetch } = scripted(new Response("", { status: 503, headers: { "retry-after": "20" } }));
    const { ddfs, clock } = watchedReader(fetch);
    const controller = new AbortController();

    const pending = failure(ddfs.list("", { signal: controller.signal }));
    await settled();
    controller.abort(new Error("enough"));

    expect((await pending).message).toBe("enough");
    expect(clock.pending).toBe(0);
  });

  it("is not sent when the signal is aborted already", async () => {
    const { fetch, requests } = scripted();
    const { ddfs } = watchedReader(fetch);

    expect((await failure(ddfs.list("", { signal: AbortSignal.abort() }))).name).toBe("AbortError");
    expect(requests).toEqual([]);
  });

  for (const body of ["", "[", '["a', '["a"', '[{"a":[1]', '"']) {
    it(`is tried again when its answer has no length and is cut to ${JSON.stringify(body)}`, async () => {
      const { fetch, requests } = scripted(new Response(body), json(["a"]));
      const { ddfs } = watchedReader(fetch);

      expect(await ddfs.list()).toEqual(["a"]);
      expect(requests.length).toBe(2);
    });
  }

  for (const body of ["not json", "<html>", "[1,]"]) {
    it(`is not tried again when its answer has no length and is ${JSON.stringify(body)}`, async () => {
      const { fetch, requests } = scripted(new Response(body));
      const { ddfs } = watchedReader(fetch);

      expect((await failure(ddfs.list())).code).toBe("bad-answer");
      expect(requests.length).toBe(1);
    });
  }

  for (const body of ["", "not json", '{"a":1}', "[1]", "null", "<html>"]) {
    it(`says what came when the answer is ${JSON.stringify(body)}`, async () => {
      const { fetch } = scripted(new Response(body, { headers: { "content-length": `${body.length}` } }));
      const { ddfs } = watchedReader(fetch);

      const error = await failure(ddfs.list());

      expect(error.code).toBe("bad-answer");
      expect(error.message).toContain(`GET ${URL}: the answer is not what DDFS sends: ${JSON.stringify(body)}`);
    });
  }

  it("cuts a long error text", async () => {
    const { fetch } = scripted(new Response("x".repeat(1_000_000), { status: 500 }));
    const { ddfs } = watchedReader(fetch);

    expect((await failure(ddfs.list())).message.length).toBeLessThan(3000);
  });
});

describe("a redirect", () => {
  const to = (location: string, status = 302) => new Response(null, { status, headers: { location } });

  it("is followed", async () => {
    const { fetch, requests } = scripted(to("http://other/ddfs/tags"), json(["a"]));
    const { ddfs } = watchedReader(fetch);

    expect(await ddfs.list()).toEqual(["a"]);
    expect(requests[1]?.url).toBe("http://other/ddfs/tags");
  });

  it("keeps the token from another host", async () => {
    const tag = { version: 1, id: "x$1-2-3", "last-modified": "now", urls: [], "user-data": {} };
    const { fetch, requests } = scripted(to("/elsewhere"), to("http://evil/x"), json(tag));
    const { ddfs } = watchedReader(fetch, { token: "secret" });

    await ddfs.get("x");

    expect(requests.map(({ headers }) => headers.has("authorization"))).toEqual([true, true, false]);
  });

  it("is not followed out of http", async () => {
    const { fetch } = scripted(to("file:///etc/passwd"));
    const { ddfs } = watchedReader(fetch);

    expect((await failure(ddfs.list())).message).toContain('redirect 1 to "file:///etc/passwd" is not followed');
  });

  it("ends in an error when it goes round in circles", async () => {
    const { fetch, requests } = scripted(...Array.from({ length: 9 }, () => () => to(URL)));
    const { ddfs } = watchedReader(fetch);

    expect((await failure(ddfs.list())).message).toContain(`redirect 6 to "${URL}" is not followed: at most 5`);
    expect(requests.length).toBe(6);
  });
});
