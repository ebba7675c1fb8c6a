import { inspect } from "node:util";
import fc from "fast-check";
import { describe, it } from "@std/testing/bdd";
import { expect } from "./helpers/expect.ts";
import { DDFS, type DDFSOptions, DiscoError, withoutTokens } from "../mod.ts";
import { all, failure, json } from "./helpers/fakes.ts";
import { rejectionOf } from "./helpers/thrown.ts";

/** Tokens with what ends a part of a URL, what is encoded there or in JSON, and what base64 has; the first letters are in no other text. */
const token = fc.tuple(
  fc.integer({ min: 10_000, max: 99_999 }),
  fc.array(fc.constantFrom(...`/#?\\@ %+=:&"'<>$^*(){}[]|.é木😀\t\nqZ7`), { minLength: 4, maxLength: 20 }),
).map(([number, characters]) => `${number}qzj${characters.join("")}jzq`);

/** All texts of an error, its causes, and what is left of them as JSON. */
function textsOf(error: unknown): string {
  const texts: string[] = [];
  for (let next = error; next instanceof Error; next = next.cause) {
    texts.push(next.message, next.stack ?? "", String((next as { url?: string }).url), JSON.stringify(next));
  }
  return texts.join("\n");
}

/** Ways to write a token. */
function spellings(token: string): string[] {
  const base64 = btoa(String.fromCharCode(...new TextEncoder().encode(`token:${token}`)));
  const json = JSON.stringify(token).slice(1, -1);
  const ascii = json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return [token, encodeURIComponent(token), json, ascii, base64];
}

/** What a client tells in errors and events, whose master echoes all that it knows of a request. */
async function told(options: DDFSOptions, run: (ddfs: DDFS) => Promise<unknown>, echoed: string): Promise<string> {
  const seen: string[] = [];
  const ddfs = new DDFS("disco://m", {
    settings: {},
    retry: { tries: 3 },
    random: () => 0,
    onEvent: (event) => seen.push(JSON.stringify(event), textsOf(event.cause)),
    fetch: (request) => {
      const text = `${request.url} ${echoed} ${request.headers.get("authorization")} ${spellings(echoed).join(" ")}`;
      // JSON of another shape than DDFS sends.
      if (seen.length === 2) return Promise.resolve(new Response(JSON.stringify({ urls: text })));
      if (seen.length === 0) throw new TypeError(`cannot send ${text}`, { cause: new Error(text) });
      return Promise.resolve(new Response(text, { status: 500 }));
    },
    ...options,
  });
  seen.push(textsOf(await failure(run(ddfs))));
  return seen.join("\n");
}

const wayToUse: Record<string, (token: string) => Promise<string>> = {
  "the client": (token) => told({ token }, (ddfs) => ddfs.get("x"), token),
  "a function of the client": (token) => told({ token: () => token }, (ddfs) => ddfs.get("x"), token),
  "the settings": (token) => told({ settings: { DDFS_READ_TOKEN: token } }, (ddfs) => ddfs.get("x"), token),
  "a call": (token) => told({}, (ddfs) => ddfs.get("x", { token }), token),
  "a tag's URL": (token) => told({}, (ddfs) => ddfs.get(`tag://${token}@m/x`), token),
  "a tag's URL, encoded": (token) => told({}, (ddfs) => ddfs.get(`tag://${encodeURIComponent(token)}@m/x`), token),
  "a tag's URL with a user": (token) => told({}, (ddfs) => ddfs.get(`tag://user:${token}@m/x`), token),
  "a wrong tag's URL": (token) => told({}, (ddfs) => ddfs.get(`tag://${token}@m/not a tag`), token),
  "a blob's URL": (token) =>
    told({}, (ddfs) => all(ddfs.records(`disco://${encodeURIComponent(token)}@a/ddfs/vol0/blob/00/x$1`)), token),
  "the master's address": async (token) => {
    const fetch = () => Promise.resolve(new Response(token, { status: 500 }));
    const ddfs = new DDFS(`disco://${encodeURIComponent(token)}@m`, { settings: {}, fetch });
    return textsOf(await failure(ddfs.get("x")));
  },
};

describe("a token", () => {
  for (const [way, tell] of Object.entries(wayToUse)) {
    it(`that is given by ${way} is in no error and no event, whatever it consists of`, async () => {
      await fc.assert(
        fc.asyncProperty(token, async (token) => {
          const text = await tell(token);

          for (const spelling of spellings(token)) expect(text.includes(spelling)).toBe(false);
        }),
        { numRuns: 50 },
      );
    });
  }

  it("that is written into a master's address as it is stands in no error either, and goes to no other host", () => {
    fc.assert(fc.property(token, (token) => {
      let said = "";
      try {
        new DDFS(`disco://${token}@m`, { settings: {} });
      } catch (error) {
        expect(error).toBeInstanceOf(DiscoError);
        said = textsOf(error);
      }
      expect(said.includes("jzq")).toBe(false);
    }));
  });

  it("is cut out before a text is cut", async () => {
    const secret = "qzj-long-secret-token-jzq";
    const { length } = "GET ";
    for (let padding = 1960 - length; padding < 2000; padding++) {
      const fetch = () => Promise.resolve(new Response("x".repeat(padding) + secret, { status: 500 }));
      const error = await failure(new DDFS("disco://m", { settings: {}, fetch, token: secret }).get("x"));
      expect(error.message.includes("qzj-")).toBe(false);
    }
  });

  it("is taken out of whatever a fetch throws", async () => {
    const secret = "qzj-s/e c+r=et-jzq";
    const text = `for ${secret} and ${encodeURIComponent(secret)}`;
    class Odd {
      readonly headers = new Headers({ authorization: text });
    }
    const thrown: Record<string, unknown> = {
      "a text": text,
      "an object": { message: text, request: { url: `http://${encodeURIComponent(secret)}@m/` } },
      "an error of several": new AggregateError([new Error(text)], "both failed"),
      "an error with a name": Object.assign(new Error("no"), { name: secret }),
      "an error with its request": Object.assign(new Error("no"), { config: { headers: [text] }, request: new Odd() }),
      "an error with functions": Object.assign(new Error("no"), { toString: () => text, toJSON: () => text }),
      "an error that leads back to itself": (() => {
        const error: { cause?: unknown; errors?: unknown[] } = new Error(text);
        error.cause = error;
        error.errors = Array.from({ length: 100 }, () => error);
        return error;
      })(),
      "an error that cannot be read": Object.defineProperty(new Error(text), "input", {
        get: () => {
          throw new Error(text);
        },
      }),
    };
    for (const [what, cause] of Object.entries(thrown)) {
      const causes: unknown[] = [];
      const ddfs = new DDFS("disco://m", {
        settings: {},
        token: secret,
        retry: { tries: 2 },
        random: () => 0,
        onEvent: (event) => causes.push(event.cause),
        fetch: () => Promise.reject(cause),
      });
      causes.push(await failure(ddfs.get("x")));
      for (const told of causes) {
        const shown = `${inspect(told, { depth: 20, showHidden: true })} ${JSON.stringify(told)} ${told}`;
        expect([what, shown.includes("qzj"), shown.length > 20]).toEqual([what, false, true]);
      }
    }
  });

  it("is taken out of a link that may be in a tag", async () => {
    const ddfs = new DDFS("disco://m", {
      settings: {},
      retry: { tries: 1 },
      fetch: () => Promise.reject(new TypeError("reset")),
    });

    const error = await rejectionOf(
      ddfs.tag("x", ["tag://qzjtokenjzq@m/y", "disco://a/ddfs/vol0/blob/00/n$1"]),
    ) as DiscoError;

    expect(error.unconfirmed).toEqual([["tag://m/y"], ["disco://a/ddfs/vol0/blob/00/n$1"]]);
  });

  it("that is a short word leaves longer words alone that begin with it", async () => {
    const said = "no mosses here: moss, moss/ and moss%20 are %64moss and DDFSmoss";
    const fetch = () => Promise.reject(new TypeError(said));
    const ddfs = new DDFS("disco://m", { settings: {}, token: "moss", retry: { tries: 1 }, fetch });

    expect(String((await failure(ddfs.get("x"))).cause)).toBe(
      "TypeError: no mosses here: ***, ***/ and ***%20 are %64*** and DDFS***",
    );
  });

  it("leaves an error alone that has none", async () => {
    const cause = new TypeError("no such thing");
    const ddfs = new DDFS("disco://m", {
      settings: {},
      token: "qzj-other-jzq",
      retry: { tries: 1 },
      fetch: () => Promise.reject(cause),
    });

    expect((await failure(ddfs.get("x"))).cause).toBe(cause);
  });
});

describe("withoutTokens()", () => {
  it("takes no longer for a long word than for other texts", () => {
    const text = "q0".repeat(500_000);
    expect(withoutTokens(`${text}://to:ken@m/${text}`) === `${text}://m/${text}`).toBe(true);

    const schemes = "a://".repeat(250_000);
    expect(withoutTokens(`${schemes}to/ken@m/ddfs/${schemes}`) === `a://m/ddfs/${schemes}`).toBe(true);
  });

  it("takes the user part out of each URL, with an @ in it too, and leaves other @ alone", () => {
    expect(withoutTokens("tag://to@ken@m/data and http://a:b@c/x@y")).toBe("tag://m/data and http://c/x@y");
    expect(withoutTokens("disco://host/ddfs/vol0/blob/00/me@home$1-2-3")).toBe(
      "disco://host/ddfs/vol0/blob/00/me@home$1-2-3",
    );
    expect(withoutTokens("disco://to/ken@host/ddfs/vol0/x$1")).toBe("disco://host/ddfs/vol0/x$1");
  });
});

describe("credentials in the URL of a source", () => {
  it("are refused, and not shown: they would not be sent", async () => {
    const ddfs = new DDFS("disco://m", { settings: {}, fetch: () => Promise.reject(new Error("not to be asked")) });

    const error = await failure(all(ddfs.records("https://user:password@host/file")));

    expect(error.message).toBe(
      'Invalid URL "https://host/file": credentials in it are not sent: fetch it, and give the body of the answer',
    );
  });
});

describe("the text of an error", () => {
  it("is the title of a page of HTML", async () => {
    const page =
      "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><center>nginx/1.22.1</center></body></html>";
    const fetch = () => Promise.resolve(new Response(page, { status: 500 }));

    const error = await failure(new DDFS("disco://m", { settings: {}, fetch }).list());

    expect(error.message).toBe("GET http://m:8989/ddfs/tags: 500 502 Bad Gateway (a page of HTML)");
  });

  it("is what the master says otherwise", async () => {
    const fetch = () => Promise.resolve(json("<b>", 500));

    expect((await failure(new DDFS("disco://m", { settings: {}, fetch }).list())).message).toContain('500 "<b>"');
  });
});
