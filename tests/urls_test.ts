import { describe, it } from "@std/testing/bdd";
import { expect } from "./helpers/expect.ts";
import { DiscoError } from "../lib/errors.ts";
import { hostOf, parseMaster, parseProxy, proxied, resolveUrl, splitScheme } from "../lib/urls.ts";

describe("parseMaster()", () => {
  it("reads disco://host with the default port", () => {
    expect(parseMaster("disco://localhost")).toEqual({
      base: "http://localhost:8989",
      port: "8989",
      token: undefined,
    });
  });

  it("takes the port of the settings where the address has none", () => {
    expect(parseMaster("disco://h", "9999").base).toBe("http://h:9999");
    expect(parseMaster("disco://h:1234", "9999").base).toBe("http://h:1234");
  });

  it("reads http and https addresses with their own ports, also those that URL hides", () => {
    expect(parseMaster("http://h:8989/").base).toBe("http://h:8989");
    expect(parseMaster("http://h:80").port).toBe("80");
    expect(parseMaster("http://h").port).toBe("80");
    expect(parseMaster("https://gateway.example/ddfs-gate/").base).toBe("https://gateway.example:443/ddfs-gate");
    expect(parseMaster("disco://gateway.example/ddfs-gate/").base).toBe("http://gateway.example:8989/ddfs-gate");
  });

  it("reads a bare host, and one in IPv6", () => {
    expect(parseMaster("localhost:9999").base).toBe("http://localhost:9999");
    expect(parseMaster("disco://[::1]").base).toBe("http://[::1]:8989");
  });

  it("cuts the token out", () => {
    expect(parseMaster("disco://user:s%20t@h")).toMatchObject({ base: "http://h:8989", token: "s t" });
    expect(parseMaster("disco://tok@h")).toMatchObject({ base: "http://h:8989", token: "tok" });
  });

  for (const address of ["", "disco://", "disco:///h", "ftp://h", "http://h:port", "http://h:1\n", "a b", "tag://x"]) {
    it(`refuses ${JSON.stringify(address)}, and names it`, () => {
      expect(() => parseMaster(address)).toThrow(DiscoError);
      expect(() => parseMaster(address)).toThrow(JSON.stringify(address));
    });
  }
});

describe("resolveUrl()", () => {
  it("turns disco:// into http:// on the given port", () => {
    expect(resolveUrl("disco://n/ddfs/vol0/blob/67/a:b$1-2-3")).toBe("http://n:8989/ddfs/vol0/blob/67/a:b$1-2-3");
    expect(resolveUrl("disco://n/x", "1234")).toBe("http://n:1234/x");
    expect(resolveUrl("disco://n:80/x", "1234")).toBe("http://n:80/x");
  });

  it("leaves http(s) URLs as they are, but for a token", () => {
    expect(resolveUrl("http://user:secret@h:1/x?y=1")).toBe("http://h:1/x?y=1");
    expect(resolveUrl("https://h/x")).toBe("https://h/x");
  });

  for (const url of ["file:///etc/passwd", "raw://x", "tag://x", "x", "disco:///x", "javascript://x"]) {
    it(`refuses ${url}`, () => {
      expect(() => resolveUrl(url)).toThrow(DiscoError);
    });
  }
});

describe("proxied()", () => {
  const url = "http://node1:8990/ddfs/log$1-2-3";

  it("sends master requests to PROXY/path", () => {
    expect(proxied("http://m:8989/ddfs/tag/x?update=1", "POST", "http://proxy:1", true)).toBe(
      "http://proxy:1/ddfs/tag/x?update=1",
    );
  });

  it("sends node requests to PROXY/proxy/HOST/METHOD/path", () => {
    expect(proxied(url, "PUT", "http://proxy:1", false)).toBe("http://proxy:1/proxy/node1/PUT/ddfs/log$1-2-3");
  });

  it("works for hosts with dots, which the original passed by", () => {
    const proxy = parseProxy("p:1");
    expect(proxied("http://n.example.com:8989/x", "GET", proxy, false)).toBe("http://p:1/proxy/n.example.com/GET/x");
  });

  it("takes a proxy without a scheme, and refuses what is no URL", () => {
    expect(parseProxy("proxy:8080/base/")).toBe("http://proxy:8080/base");
    expect(() => parseProxy("ftp://x")).toThrow('Invalid proxy "ftp://x"');
    expect(() => parseProxy("http://")).toThrow(DiscoError);
  });
});

describe("hostOf() and splitScheme()", () => {
  it("find the host of any scheme", () => {
    expect(["disco://n:1/x", "http://t@n/x", "tag://h/x", "x y"].map(hostOf)).toEqual(["n", "n", "h", ""]);
  });

  it("split at the first ://", () => {
    expect(splitScheme("RAW://a://b")).toEqual(["raw", "a://b"]);
    expect(splitScheme("a:b")).toEqual([undefined, "a:b"]);
  });
});
