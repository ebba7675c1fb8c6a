import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { DDFS, type DDFSOptions } from "../../mod.ts";
import { all, failure, json } from "../helpers/fakes.ts";

/** A master `m` with the node `node1` and a tag that names one URL; every other host answers with a secret. */
function gateway(url: string, options: DDFSOptions = {}, redirect = "") {
  const asked: string[] = [];
  const fetch = (request: Request): Promise<Response> => {
    const { hostname, pathname } = new URL(request.url);
    asked.push(`${hostname}${pathname}`);
    if (pathname === "/disco/ctrl/nodeinfo") return Promise.resolve(json({ node1: {} }));
    if (hostname === "m") {
      return Promise.resolve(
        json({ version: 1, id: "x$1-2-3", "last-modified": "now", urls: [[url]], "user-data": {} }),
      );
    }
    if (redirect !== "" && hostname === "node1") {
      return Promise.resolve(new Response(null, { status: 302, headers: { location: redirect } }));
    }
    return Promise.resolve(new Response("secret"));
  };
  const ddfs = new DDFS("disco://m", { settings: {}, fetch, random: () => 0, ...options });
  return { ddfs, asked };
}

const blob = (host: string) => `http://${host}/ddfs/vol0/blob/00/log$1-2-3`;

describe("allowedHosts", () => {
  for (const host of ["169.254.169.254", "127.0.0.1:9200", "localhost", "10.0.0.1", "[::1]"]) {
    it(`keeps the client from ${host}, which a tag names`, async () => {
      const { ddfs, asked } = gateway(blob(host), { allowedHosts: [] });

      const error = await failure(all(ddfs.pull("x")));

      expect(error.code).toBe("forbidden");
      expect(error.message).toContain(`"${host}" is neither in allowedHosts nor a node of the master`);
      expect(asked).toEqual(["m/ddfs/tag/x", "m/disco/ctrl/nodeinfo"]);
    });
  }

  it("lets through the nodes that the master lists, asked for once", async () => {
    const { ddfs, asked } = gateway(blob("node1:8989"), { allowedHosts: [] });

    await all(ddfs.pull("x"));
    await all(ddfs.pull("x"));

    expect(asked.filter((url) => url.startsWith("node1")).length).toBe(2);
    expect(asked.filter((url) => url.includes("nodeinfo")).length).toBe(1);
  });

  it("lets through what the caller names, with its port where that is given", async () => {
    expect((await all(gateway(blob("mirror"), { allowedHosts: ["Mirror"] }).ddfs.pull("x"))).length).toBe(1);
    expect((await all(gateway(blob("mirror:81"), { allowedHosts: ["mirror:81"] }).ddfs.pull("x"))).length).toBe(1);
    const { ddfs } = gateway(blob("mirror:82"), { allowedHosts: ["mirror:81"] });
    expect((await failure(all(ddfs.pull("x")))).code).toBe("forbidden");
  });

  it("holds for redirects and for linked tags", async () => {
    const redirected = gateway(blob("node1"), { allowedHosts: [] }, "http://10.0.0.1/");
    expect((await failure(all(redirected.ddfs.pull("x")))).code).toBe("forbidden");
    const linked = gateway("tag://10.0.0.1/y", { allowedHosts: [] });
    expect((await failure(all(linked.ddfs.walk("x")))).code).toBe("forbidden");
    for (const { asked } of [redirected, linked]) expect(asked.some((url) => url.startsWith("10."))).toBe(false);
  });

  it("is a list of hosts", () => {
    expect(() => gateway("", { allowedHosts: ["http://a"] })).toThrow("Invalid allowedHosts");
  });
});

describe("a URL in a tag", () => {
  for (const url of ["file:///etc/passwd", "file://localhost/etc/passwd", "ftp://a/b", "data:text/plain,x", "blob:x"]) {
    it(`is never followed to ${url}`, async () => {
      const { ddfs, asked } = gateway(url);

      const pulled = await failure(all(ddfs.pull("x"))).catch(() => undefined);
      await all(ddfs.records("tag://x")).catch(() => {});

      expect(asked.every((asked) => asked.startsWith("m/ddfs/tag/"))).toBe(true);
      expect(pulled === undefined || pulled.name.endsWith("Error")).toBe(true);
    });
  }
});
