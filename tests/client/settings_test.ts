import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import type { DDFSEvent, DDFSOptions } from "../../lib/options.ts";
import { DDFSReader } from "../../lib/client/reader.ts";
import { failure, json, scripted } from "../helpers/fakes.ts";

describe("a token", () => {
  const tag = () => json({ version: 1, id: "x$1-2-3", "last-modified": "now", urls: [], "user-data": {} });
  const sent = async (tagUrl: string, options: DDFSOptions, own?: string) => {
    const { fetch, requests } = scripted(tag());
    await new DDFSReader("disco://m", { settings: {}, fetch, ...options }).get(tagUrl, { token: own });
    return requests[0]?.headers.get("authorization");
  };

  it("goes as Basic token:TOKEN in base64", async () => {
    expect(await sent("x", { token: "R" })).toBe("Basic dG9rZW46Ug==");
    expect(await sent("x", { token: "ä" })).toBe("Basic dG9rZW46w6Q=");
    expect(await sent("x", { token: "" })).toBe("Basic dG9rZW46");
    expect((await sent("x", { token: "x".repeat(300_000) }))?.length).toBe(400_014);
  });

  it("is read apart from the one to write", async () => {
    expect(await sent("x", { token: { read: "R", write: "W" } })).toBe("Basic dG9rZW46Ug==");
    expect(await sent("x", { token: { write: "W" } })).toBe(null);
  });

  it("is refused under a name that is misspelt", () => {
    const token = { raed: "R" } as object;
    expect(() => new DDFSReader("disco://m", { settings: {}, token })).toThrow('Invalid option of token "raed"');
  });

  it("can be found by a function", async () => {
    expect(await sent("x", { token: (access, name) => Promise.resolve(`${access} ${name}`) })).toBe(
      `Basic ${btoa("token:read x")}`,
    );
  });

  it("comes from the settings, the tag's URL, the call: the later one wins", async () => {
    const settings = { DDFS_READ_TOKEN: "S" };
    expect(await sent("x", { settings })).toBe(`Basic ${btoa("token:S")}`);
    expect(await sent("tag://T@m/x", { settings })).toBe(`Basic ${btoa("token:T")}`);
    expect(await sent("tag://T@m/x", { settings }, "C")).toBe(`Basic ${btoa("token:C")}`);
  });

  it("does not go to another host that a tag names", async () => {
    expect(await sent("tag://elsewhere/x", { token: "secret" })).toBe(null);
    expect(await sent("tag://m:8989/x", { token: "R" })).toBe("Basic dG9rZW46Ug==");
  });

  it("goes over https to a master that was given as https, also where a tag names it", async () => {
    const { fetch, requests } = scripted(tag(), tag());
    const ddfs = new DDFSReader("https://m", { settings: {}, fetch, token: "R" });

    await ddfs.get("tag://m:443/x");
    await ddfs.get("tag://m/x", { token: "own" });

    expect(requests.map(({ url }) => url)).toEqual(["https://m/ddfs/tag/x", "https://m/ddfs/tag/x"]);
    expect(requests.map(({ headers }) => headers.get("authorization"))).toEqual(
      ["R", "own"].map((token) => `Basic ${btoa(`token:${token}`)}`),
    );
  });

  it("is never in an error or an event", async () => {
    const { fetch } = scripted(new TypeError("connection reset"), new Response("no", { status: 401 }));
    const events: DDFSEvent[] = [];
    const onEvent = (event: DDFSEvent) => events.push(event);
    const ddfs = new DDFSReader("disco://m", { settings: {}, fetch, onEvent, random: () => 0, token: "secret1" });

    const error = await failure(ddfs.get("tag://secret2@m/x"));

    const seen = JSON.stringify([error.message, error.url, error.stack, events, String(events[0]?.cause)]);
    expect(seen).toContain("401");
    expect(seen).not.toContain("secret");
    expect(seen).not.toContain(btoa("token:secret2"));
  });
});

describe("settings", () => {
  const asked = async (master: string | undefined, options: DDFSOptions) => {
    const { fetch, requests } = scripted(json([]));
    await new DDFSReader(master, { fetch, ...options }).list("data:");
    return requests[0]?.url;
  };

  it("name the master: DISCO_MASTER, else DISCO_MASTER_HOST and DISCO_PORT, else localhost", async () => {
    expect(await asked(undefined, { settings: { DISCO_MASTER: "disco://a:1", DISCO_MASTER_HOST: "b" } })).toBe(
      "http://a:1/ddfs/tags/data:",
    );
    expect(await asked(undefined, { settings: { DISCO_MASTER_HOST: "b", DISCO_PORT: "2" } })).toBe(
      "http://b:2/ddfs/tags/data:",
    );
    expect(await asked(undefined, { settings: {} })).toBe("http://localhost:8989/ddfs/tags/data:");
  });

  it("name the proxy", async () => {
    expect(await asked("disco://m", { settings: { DISCO_PROXY: "http://p:1" } })).toBe("http://p:1/ddfs/tags/data:");
    expect(await asked("disco://m", { settings: { DISCO_PROXY: "http://p:1" }, proxy: "http://q:1" })).toBe(
      "http://q:1/ddfs/tags/data:",
    );
  });

  it("are refused when they make no sense", () => {
    expect(() => new DDFSReader(undefined, { settings: { DISCO_PORT: "many" } })).toThrow('Invalid DISCO_PORT "many"');
    expect(() => new DDFSReader("disco://m", { retry: { tries: 0 } })).toThrow("Invalid tries 0");
    expect(() => new DDFSReader("disco://m", { timeout: NaN })).toThrow("Invalid timeout NaN");
    expect(() => new DDFSReader("disco://m", { token: 5 as unknown as string })).toThrow(
      'Invalid type of token "number"',
    );
  });
});
