import { describe, it } from "@std/testing/bdd";
import { embedded, type EmbeddedOptions } from "@ddfs/client/embedded";
import { expect } from "../helpers/expect.ts";

/** Where a blob is to be put, and where the tag and the blob are, for a request with some headers. */
async function told(headers: Record<string, string>, options: EmbeddedOptions): Promise<string[]> {
  const ddfs = embedded(options);
  const [put] = await (await ddfs.fetch("http://127.0.0.1:8989/ddfs/new_blob/log", { headers })).json();
  const path = new URL(put).pathname;
  const blob = await (await ddfs.fetch(`http://127.0.0.1:8989${path}`, { method: "PUT", body: "x", headers })).json();
  const init = { method: "POST", body: "[]", headers };
  const [tag] = await (await ddfs.fetch("http://127.0.0.1:8989/ddfs/tag/data", init)).json();
  await ddfs.close();
  return [put, blob, tag].map((url) => url.replace(/\/ddfs\/.*/, ""));
}

const OWN = ["http://127.0.0.1:8989", "disco://127.0.0.1", "disco://127.0.0.1"];
const PUBLIC = ["https://ddfs.example.org", "disco://ddfs.example.org", "disco://ddfs.example.org"];
const X = { "X-Forwarded-Host": "ddfs.example.org", "X-Forwarded-Proto": "https" };
const FORWARDED = {
  Forwarded: 'for=192.0.2.1;host="ddfs.example.org";proto=https, for=10.0.0.1;host=inner;proto=http',
};

describe("what a proxy tells", () => {
  it("is not believed unless an option says so", async () => {
    expect(await told({ ...X, ...FORWARDED }, {})).toEqual(OWN);
    expect(await told(FORWARDED, { trustProxy: "x-forwarded" })).toEqual(OWN);
    expect(await told(X, { trustProxy: "forwarded" })).toEqual(OWN);
  });

  it("is the host and scheme of all addresses", async () => {
    expect(await told(X, { trustProxy: true })).toEqual(PUBLIC);
    expect(await told(X, { trustProxy: "x-forwarded" })).toEqual(PUBLIC);
    expect(await told(FORWARDED, { trustProxy: true })).toEqual(PUBLIC);
    expect(await told(FORWARDED, { trustProxy: "forwarded" })).toEqual(PUBLIC);
  });

  it("may be a part of it, a list, or a host with a port", async () => {
    const trust = { trustProxy: true };

    expect((await told({ "X-Forwarded-Proto": "HTTPS" }, trust))[0]).toBe("https://127.0.0.1:8989");
    expect((await told({ "X-Forwarded-Host": "a.org:8443, b.org" }, trust))[0]).toBe("http://a.org:8443");
    expect((await told({ ...X, "X-Forwarded-Host": "a.org:443" }, trust))[0]).toBe("https://a.org");
    expect((await told({ "X-Forwarded-Host": "[::1]:80" }, trust))[0]).toBe("http://[::1]");
    expect((await told({ Forwarded: 'Proto=https ; HOST="a.org:8443"' }, trust))[0]).toBe("https://a.org:8443");
    expect((await told({ ...FORWARDED, "X-Forwarded-Host": "a.org" }, trust))[0]).toBe("https://a.org");
  });

  it("is passed over when it is no host or no scheme", async () => {
    for (const host of ["", "a b", "a.org/x", "u:p@a.org", "a.org:99999", "[1]", "1.2.3.4.5", "a.org\\x", "?", "%"]) {
      const headers = { "X-Forwarded-Host": host, "X-Forwarded-Proto": "ftp" };
      expect([host, await told(headers, { trustProxy: true })]).toEqual([host, OWN]);
    }
    for (const header of ["", ";;", "host", "host=", 'host="a', "=a", "x".repeat(9999), 'host="\\', "host=a b"]) {
      expect([header, (await told({ Forwarded: header }, { trustProxy: true }))[0]]).toEqual([header, OWN[0]]);
    }
  });

  it("says which pages are of the host", async () => {
    const ddfs = embedded({ trustProxy: true });
    const post = async (origin: string, headers: Record<string, string>) => {
      const init = { method: "POST", body: "[]", headers: { ...headers, Origin: origin } };
      return (await ddfs.fetch("http://127.0.0.1:8989/ddfs/tag/data", init)).status;
    };

    expect(await post("https://ddfs.example.org", X)).toBe(200);
    expect(await post("http://127.0.0.1:8989", X)).toBe(403);
    expect(await post("https://ddfs.example.org", {})).toBe(403);
    await ddfs.close();
  });

  it("leads to the nodes by their names", async () => {
    const ddfs = embedded({ trustProxy: true, nodes: ["a.example.org", "b.example.org"], master: "m.example.org" });
    const headers = { "X-Forwarded-Host": "a.example.org", "X-Forwarded-Proto": "https" };

    const put = await ddfs.fetch("http://127.0.0.1:8989/ddfs/log$1-2-3", { method: "PUT", body: "x", headers });

    expect(await put.json()).toMatch(/^disco:\/\/a\.example\.org\/ddfs\/vol0\/blob\//);
    await ddfs.close();
  });
});
