import { describe, it } from "@std/testing/bdd";
import { DDFS } from "../../mod.ts";
import { expect } from "../helpers/expect.ts";
import { failure, scripted } from "../helpers/fakes.ts";

const changes: Record<string, (ddfs: DDFS) => Promise<unknown>> = {
  tag: (ddfs) => ddfs.tag("data:x", ["data:y"]),
  put: (ddfs) => ddfs.put("data:x", []),
  delete: (ddfs) => ddfs.delete("data:x"),
  setattr: (ddfs) => ddfs.setattr("data:x", "a", "b"),
  delattr: (ddfs) => ddfs.delattr("data:x", "a"),
  exists: (ddfs) => ddfs.exists("data:x"),
};

describe("a page of HTML in the place of a master's answer, as a proxy sends it to who has to log in", () => {
  for (const [name, change] of Object.entries(changes)) {
    it(`is an error of ${name}(), which may not have been done`, async () => {
      const headers = { "content-type": "text/html; charset=utf-8" };
      const { fetch, requests } = scripted(new Response("<!doctype html><title>Log in</title>", { headers }));

      const error = await failure(change(new DDFS("disco://m", { settings: {}, fetch })));

      expect([error.code, requests.length]).toEqual(["bad-answer", 1]);
      expect(error.message).toContain("the answer is not what DDFS sends: it is a page of HTML");
    });
  }
});
