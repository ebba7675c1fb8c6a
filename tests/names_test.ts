import { describe, it } from "@std/testing/bdd";
import { expect } from "./helpers/expect.ts";
import { InvalidNameError, InvalidTagError } from "../lib/errors.ts";
import {
  baseName,
  blobName,
  canonizeTag,
  checkAttributeName,
  checkAttributeValue,
  checkBlobName,
  checkWrittenTag,
  isTag,
  parseTag,
  relativizeTag,
  safeName,
  tagName,
} from "../lib/names.ts";

describe("parseTag()", () => {
  it("reads a bare name", () => {
    expect(parseTag("data:logs")).toEqual({ name: "data:logs", host: "", token: undefined });
  });

  it("reads tag://name", () => {
    expect(parseTag("tag://data:logs")).toEqual({ name: "data:logs", host: "", token: undefined });
  });

  it("reads host and port", () => {
    expect(parseTag("tag://master:9999/logs")).toMatchObject({ name: "logs", host: "master:9999" });
    expect(parseTag("tag://[::1]:9999/logs")).toMatchObject({ name: "logs", host: "[::1]:9999" });
  });

  it("reads a token with and without a user", () => {
    expect(parseTag("tag://secret@host/logs")).toEqual({ name: "logs", host: "host", token: "secret" });
    expect(parseTag("tag://user:secret@host:8989/logs")).toEqual({ name: "logs", host: "host:8989", token: "secret" });
    expect(parseTag("tag://a%40b@host/logs").token).toBe("a@b");
  });

  it("takes the first item of a list", () => {
    expect(parseTag(["tag://logs", "more"]).name).toBe("logs");
  });

  it("accepts a name that means stdin where it stands alone", () => {
    expect(() => parseTag("-")).toThrow('alone, write "tag://-"');
    expect([parseTag("tag://-").name, parseTag("tag://host/-").name]).toEqual(["-", "-"]);
  });

  it("accepts every legal character, and 511 of them", () => {
    expect(parseTag("Az09_-@:").name).toBe("Az09_-@:");
    expect(parseTag("t".repeat(511)).name.length).toBe(511);
  });

  for (
    const tag of [
      "",
      "-",
      "a.b",
      "a b",
      "a/b",
      "a$b",
      "a+b",
      "ä",
      "a\n",
      "t".repeat(512),
      "tag://",
      "tag://host/",
      "tag://h/a/b",
      "http://x/y",
    ]
  ) {
    it(`refuses ${JSON.stringify(tag.slice(0, 20))}`, () => {
      expect(() => parseTag(tag)).toThrow(InvalidTagError);
    });
  }

  for (const host of ["", "h h", "host:port", "host:123456", "h?x", "h#x"]) {
    it(`refuses the host ${JSON.stringify(host)}`, () => {
      expect(() => parseTag(`tag://${host}/logs`)).toThrow(InvalidTagError);
    });
  }

  for (const value of [undefined, null, 1, {}, [], [1]]) {
    it(`refuses ${JSON.stringify(value) ?? "undefined"}, which is no text`, () => {
      expect(() => parseTag(value as unknown as string)).toThrow(InvalidTagError);
    });
  }

  it("names the tag and says how to write a file", () => {
    expect(() => parseTag("bigfile.txt")).toThrow(
      'Invalid tag "bigfile.txt": a name has 1 to 511 of A-Z a-z 0-9 _ - @ : (for a file, write "./bigfile.txt")',
    );
  });

  it("keeps a token out of its errors", () => {
    expect(() => parseTag("tag://secret@host/a b")).toThrow("tag://host/a b");
  });
});

describe("isTag()", () => {
  it("tells names from paths and URLs", () => {
    expect(["data:x", "tag://x", "bigfile.txt"].map(isTag)).toEqual([true, true, true]);
    expect(["-", "", "./x", "disco://h/x", "http://x"].map(isTag)).toEqual([false, false, false, false, false]);
  });
});

describe("canonizeTag()", () => {
  it("makes tag:// URLs, and drops tokens", () => {
    expect(canonizeTag("x")).toBe("tag://x");
    expect(canonizeTag("tag://t@h:1/x")).toBe("tag://h:1/x");
    expect(canonizeTag(["x", "y"])).toBe("tag://x");
  });
});

describe("relativizeTag()", () => {
  it("gives a link its parent's host", () => {
    expect(relativizeTag("x", "tag://h:1/parent")).toBe("tag://h:1/x");
  });

  it("keeps the link's own host and token", () => {
    expect(relativizeTag("tag://t@other/x", "tag://h/parent")).toBe("tag://t@other/x");
  });

  it("does not pass the parent's token on", () => {
    expect(relativizeTag("tag://x", "tag://secret@h/parent")).toBe("tag://h/x");
  });

  it("stays without a host where neither has one", () => {
    expect(relativizeTag("x", "parent")).toBe("tag://x");
  });
});

describe("tagName()", () => {
  it("gives the bare name", () => {
    expect(tagName("tag://user:t@h:1/data:x")).toBe("data:x");
  });
});

describe("safeName()", () => {
  it("replaces each illegal character", () => {
    expect(safeName("a.b/c d$é.txt")).toBe("a_b_c_d___txt");
    expect(safeName("Az09_-@:")).toBe("Az09_-@:");
  });
});

describe("blobName()", () => {
  it("is what stands before the time stamp", () => {
    expect(blobName("disco://h/ddfs/vol0/blob/67/rec:blob$703-51719-576dd")).toBe("rec:blob");
  });

  it("is found in linear time", () => {
    const long = `${"a".repeat(1 << 20)}/`.repeat(8);

    expect(blobName(`http://h/${long}x$1-2-3`)).toBe("x");
  });

  it("is the last part of any other URL", () => {
    expect(blobName("http://h/a/b.txt?x=1")).toBe("b.txt");
  });
});

describe("baseName()", () => {
  it("is the last part of a path", () => {
    expect(["a/b.txt", "a/", "b", "C:\\x\\y", ""].map(baseName)).toEqual(["b.txt", "a", "b", "y", ""]);
  });
});

describe("names that are about to be written", () => {
  it("refuses blob names that new_blob would refuse", () => {
    for (const name of ["", "a.b", "a/b", "a$b", "a b", "n".repeat(512)]) {
      expect(() => checkBlobName(name)).toThrow(InvalidNameError);
    }
    expect(checkBlobName("n".repeat(511)).length).toBe(511);
  });

  it("refuses a tag of 235 characters, which a node cannot store", () => {
    expect(() => checkWrittenTag("t".repeat(235))).toThrow("a tag of 235 characters cannot be stored, 234 is the most");
    expect(checkWrittenTag("t".repeat(234)).name.length).toBe(234);
  });

  it("refuses attribute names that are empty, too long, or DDFS's own", () => {
    for (const name of ["", "k".repeat(1025), "é".repeat(513), ".", "..", "ddfs:x", "half \ud83d"]) {
      expect(() => checkAttributeName(name)).toThrow("attribute name");
    }
    expect(() => checkAttributeName("ddfs:urls")).toThrow("use urls() and put()");
    for (const name of ["k".repeat(1024), "a/b", "a.b c", "ddfs:read-token", "ddfs:write-token"]) {
      expect(checkAttributeName(name)).toBe(name);
    }
  });

  it("refuses attribute values over 4096 bytes of JSON, and what is no string", () => {
    expect(() => checkAttributeValue("k", "v".repeat(4095))).toThrow("it has 4097 bytes as JSON, 4096 is the most");
    expect(() => checkAttributeValue("k", 1 as unknown as string)).toThrow("must be a string");
    expect(checkAttributeValue("k", "v".repeat(4094)).length).toBe(4094);
  });
});
