import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { DDFS } from "@ddfs/client";
import { type Embedded, embedded } from "@ddfs/client/embedded";
import { only } from "../helpers/fakes.ts";
import { handTimer, inFolder, MASTER, said, settled, stored } from "../helpers/embedded_stores.ts";

/** Serves a DDFS on a free port while a task runs. */
async function served(ddfs: Embedded, task: (origin: string, port: number) => Promise<void>): Promise<void> {
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, ddfs.fetch);
  try {
    await task(`http://127.0.0.1:${server.addr.port}`, server.addr.port);
  } finally {
    await server.shutdown();
    await ddfs.close();
  }
}

/** Sends bytes as they are over a connection of its own, and gives what comes back until it ends. */
async function raw(port: number, text: string): Promise<string> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(text));
  await connection.closeWrite();
  return await new Response(connection.readable).text();
}

describe("the fetch of an embedded DDFS", () => {
  it("takes what the global fetch takes: a text, a URL, or a request", async () => {
    const { fetch } = embedded();
    const url = `${MASTER}/disco/version`;

    const answers = [fetch(url), fetch(new URL(url)), fetch(new Request(url)), fetch(url, { method: "GET" })];

    expect(await Promise.all(answers.map(said))).toEqual(answers.map(() => [200, '"0.5.4"']));
  });

  it("lets a page see whether a node lives without an error in its console; programs get Disco's 403", async () => {
    const { fetch } = embedded({ nodes: 2 });
    const page = { "sec-fetch-site": "same-origin" };
    const status = async (path: string, init: RequestInit = {}) => (await fetch(MASTER + path, init)).status;

    expect(await status("/proxy/127.0.0.2/GET/ddfs/")).toBe(204);
    expect(await status("/ddfs/", { method: "HEAD", headers: page })).toBe(204);
    expect([await status("/ddfs/"), await status("/proxy/192.0.2.1/GET/ddfs/")]).toEqual([403, 404]);
  });

  it("takes a stream as a body, without being told how it is sent", async () => {
    const ddfs = embedded();

    const url = await stored(ddfs, "log$1-2-3", new Blob(["streamed"]).stream());

    expect(await said(ddfs.fetch(url))).toEqual([200, "streamed"]);
  });

  it("ignores what servers pass beside a request", async () => {
    const { fetch } = embedded();
    const environment = { method: "DELETE", body: "x", headers: { Range: "bytes=0-1" } };

    expect(await said(fetch(new Request(`${MASTER}/disco/version`), environment))).toEqual([200, '"0.5.4"']);
  });

  it("leaves the signal of a served request alone, which Deno aborts after each answer", async () => {
    const request = new Request(`${MASTER}/disco/version`, { signal: AbortSignal.abort() });

    expect(await said(embedded().fetch(request, { completed: Promise.resolve() }))).toEqual([200, '"0.5.4"']);
  });

  it("fails with the signal's reason, at once, when it is aborted", async () => {
    const ddfs = embedded({ after: handTimer().after });
    const append = (signal: AbortSignal) =>
      ddfs.fetch(`${MASTER}/ddfs/tag/t?delayed=1`, { method: "POST", body: "[]", signal });
    await append(new AbortController().signal);
    const abort = new AbortController();

    const waiting = append(abort.signal);
    await settled();
    abort.abort(new Error("enough"));

    await expect(waiting).rejects.toThrow("enough");
    await expect(append(AbortSignal.abort(new Error("before")))).rejects.toThrow("before");
  });

  it("cancels a body that it does not read", async () => {
    let cancelled = false;
    const body = new ReadableStream({ cancel: () => void (cancelled = true) }, { highWaterMark: 0 });

    await embedded().fetch(`${MASTER}/ddfs/bad`, { method: "PUT", body });

    expect(cancelled).toBe(true);
  });

  it("answers 503 once it is closed, which may be done twice", async () => {
    const ddfs = embedded();
    await ddfs.close();
    await ddfs.close();

    expect(await said(ddfs.fetch(`${MASTER}/ddfs/tags`))).toEqual([503, "This DDFS is closed."]);
  });

  it("ends uploads that are under way when it is closed", async () => {
    const ddfs = embedded();
    const body = new ReadableStream({ pull: () => new Promise(() => {}) });
    const upload = said(ddfs.fetch(`${MASTER}/ddfs/log$1-2-3`, { method: "PUT", body }));
    await settled();

    await ddfs.close();

    expect((await upload)[1]).toMatch(/^Write failed .*: the request was aborted$/);
  });

  it("refuses a token that is not UTF-8: the tag that it was to lock would be open to all", async () => {
    const ddfs = embedded();
    const headers = { Authorization: `Basic ${btoa("token:\xe9")}` };

    const made = await said(ddfs.fetch(`${MASTER}/ddfs/tag/t`, { method: "POST", body: "[]", headers }));
    const found = await said(ddfs.fetch(`${MASTER}/ddfs/tag/t`));

    expect(made).toEqual([403, "Invalid token: it is not UTF-8."]);
    expect(found).toEqual([404, "Tag not found."]);
  });

  it("says nothing of tokens in any error", async () => {
    const ddfs = embedded();
    const headers = { Authorization: `Basic ${btoa("token:SECRET")}` };
    await ddfs.fetch(`${MASTER}/ddfs/tag/t`, { method: "POST", body: "[]", headers });
    const paths = ["t", "t/none", "bad.name", "none", "t/ddfs:none"];

    const answers = await Promise.all(
      paths.flatMap((path) =>
        ["GET", "POST", "PUT", "DELETE"].map((method) =>
          said(ddfs.fetch(`http://SECRET:SECRET@localhost:8989/ddfs/tag/${path}`.replace("SECRET:SECRET@", ""), {
            method,
            headers: { Authorization: `Basic ${btoa("token:SECRETX")}` },
            ...(method === "GET" ? {} : { body: "[[1]]" }),
          }))
        )
      ),
    );

    expect(answers.filter(([status]) => status >= 400).length).toBeGreaterThan(15);
    expect(JSON.stringify(answers)).not.toContain("SECRET");
  });
});

describe("an embedded DDFS served over HTTP", () => {
  for (const store of ["memory", "disk"]) {
    const on = (task: (ddfs: Embedded) => Promise<void>) =>
      store === "memory" ? task(embedded()) : inFolder((root) => task(embedded({ root })));

    it(`stores a blob and gives it back at the addresses it hands out (${store} store)`, () =>
      on((ddfs) =>
        served(ddfs, async (origin, port) => {
          const bytes = crypto.getRandomValues(new Uint8Array(60_000));
          const [url = ""] = await (await fetch(`${origin}/ddfs/new_blob/log`)).json();
          const put = await fetch(url, { method: "PUT", body: bytes });
          const address = (await put.json()).replace("disco://127.0.0.1", `http://127.0.0.1:${port}`);

          const whole = await fetch(address);
          const part = await fetch(address, { headers: { Range: "bytes=5-9" } });
          const head = await fetch(address, { method: "HEAD" });

          expect(url.startsWith(`${origin}/ddfs/log$`)).toBe(true);
          expect(await whole.bytes()).toEqual(bytes);
          expect([part.status, await part.bytes()]).toEqual([206, bytes.subarray(5, 10)]);
          expect([head.headers.get("Content-Length"), await head.text()]).toEqual(["60000", ""]);
        })
      ));

    it(`is told the length of what the client streams (${store} store)`, () =>
      on((ddfs) => {
        const lengths: (string | null)[] = [];
        const fetch = (request: Request) => {
          if (request.method === "PUT") lengths.push(request.headers.get("Content-Length"));
          return ddfs.fetch(request);
        };
        return served({ ...ddfs, fetch: fetch as Embedded["fetch"] }, (origin) =>
          inFolder(async (folder) => {
            const text = "a line\n".repeat(100_000);
            await Deno.writeTextFile(`${folder}/lines`, text);
            const client = new DDFS(origin, { settings: {} });

            await client.push("data:pushed", [`${folder}/lines`]);
            await client.chunk("data:chunked", [`${folder}/lines`]);

            const sizes = await Promise.all(["data:pushed", "data:chunked"].map(async (tag) => {
              return (await (await only(client.pull(tag))).bytes()).length;
            }));
            expect(lengths).toEqual(sizes.map(String));
          }));
      }));

    it(`stores nothing of a body that breaks off (${store} store)`, () =>
      on((ddfs) =>
        served(ddfs, async (origin, port) => {
          const answer = await raw(port, "PUT /ddfs/log$1-2-3 HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc");

          expect(answer).not.toContain("201");
          const again = await fetch(`${origin}/ddfs/log$1-2-3`, { method: "PUT", body: "whole" });
          expect(again.status).toBe(201);
          await again.body?.cancel();
        })
      ));
  }
});

describe("an embedded DDFS asked by pages", () => {
  const preflight = (origin: string) => ({
    method: "OPTIONS",
    headers: { Origin: origin, "Access-Control-Request-Method": "PUT" },
  });
  const ask = (ddfs: Embedded, origin: string) => ddfs.fetch(`${MASTER}/ddfs/tags`, { headers: { Origin: origin } });
  const allowed = async (answer: Promise<Response>) => (await answer).headers.get("Access-Control-Allow-Origin");

  it("does not let other origins in, unless told to", async () => {
    const ddfs = embedded();

    expect((await ddfs.fetch(`${MASTER}/ddfs/tags`, preflight("https://a.org"))).status).toBe(404);
    expect(await allowed(ask(ddfs, "https://a.org"))).toBe(null);
  });

  it("lets all origins in", async () => {
    const ddfs = embedded({ cors: true });

    const answer = await ddfs.fetch(`${MASTER}/ddfs/log$1-2-3`, preflight("https://a.org"));

    expect(answer.status).toBe(204);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, HEAD, PUT, POST, DELETE",
      "access-control-allow-headers": "Authorization, Content-Type, If-Match, If-None-Match, If-Range, Range",
    });
    expect((await ask(ddfs, "https://a.org")).headers.get("Access-Control-Expose-Headers")).toContain("Content-Range");
    expect((await ask(ddfs, "https://a.org")).headers.get("Access-Control-Expose-Headers")).toContain("ETag");
  });

  it("says so to whoever asks, as a browser keeps blobs and may have got one for no page", async () => {
    const answer = embedded({ cors: true }).fetch(`${MASTER}/ddfs/tags`);

    expect(await allowed(answer)).toBe("*");
  });

  it("lets listed origins in, and caches know that it depends on them", async () => {
    const ddfs = embedded({ cors: ["https://a.org", "https://b.org"] });

    expect(await allowed(ask(ddfs, "https://b.org"))).toBe("https://b.org");
    expect(await allowed(ask(ddfs, "https://c.org"))).toBe(null);
    expect((await ddfs.fetch(`${MASTER}/ddfs/tags`, preflight("https://c.org"))).status).toBe(404);
    expect((await ask(ddfs, "https://c.org")).headers.get("Vary")).toBe("Origin");
  });

  it("lets them read refusals, too", async () => {
    const answer = embedded({ cors: true }).fetch(`${MASTER}/ddfs/tag/none`, { headers: { Origin: "https://a.org" } });

    expect([(await answer).status, await allowed(answer)]).toEqual([404, "*"]);
  });
});
