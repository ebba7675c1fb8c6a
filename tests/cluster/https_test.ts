import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { DDFS } from "../../mod.ts";
import { all } from "../helpers/fakes.ts";

/** An embedded DDFS behind a server with a certificate, which passes requests on over http. */
function behindHttps(port: string) {
  const store = embedded();
  const asked: string[] = [];
  const master = `https://m${port}`;
  const ddfs = new DDFS(master, {
    settings: {},
    retry: { tries: 1 },
    token: "R",
    fetch: (request) => {
      asked.push(request.url);
      const { origin } = new URL(master);
      if (!request.url.startsWith(`${origin}/`)) throw new TypeError("connection refused");
      const inner = `http://m:${port.slice(1) || 443}${request.url.slice(origin.length)}`;
      return store.fetch(new Request(inner, request));
    },
  });
  return { ddfs, asked };
}

describe("a master that was given as https", () => {
  for (const port of ["", ":8443"]) {
    it(`on port "${port}" is asked over https alone, also for what was stored through it`, async () => {
      const { ddfs, asked } = behindHttps(port);

      await ddfs.push("x", [[new Blob(["content"]), "n"]]);
      await ddfs.chunk("y", [new Blob(["line\n"])], { workers: 0 });
      const texts: string[] = [];
      for await (const blob of ddfs.pull("x")) texts.push(await blob.text());

      expect(texts).toEqual(["content"]);
      expect(await all(ddfs.records("tag://y", { text: true, workers: 0 }))).toEqual(["line\n"]);
      for await (const { state } of ddfs.verify("x")) expect(state).toBe("good");
      expect((await ddfs.urls(`tag://m:${port.slice(1) || 443}/x`)).length).toBe(1);
      for (const url of asked) expect(url.startsWith("https:")).toBe(true);
    });
  }

  it("does not make https of other hosts and ports", async () => {
    const { ddfs, asked } = behindHttps(":8443");
    await ddfs.tag("x", [["disco://other/ddfs/vol0/blob/00/n$1-2-3"], ["http://m:8080/ddfs/vol0/blob/00/n$1-2-3"]]);

    for (const replicas of await ddfs.urls("x")) await ddfs.open(replicas).catch(() => {});

    expect(asked.filter((url) => url.startsWith("http:"))).toEqual([
      "http://other:8443/ddfs/vol0/blob/00/n$1-2-3",
      "http://m:8080/ddfs/vol0/blob/00/n$1-2-3",
    ]);
  });
});
