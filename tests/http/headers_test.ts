import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { DDFS, type DDFSOptions } from "../../mod.ts";
import { all, failure, json } from "../helpers/fakes.ts";

/** A master `m` whose tag has a blob on the node `a`; gives what each request had as `x-gateway`. */
function client(options: DDFSOptions, answers: Record<string, () => Response> = {}) {
  const sent: [method: string, host: string, header: string | null, authorization: string | null][] = [];
  const urls = [["disco://a/ddfs/vol0/blob/00/log$1-2-3"]];
  const ddfs = new DDFS("disco://m", {
    settings: {},
    retry: { tries: 1 },
    fetch: (request) => {
      const { hostname, pathname } = new URL(request.url);
      const { headers, method } = request;
      sent.push([method, hostname, headers.get("x-gateway"), headers.get("authorization")]);
      const answer = answers[pathname];
      if (answer) return Promise.resolve(answer());
      if (pathname.startsWith("/ddfs/new_blob/")) return Promise.resolve(json(["http://a:8990/ddfs/n$1-2-3"]));
      if (method === "PUT") return Promise.resolve(json("disco://a/ddfs/vol0/blob/00/n$1-2-3", 201));
      if (pathname.startsWith("/ddfs/vol0/")) return Promise.resolve(new Response("1"));
      const tag = { version: 1, id: "x$1-2-3", "last-modified": "now", urls, "user-data": {} };
      return Promise.resolve(json(method === "POST" ? ["disco://a/x"] : tag));
    },
    ...options,
  });
  return { ddfs, sent };
}

describe("headers", () => {
  it("go with each request to the master, and with none to a node", async () => {
    const { ddfs, sent } = client({ headers: { "x-gateway": "key" } });

    await ddfs.push("x", [[new Blob(["1"]), "n"]]);
    await all(ddfs.pull("x"));

    for (const [, host, header] of sent) expect(header).toBe(host === "m" ? "key" : null);
    expect(new Set(sent.map(([, host]) => host)).size).toBe(2);
  });

  it("are asked for each time, with the URL and the method", async () => {
    const asked: string[] = [];
    const { ddfs, sent } = client({
      headers: ({ method, url }) => {
        asked.push(`${method} ${url}`);
        return Promise.resolve({ "x-gateway": `${asked.length}` });
      },
    });

    await ddfs.get("x");
    await ddfs.tag("x", ["tag://y"]);

    expect(asked[0]).toBe("GET http://m:8989/ddfs/tag/x");
    // A gateway that wants a signature wants it of the whole URL.
    expect(asked[1]).toMatch(/^POST http:\/\/m:8989\/ddfs\/tag\/x\?request=[0-9a-f-]{36}$/);
    expect(sent.map(([, , header]) => header)).toEqual(["1", "2"]);
  });

  it("stay behind when a redirect leads elsewhere, and where a link names another master", async () => {
    const redirect = () => new Response(null, { status: 302, headers: { location: "http://evil/" } });
    const { ddfs, sent } = client({ headers: { "x-gateway": "key" } }, { "/ddfs/tag/x": redirect });

    await ddfs.get("x");
    await ddfs.get("tag://other/y");

    expect(sent.map(([, host, header]) => [host, header])).toEqual([["m", "key"], ["evil", null], ["other", null]]);
  });

  it("do not take the place of a token", async () => {
    const { ddfs, sent } = client({ headers: { authorization: "Bearer gateway" }, token: "R" });

    await ddfs.get("x");
    await ddfs.list().catch(() => {});

    expect(sent.map(([, , , authorization]) => authorization)).toEqual(["Basic dG9rZW46Ug==", "Bearer gateway"]);
  });

  it("go through the proxy with every request", async () => {
    const { ddfs, sent } = client({ headers: { "x-gateway": "key" }, proxy: "http://p:1" });

    await ddfs.get("x");

    expect(sent.map(([, host, header]) => [host, header])).toEqual([["p", "key"]]);
  });

  it("are refused where they are none, without their values", async () => {
    expect(() => client({ headers: { "x y": "secret" } })).toThrow('Invalid headers "x y": write { name: value }');
    const { ddfs } = client({ headers: () => ({ "x-gateway": "secret\n2" }) });
    const error = await failure(ddfs.list());
    expect([error.code, error.message.includes("secret")]).toEqual(["invalid-argument", false]);
  });

  it("fail a request at once where they cannot be found", async () => {
    const { ddfs, sent } = client({ headers: () => Promise.reject(new Error("the vault is shut")) });

    const error = await failure(ddfs.list());

    expect(error.code).toBe("invalid-argument");
    expect(error.message).toBe("headers() failed: the vault is shut");
    expect(sent).toEqual([]);
  });
});
