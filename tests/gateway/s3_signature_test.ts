import { AwsV4Signer } from "aws4fetch";
import { describe, it } from "@std/testing/bdd";
import { checkSignature } from "../../lib/gateway/s3_signature.ts";
import { expect } from "../helpers/expect.ts";

const NOW = Date.UTC(2026, 5, 1, 12);
const DATE = "20260601T120000Z";
const KEYS = { reader: "secret" };
const URL_OF_KEY = "http://s3.example:9000/ddfs/data/logs/a:b@c?list-type=2&prefix=a%20b%2Fc";

type How = Partial<ConstructorParameters<typeof AwsV4Signer>[0]>;

async function signed(how: How = {}): Promise<Request> {
  const content = how.signQuery ? undefined : { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
  const { method, url, headers } = await new AwsV4Signer({
    ...{
      url: URL_OF_KEY,
      accessKeyId: "reader",
      secretAccessKey: "secret",
      service: "s3",
      region: "eu-west-1",
      datetime: DATE,
    },
    ...how,
    headers: { ...content, ...how.headers as Record<string, string> },
  }).sign();
  return new Request(url, { method, headers });
}

/** What a request is answered with: "ok", or the code of the error. */
async function outcome(request: Request, now = NOW): Promise<string> {
  return await checkSignature(request, KEYS, now).then(() => "ok", (error) => error.code ?? String(error));
}

function changed(
  request: Request,
  { url = request.url, headers = {}, method = request.method }: {
    url?: string;
    headers?: Record<string, string>;
    method?: string;
  },
): Request {
  const all = new Headers(request.headers);
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  return new Request(url, { method, headers: all });
}

describe("checkSignature()", () => {
  it("takes the example that AWS has in its documentation", async () => {
    // https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html: GET Object, and List Objects
    const keys = { AKIAIOSFODNN7EXAMPLE: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
    const credential = "Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
    const content = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const common = { "x-amz-content-sha256": content, "x-amz-date": "20130524T000000Z" };
    const get = new Request("http://examplebucket.s3.amazonaws.com/test.txt", {
      headers: {
        ...common,
        range: "bytes=0-9",
        authorization: `AWS4-HMAC-SHA256 ${credential},SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,` +
          "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
      },
    });
    const list = new Request("http://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J", {
      headers: {
        ...common,
        authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host;x-amz-content-sha256;x-amz-date, ` +
          "Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
      },
    });
    const presigned = new Request(
      "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256" +
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z" +
        "&X-Amz-Expires=86400&X-Amz-SignedHeaders=host" +
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404",
    );
    for (const request of [get, list, presigned]) await checkSignature(request, keys, Date.UTC(2013, 4, 24));
  });

  it("refuses a request of which any byte of its signature, its path, its query or its headers was altered", async () => {
    const request = await signed({ headers: { range: "bytes=0-9" }, allHeaders: true });
    expect(await outcome(request)).toBe("ok");
    const authorization = request.headers.get("authorization") ?? "";
    const other = (character: string) => character === "a" ? "b" : "a";
    for (let i = 0; i < authorization.length; i++) {
      const altered = authorization.slice(0, i) + other(authorization[i] ?? "") + authorization.slice(i + 1);
      const found = await outcome(changed(request, { headers: { authorization: altered } }));
      expect([altered, found]).not.toEqual([altered, "ok"]);
    }
    for (let i = "http://s3.example:9000/".length; i < request.url.length; i++) {
      const url = request.url.slice(0, i) + other(request.url[i] ?? "") + request.url.slice(i + 1);
      expect([url, await outcome(changed(request, { url }))]).not.toEqual([url, "ok"]);
    }
    for (
      const headers of [{ range: "bytes=0-8" }, { "x-amz-date": "20260601T120001Z" }, {
        "x-amz-content-sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
      }]
    ) {
      expect(await outcome(changed(request, { headers }))).toBe("SignatureDoesNotMatch");
    }
    expect(await outcome(changed(request, { url: request.url.replace("s3.example", "s3.examplf") }))).toBe(
      "SignatureDoesNotMatch",
    );
    expect(await outcome(changed(request, { method: "DELETE" }))).toBe("SignatureDoesNotMatch");
    expect(await outcome(changed(request, { url: `${request.url}&x=` }))).toBe("SignatureDoesNotMatch");
  });

  it("refuses a presigned URL of which any byte was altered", async () => {
    const request = await signed({ signQuery: true });
    expect(await outcome(request)).toBe("ok");
    for (let i = "http://".length; i < request.url.length; i++) {
      const url = request.url.slice(0, i) + (request.url[i] === "1" ? "2" : "1") + request.url.slice(i + 1);
      if (!URL.canParse(url)) continue;
      expect([url, await outcome(new Request(url))]).not.toEqual([url, "ok"]);
    }
  });

  const refused: [what: string, how: How | (() => Promise<Request>), code: string][] = [
    ["no signature", () => Promise.resolve(new Request(URL_OF_KEY)), "AccessDenied"],
    ["another secret", { secretAccessKey: "Secret" }, "SignatureDoesNotMatch"],
    ["an unknown key", { accessKeyId: "nobody" }, "InvalidAccessKeyId"],
    ["the name of a method of all objects as key", { accessKeyId: "constructor" }, "InvalidAccessKeyId"],
    ["another service", { service: "ec2" }, "AuthorizationHeaderMalformed"],
    ["a signature of 16 minutes ago", { datetime: "20260601T114400Z" }, "RequestTimeTooSkewed"],
    ["a signature of 16 minutes later", { datetime: "20260601T121600Z" }, "RequestTimeTooSkewed"],
    ["no date", { datetime: "x" }, "AccessDenied"],
    ["a presigned URL that is over", { signQuery: true, datetime: "20260531T115959Z" }, "ExpiredToken"],
    [
      "a presigned URL for too long",
      { signQuery: true, url: `${URL_OF_KEY}&X-Amz-Expires=604801` },
      "AuthorizationQueryParametersError",
    ],
    [
      "a presigned URL for no time",
      { signQuery: true, url: `${URL_OF_KEY}&X-Amz-Expires=0` },
      "AuthorizationQueryParametersError",
    ],
    ["a presigned URL of the future", { signQuery: true, datetime: "20260601T130000Z" }, "RequestTimeTooSkewed"],
    ["the hash of other content", { headers: { "x-amz-content-sha256": "0".repeat(64) } }, "XAmzContentSHA256Mismatch"],
    ["a parameter twice", { url: `${URL_OF_KEY}&prefix=b` }, "InvalidArgument"],
    [
      "a header of Amazon's that is not signed",
      async () => changed(await signed(), { headers: { "x-amz-acl": "public" } }),
      "AccessDenied",
    ],
    [
      "another scheme",
      async () => changed(await signed(), { headers: { authorization: "AWS reader:x" } }),
      "AuthorizationHeaderMalformed",
    ],
  ];
  for (const [what, how, code] of refused) {
    it(`refuses ${what}`, async () => {
      const request = typeof how === "function" ? await how() : await signed(how);
      expect(await outcome(request)).toBe(code);
    });
  }

  it("takes the host that the client has signed, where a proxy in front asks by another one", async () => {
    const request = await signed();
    const passedOn = changed(request, {
      url: request.url.replace("http://s3.example:9000", "http://127.0.0.1:1234"),
      headers: { host: "s3.example:9000" },
    });
    expect(await outcome(passedOn)).toBe("ok");
  });
});
