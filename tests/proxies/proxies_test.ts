import { describe, it } from "@std/testing/bdd";
import { DDFS } from "@ddfs/client";
import { embedded } from "@ddfs/client/embedded";
import { numbered } from "../helpers/bytes.ts";
import { expect } from "../helpers/expect.ts";
import { isInstalled, PROXIES, type ProxyKind, withProxy } from "../helpers/proxy.ts";

/** Gives a task a DDFS behind a proxy, and a `fetch` that trusts the proxy's certificate. */
async function behind(
  kind: ProxyKind,
  task: (url: string, fetch: (request: Request | string, init?: RequestInit) => Promise<Response>) => Promise<void>,
  onPut: () => void = () => {},
): Promise<void> {
  const ddfs = embedded({ trustProxy: "x-forwarded" });
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request, info) => {
    if (request.method === "PUT") onPut();
    return ddfs.fetch(request, info);
  });
  try {
    await withProxy(kind, `127.0.0.1:${server.addr.port}`, async ({ url, certificate }) => {
      const client = Deno.createHttpClient({ caCerts: [certificate] });
      try {
        await task(url, (request, init) => fetch(request, { ...init, client }));
      } finally {
        client.close();
      }
    });
  } finally {
    await ddfs.close();
    await server.shutdown();
  }
}

for (const kind of PROXIES) {
  const { program } = kind;
  const isHere = await isInstalled(program);
  if (!isHere) console.log(`The tests behind ${program} are skipped: it is not installed (apt install ${program})`);
  // In CI all are there.
  const options = { ignore: !isHere && Deno.env.get("CI") !== "true", sanitizeOps: false, sanitizeResources: false };

  describe(`a DDFS behind ${program}, by the recipe of the README`, options, () => {
    it("stores through https and is read through https", () =>
      behind(kind, async (url, fetch) => {
        const asked: string[] = [];
        const ddfs = new DDFS(url, {
          fetch: (request) => {
            asked.push(request.url);
            return fetch(request);
          },
        });

        await ddfs.push("data:log", [[numbered(3_000_000), "log"]]);
        await ddfs.chunk("data:chunks", [[new TextEncoder().encode("one\ntwo\n"), "lines"]]);

        const blobs: Uint8Array[] = [];
        for await (const blob of ddfs.pull("data:log")) blobs.push(await blob.bytes());
        expect(blobs).toEqual([numbered(3_000_000)]);
        const records: unknown[] = [];
        for await (const record of ddfs.records("tag://data:chunks")) records.push(record);
        expect(records.length).toBe(2);
        expect(asked.filter((address) => !address.startsWith(`${url}/`))).toEqual([]);
      }));

    it("hands out addresses of the proxy, whatever a client says of it", () =>
      behind(kind, async (url, fetch) => {
        const headers = {
          "X-Forwarded-Host": "evil.example",
          "X-Forwarded-Proto": "http",
          "Forwarded": "host=evil.example;proto=http",
        };

        const [put] = await (await fetch(`${url}/ddfs/new_blob/log`, { headers })).json();
        const stored = await (await fetch(put, { method: "PUT", body: "0123456789", headers })).json();

        expect(put.startsWith(`${url}/ddfs/log$`)).toBe(true);
        expect(stored).toMatch(/^disco:\/\/localhost\/ddfs\/vol0\/blob\//);
        const blob = await fetch(stored.replace("disco://localhost", url), { headers: { Range: "bytes=2-4" } });
        expect([blob.status, await blob.text(), blob.headers.get("ETag")]).toEqual([
          206,
          "234",
          expect.stringMatching(/^"log\$/),
        ]);
      }));

    it("keeps versions, conditions and odd names as they are", () =>
      behind(kind, async (url, fetch) => {
        const tag = `${url}/ddfs/tag/data`;
        const post = (version: string) =>
          fetch(tag, { method: "POST", body: '[["x"]]', headers: { "If-Match": version } }).then(async (answer) => {
            await answer.body?.cancel();
            return answer.status;
          });
        const made = await fetch(tag, { method: "PUT", body: JSON.stringify(Array(9000).fill(["disco://a/b"])) });
        await made.body?.cancel();
        const read = await fetch(tag, { headers: { "Accept-Encoding": "gzip" } });
        await read.body?.cancel();
        const version = read.headers.get("ETag") ?? "";

        expect(version).toBe(made.headers.get("ETag"));
        expect([await post(version), await post(version)]).toEqual([200, 412]);
        const attribute = `${tag}/${encodeURIComponent("a/b ä")}`;
        expect((await fetch(attribute, { method: "PUT", body: '"v"' })).status).toBe(200);
        expect(await (await fetch(attribute)).json()).toBe("v");
      }));

    it("serves the pages of its host, and changes nothing for others", () =>
      behind(kind, async (url, fetch) => {
        const post = async (origin: string) => {
          const answer = await fetch(`${url}/ddfs/tag/data`, {
            method: "POST",
            body: "[]",
            headers: { Origin: origin },
          });
          await answer.body?.cancel();
          return answer.status;
        };

        expect(await post(url)).toBe(200);
        expect(await post("https://localhost")).toBe(403);
        expect(await post("null")).toBe(403);
      }));

    it("passes bodies on as they come, and the refusal of one that is not read", () => {
      let arrive = () => {};
      const arrived = new Promise<void>((resolve) => arrive = resolve);
      return behind(kind, async (url, fetch) => {
        const [put] = await (await fetch(`${url}/ddfs/new_blob/log`)).json();
        let sent = 0;
        const body = new ReadableStream<Uint8Array>({
          async pull(controller) {
            // The DDFS hears of it before there is more to send.
            if (sent === 1) await arrived;
            if (sent++ < 40) return controller.enqueue(new Uint8Array(1 << 20));
            controller.close();
          },
        });

        const stored = await fetch(put, { method: "PUT", body });

        expect(stored.status).toBe(201);
        const again = await fetch(put, { method: "PUT", body: new Uint8Array(8) });
        expect([again.status, await again.text()]).toEqual([500, expect.stringContaining("File exists")]);
        await stored.body?.cancel();
      }, () => arrive());
    });
  });
}
