import { describe, it } from "@std/testing/bdd";
import { DDFS as Client } from "../../mod.ts";
import { inPlaceWith } from "../helpers/command.ts";
import { expect } from "../helpers/expect.ts";
import { ask, served } from "./served.ts";

/** Runs a test in a place of its own. */
const within = inPlaceWith({ "a.log": "one\ntwo\n" });

describe("serve", () => {
  it("is a DDFS in a folder, which outlives it, and ends with 0 when it is told to", () =>
    within(async (place) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) {
        const server = await served(place, []);
        const env = { DISCO_MASTER: server.url };
        if (signal === "SIGINT") await place.ddfs(["chunk", "data:log", "./a.log"], { env });
        expect((await place.ddfs(["xcat", "data:log"], { env })).out).toBe("one\ntwo\n");
        expect(await server.end(signal)).toEqual({ code: 0, err: "Ended.\n" });
      }
    }));

  it("does not look at DISCO_MASTER", () =>
    within(async (place) => {
      const server = await served(place, []);
      expect(new URL(server.url).port).not.toBe(new URL(place.master).port);
      await server.end();
      expect(place.requests).toEqual([]);
    }));

  it("says what to do where its port is in use", () =>
    within(async (place) => {
      const { port } = new URL(place.master);
      const { status, err } = await place.ddfs(["serve", "volume", "--port", port]);
      expect([status, err]).toEqual([
        1,
        `ddfs: Cannot listen on 127.0.0.1:${port}: the address is in use: choose another with --port, 0 for any that is free\n`,
      ]);
    }));

  it("answers what is under way before it ends", () =>
    within(async (place) => {
      const server = await served(place, []);
      const ddfs = new Client(server.url);
      let send = (_part?: Uint8Array) => {};
      const body = new ReadableStream<Uint8Array>({
        start(controller) {
          send = (part) => part === undefined ? controller.close() : controller.enqueue(part);
        },
      });
      const [target = ""] = await (await fetch(`${server.url}/ddfs/new_blob/slow`)).json();
      send(new Uint8Array(10));
      const answer = fetch(target, { method: "PUT", body });
      await new Promise((resolve) => setTimeout(resolve, 300));
      const end = server.end();
      await new Promise((resolve) => setTimeout(resolve, 300));
      send();

      expect((await answer).status).toBe(201);
      expect((await end).code).toBe(0);
      await expect(ddfs.list()).rejects.toMatchObject({ code: "unreachable" });
    }));

  it("refuses a folder that is in use, with words", () =>
    within(async (place) => {
      const server = await served(place, []);
      const { status, err } = await place.ddfs(["serve", "volume", "--port", "0"]);
      expect([status, err]).toEqual([1, expect.stringMatching(/volume" is in use by process \d+/)]);
      await server.end();
    }));

  it("refuses hosts that are not its own", () =>
    within(async (place) => {
      const server = await served(place, []);
      const { port } = new URL(server.url);
      for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`]) {
        expect((await ask(server.url, "/ddfs/tags", host)).status).toBe(200);
      }
      for (const host of ["evil.example", `evil.example:${port}`]) {
        const { status, text } = await ask(server.url, "/ddfs/tags", host);
        expect([status, text.includes("This is not evil.example")]).toEqual([421, true]);
      }
      await server.end();
    }));

  it("refuses a host that is none, and is well after a token that is none", () =>
    within(async (place) => {
      const server = await served(place, []);

      expect(await ask(server.url, "/ddfs/tags", "a b")).toEqual({
        status: 400,
        text: expect.stringMatching(/Bad request\.$/),
      });
      const answer = await fetch(`${server.url}/ddfs/tag/x`, { headers: { authorization: "Basic %%%" } });
      expect([answer.status, await answer.text()]).toEqual([500, "Internal server error"]);
      expect((await (await fetch(`${server.url}/health`)).json()).status).toBe("ok");

      expect((await server.end()).err).toBe("Ended.\n");
    }));

  it("with a name is called that in stored URLs, whatever it was asked as", () =>
    within(async (place) => {
      const server = await served(place, ["--name", "store.example,node1,node2"]);
      const { port } = new URL(server.url);
      expect(server.url).toBe(`http://store.example:${port}`);
      const local = `http://127.0.0.1:${port}`;

      const targets = await (await fetch(`${local}/ddfs/new_blob/log`)).json();
      const stored = await fetch(`${local}${new URL(targets[0]).pathname}`, { method: "PUT", body: "hello" });

      expect(targets).toEqual([expect.stringMatching(/^http:\/\/store.example:\d+\/ddfs\/log/)]);
      expect(await stored.json()).toMatch(/^disco:\/\/store.example\/ddfs\/vol0\/blob\//);
      for (const name of ["store.example", "node1", `node2:${port}`]) {
        expect((await ask(local, "/ddfs/tags", name)).status).toBe(200);
      }
      await server.end();
    }));

  it("with a name lets its own pages change things under every address of it, and no others", () =>
    within(async (place) => {
      const server = await served(place, ["--name", "store.example"]);
      const local = `http://127.0.0.1:${new URL(server.url).port}`;
      for (
        const [origin, status] of [[local, 200], ["http://127.0.0.1:1", 403], ["http://evil.example", 403]] as const
      ) {
        const answer = await fetch(`${local}/ddfs/tag/data:a`, {
          method: "POST",
          headers: { origin, "content-type": "application/json" },
          body: "[]",
        });
        expect([origin, answer.status, await answer.body?.cancel()]).toEqual([origin, status, undefined]);
      }
      await server.end();
    }));

  it("has the page at /ui/, unless it is not wanted", () =>
    within(async (place) => {
      for (const args of [[], ["--no-ui"]]) {
        const server = await served(place, args);
        const { status, headers, body } = await fetch(`${server.url}/ui/tags`);
        await body?.cancel();
        const isHere = args.length === 0;
        expect([status, headers.has("content-security-policy")]).toEqual([isHere ? 200 : 404, isHere]);
        expect(server.said.includes(`See it at ${server.url}/ui/\n`)).toBe(isHere);
        expect((await ask(server.url, "/ui/tags", "evil.example")).status).toBe(421);
        await server.end();
      }
    }));

  it("beyond loopback wants a name", () =>
    within(async (place) => {
      const { status, err } = await place.ddfs(["serve", "volume", "--host", "0.0.0.0"]);
      expect([status, err.includes("--name")]).toEqual([2, true]);
    }));

  it("has several nodes on addresses of their own", () =>
    within(async (place) => {
      const server = await served(place, ["--nodes", "3", "--replicas", "2"]);
      const ddfs = new Client(server.url);
      const { blobs: [replicas = []] } = await ddfs.push("data:a", [[new Blob(["hello"]), "greeting"]]);
      expect(new Set(replicas.map((url) => new URL(url).hostname)).size).toBe(2);
      for await (const blob of ddfs.pull("data:a")) expect(await blob.text()).toBe("hello");
      await server.end();
    }));

  it("tells its health, counts for Prometheus, and logs requests without tokens", () =>
    within(async (place) => {
      const server = await served(place, ["--log", "json"]);
      const ddfs = new Client(server.url, { token: "s3cret" });
      await ddfs.push("data:a", [[new Blob(["hello"]), "greeting"]]);
      for await (const blob of ddfs.pull("data:a")) await blob.text();

      expect(await (await fetch(`${server.url}/health`)).json()).toEqual({ status: "ok", uptime: expect.any(Number) });
      const metrics = await (await fetch(`${server.url}/metrics`)).text();
      expect(metrics).toContain('ddfs_requests_total{method="PUT",route="blob",status="201"} 1\n');
      expect(metrics).toContain("ddfs_blob_bytes_received_total 5\n");
      expect(metrics).toContain("ddfs_blob_bytes_sent_total 5\n");
      expect(metrics).toMatch(/^ddfs_disk_free_bytes \d+$/m);
      for (const line of metrics.trimEnd().split("\n")) {
        expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{[^}]+\})? [\d.e+-]+)$/);
      }

      const { err } = await server.end();
      const lines = err.trimEnd().split("\n").filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));
      expect(lines[0]).toEqual({
        ...{ time: expect.any(String), method: "GET", path: "/ddfs/new_blob/greeting" },
        ...{ host: new URL(server.url).host, status: 200, milliseconds: expect.any(Number) },
      });
      expect(err).not.toContain("s3cret");
    }));

  it("lets pages of an origin in, and keeps control calls for the administrator", () =>
    within(async (place) => {
      await Deno.writeTextFile(`${place.folder}/token`, "adm1n\n", { mode: 0o600 });
      const server = await served(place, ["--cors", "https://page.example", "--admin-token-file", "token"]);
      const answer = await fetch(`${server.url}/ddfs/tags`, { headers: { origin: "https://page.example" } });
      expect(answer.headers.get("access-control-allow-origin")).toBe("https://page.example");
      await answer.body?.cancel();
      const env = { DISCO_MASTER: server.url };
      expect((await place.ddfs(["gc"], { env })).status).toBe(4);
      expect((await place.ddfs(["-t", "adm1n", "gc"], { env })).status).toBe(0);
      await server.end();
    }));

  it("speaks TLS", () =>
    within(async (place) => {
      const { success } = await new Deno.Command("openssl", {
        cwd: place.folder,
        args:
          "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE"
            .split(" "),
        stderr: "null",
      }).output();
      expect(success).toBe(true);
      const server = await served(place, ["--host", "localhost", "--tls-cert", "cert.pem", "--tls-key", "key.pem"]);
      const env = { DISCO_MASTER: server.url, DENO_CERT: `${place.folder}/cert.pem` };
      const { err, out } = await place.ddfs(["chunk", "data:log", "./a.log"], { env });
      expect([err, out]).toEqual(["", expect.stringMatching(/^created: /)]);
      expect((await place.ddfs(["xcat", "data:log"], { env })).out).toBe("one\ntwo\n");
      await server.end();
    }));

  it("refuses options that make no sense, before it opens anything", () =>
    within(async (place) => {
      for (
        const args of [
          ["--port", "x"],
          ["--port", "70000"],
          ["--orphan-age", "5 days"],
          ["--log", "loud"],
          [
            "--tls-cert",
            "cert.pem",
          ],
          ["--nodes", "2", "--name", "a"],
          ["--cors", "page"],
          ["--replicas", "2"],
          ["--s3-port", "9000"],
          ["--s3", "--s3-port", "70000"],
          ["--allowed-host", "a.example"],
          ["-M", "localhost"],
        ]
      ) {
        const { status, err } = await place.ddfs(["serve", "volume", ...args]);
        expect({ args, status, lines: err.trimEnd().split("\n").length }).toEqual({ args, status: 2, lines: 1 });
      }
      await expect(Deno.stat(`${place.folder}/volume`)).rejects.toThrow();
    }));
});
