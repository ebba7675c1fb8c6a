import { describe, it } from "@std/testing/bdd";
import { DDFS } from "../../mod.ts";
import { expect } from "../helpers/expect.ts";
import { bucket, KEYS_IN_ORDER, textsOf } from "./s3_bucket.ts";

describe("s3Server(): a list with a locked tag", () => {
  it("is AccessDenied as a whole, by the tag's name, where a token locks a tag of it", async () => {
    const { ask, ddfs } = await bucket();
    const codes = async (query: string) => textsOf(await (await ask(`/ddfs?${query}`)).text(), "Code");

    for (const query of ["prefix=locked/&delimiter=/", "prefix=locked/", "prefix=lock", "list-type=2&prefix=locked/"]) {
      expect([query, await codes(query)]).toEqual([query, ["AccessDenied"]]);
    }
    for (const query of ["prefix=locked/&marker=locked/l", "delimiter=o", "prefix=", "start-after=links&list-type=2"]) {
      expect([query, await codes(query)]).toEqual([query, ["AccessDenied"]]);
    }
    expect(await codes("prefix=l&delimiter=/")).toEqual([]);
    expect(await codes("prefix=data&max-keys=8")).toEqual([]);

    await ddfs.push("locked:open", [[new Blob(["o"]), "o"]]);
    const refused = await ask("/ddfs?prefix=locked/&delimiter=/");
    expect([refused.status, textsOf(await refused.text(), "Message")[0]]).toEqual([
      403,
      expect.stringMatching(/a token locks tag locked, .* a prefix of other tags/),
    ]);
    expect(textsOf(await (await ask("/ddfs?prefix=locked/open/")).text(), "Key")).toEqual(["locked/open/o"]);
  });

  it("has all keys where the client has a token that opens the tags", async () => {
    const { cluster } = await bucket();
    const ddfs = new DDFS(cluster.master, { settings: {}, fetch: cluster.fetch, token: "sesame" });
    const { ask } = await bucket({ ddfs });

    expect(textsOf(await (await ask("/ddfs?list-type=2")).text(), "Key")).toEqual([...KEYS_IN_ORDER, "locked/l"]);
  });

  it("has all pages before the first locked tag, and no later one", async () => {
    const { ask } = await bucket();

    const first = await (await ask("/ddfs?list-type=2&max-keys=7")).text();
    const [token = ""] = textsOf(first, "NextContinuationToken");
    const next = await ask(`/ddfs?list-type=2&max-keys=7&continuation-token=${encodeURIComponent(token)}`);

    expect(textsOf(first, "Key")).toEqual(KEYS_IN_ORDER.slice(0, 7));
    expect([next.status, textsOf(await next.text(), "Code")]).toEqual([403, ["AccessDenied"]]);
  });
});
