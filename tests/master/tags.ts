import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { CommError, InvalidTagError } from "../../mod.ts";
import { all, failure } from "../helpers/fakes.ts";
import type { TestClients } from "./clients.ts";

/** Describes tags, their attributes, links and tokens. */
export function describeTags({ prefix, secret, ddfs, client, fresh }: TestClients): void {
  describe("tags", () => {
    it("are found by name and prefix once they exist", async () => {
      const [a, b] = [fresh(), fresh()];
      expect(await ddfs.exists(a)).toBe(false);

      await ddfs.tag(a, []);
      await ddfs.tag(b, []);

      expect([await ddfs.exists(a), await ddfs.exists(`tag://${b}`)]).toEqual([true, true]);
      expect((await ddfs.list(prefix)).filter((name) => name === a || name === b).sort()).toEqual([a, b].sort());
      expect(await ddfs.list(`${prefix}none`)).toEqual([]);
    });

    it("hold URLs, newest first, and links by name", async () => {
      const tag = fresh();

      await ddfs.tag(tag, ["http://host/x", ["disco://a/1", "disco://b/1"]]);
      await ddfs.tag(tag, ["some:link", "tag://other"]);

      expect(await ddfs.urls(tag)).toEqual([["tag://some:link"], ["tag://other"], ["http://host/x"], [
        "disco://a/1",
        "disco://b/1",
      ]]);
      const { id, version, lastModified } = await ddfs.get(tag);
      expect([id.split("$")[0], version]).toEqual([tag, 1]);
      expect(lastModified).toMatch(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d$/);
    });

    it("are replaced by put()", async () => {
      const tag = fresh();
      await ddfs.tag(tag, ["http://host/x"]);

      await ddfs.put(tag, [["http://host/y"], ["http://host/z"]]);

      expect(await ddfs.urls(tag)).toEqual([["http://host/y"], ["http://host/z"]]);
    });

    it("refuse what is no URL, the empty set included, before anything is sent", async () => {
      const tag = fresh();

      for (const bad of [[[]], ["./x"], ["a b"], [""], [["http://x", "./y"]], [1], ["http://a b"]] as string[][]) {
        expect((await failure(ddfs.tag(tag, bad))).message).toContain("Invalid");
        expect((await failure(ddfs.put(tag, bad))).message).toContain("Invalid");
      }
      expect(await ddfs.exists(tag)).toBe(false);
    });

    it("are gone when deleted, and deleting twice is no error", async () => {
      const tag = fresh();
      await ddfs.tag(tag, []);

      await ddfs.delete(tag);
      await ddfs.delete(tag);

      expect(await ddfs.exists(tag)).toBe(false);
      expect(await failure(ddfs.get(tag))).toMatchObject({ status: 404, code: "not-found" });
    });

    it("refuse an invalid name in every operation", async () => {
      const bad = "bigfile.txt";

      for (
        const call of [
          ddfs.get(bad),
          ddfs.attrs(bad),
          ddfs.exists(bad),
          ddfs.urls(bad),
          ddfs.getattr(bad, "a"),
          ddfs.setattr(bad, "a", "b"),
          ddfs.delattr(bad, "a"),
          ddfs.delete(bad),
          ddfs.tag(bad, []),
          ddfs.put(bad, []),
          ddfs.push(bad, []),
          ddfs.chunk(bad, []),
          all(ddfs.blobs(bad)),
          all(ddfs.pull(bad)),
          (async () => await all(ddfs.walk(bad)))(),
          all(ddfs.records(bad)),
        ]
      ) {
        const error = await failure(call);
        expect(error).toBeInstanceOf(InvalidTagError);
        expect(error.message).toContain('"bigfile.txt"');
      }
    });
  });

  describe("attributes", () => {
    it("are set, read, overwritten and deleted", async () => {
      const tag = fresh();

      await ddfs.setattr(tag, "colour", "red");
      await ddfs.setattr(tag, "a/b é", "x\n\u0000€😀");
      expect(await ddfs.attrs(tag)).toEqual({ colour: "red", "a/b é": "x\n\u0000€😀" });

      await ddfs.setattr(tag, "colour", "");
      expect([await ddfs.getattr(tag, "colour"), await ddfs.getattr(tag, "a/b é")]).toEqual(["", "x\n\u0000€😀"]);

      await ddfs.delattr(tag, "colour");
      await ddfs.delattr(tag, "never");
      expect(Object.keys(await ddfs.attrs(tag))).toEqual(["a/b é"]);
      expect(await failure(ddfs.getattr(tag, "colour"))).toMatchObject({ status: 404 });
    });

    it("of a missing tag are an error", async () => {
      expect(await failure(ddfs.attrs(fresh()))).toBeInstanceOf(CommError);
      expect(await failure(ddfs.delattr(fresh(), "a"))).toMatchObject({ status: 404 });
    });
  });

  describe("walk(), blobs() and findtags()", () => {
    it("give parents before children, with paths, links and blobs", async () => {
      const [root, a, b] = [fresh(), fresh(), fresh()];
      await ddfs.put(root, [[`tag://${a}`], ["http://h/1"], [b]]);
      await ddfs.put(a, [["http://h/2", "http://g/2"]]);
      await ddfs.put(b, [["http://h/3"]]);

      expect(await all(ddfs.walk(root))).toEqual([
        { path: [`tag://${root}`], tags: [`tag://${a}`, `tag://${b}`], blobs: [["http://h/1"]] },
        { path: [`tag://${root}`, `tag://${a}`], tags: [], blobs: [["http://h/2", "http://g/2"]] },
        { path: [`tag://${root}`, `tag://${b}`], tags: [], blobs: [["http://h/3"]] },
      ]);
      expect(await all(ddfs.blobs(root))).toEqual([["http://h/1"], ["http://h/2", "http://g/2"], ["http://h/3"]]);
    });

    it("end on cycles, and give a shared tag once", async () => {
      const [a, b, c] = [fresh(), fresh(), fresh()];
      await ddfs.put(a, [[b], [c]]);
      await ddfs.put(b, [[c], [a], ["http://h/b"]]);
      await ddfs.put(c, [[a], ["http://h/c"]]);

      expect((await all(ddfs.walk(a))).map(({ path }) => path.at(-1))).toEqual([
        `tag://${a}`,
        `tag://${b}`,
        `tag://${c}`,
      ]);
      expect(await all(ddfs.blobs(a))).toEqual([["http://h/b"], ["http://h/c"]]);
      expect((await all(ddfs.findtags([c, b]))).length).toBe(3);
    });

    it("pass over missing tags, or not", async () => {
      const [root, missing] = [fresh(), fresh()];
      await ddfs.put(root, [[missing], ["http://h/1"]]);

      expect((await all(ddfs.walk(root))).length).toBe(1);
      expect(await failure(all(ddfs.walk(root, { ignoreMissing: false })))).toMatchObject({ status: 404 });
    });
  });

  describe("tokens", () => {
    it("given at creation guard a tag, which is still said to exist", async () => {
      const tag = fresh();
      const owner = client({ token: secret });

      await owner.push(tag, [[new Blob(["guarded"]), "a"]]);

      expect(await ddfs.exists(tag)).toBe(true);
      for (
        const call of [
          () => ddfs.get(tag),
          () => ddfs.urls(tag),
          () => all(ddfs.pull(tag)),
          () => ddfs.tag(tag, ["http://h/x"]),
          () => ddfs.delete(tag),
        ]
      ) {
        const error = await failure(call());
        expect(error).toMatchObject({ status: 401, code: "unauthorized" });
        expect(error.message).not.toContain(secret);
      }
      expect((await all(owner.pull(tag))).length).toBe(1);
      expect((await ddfs.get(tag, { token: secret })).urls.length).toBe(1);
    });

    it("are read and write apart, and can be unset", async () => {
      const tag = fresh();
      await ddfs.tag(tag, []);
      await ddfs.setattr(tag, "ddfs:write-token", secret);
      await ddfs.setattr(tag, "ddfs:read-token", "r", { token: secret });
      const owner = client({ token: { read: "r", write: secret } });

      expect(await owner.attrs(tag)).toEqual({});
      await owner.setattr(tag, "a", "b");
      expect(await failure(client({ token: "r" }).setattr(tag, "a", "c"))).toMatchObject({ status: 401 });

      await owner.delattr(tag, "ddfs:read-token");
      expect(await ddfs.attrs(tag)).toEqual({ a: "b" });
      expect(await owner.getattr(tag, "ddfs:read-token")).toBe(null);
    });
  });
}
