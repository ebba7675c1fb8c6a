import { describe, it } from "@std/testing/bdd";
import { embedded, type EmbeddedOptions } from "@ddfs/client/embedded";
import { inFolder, MASTER, said, toTag } from "../helpers/embedded_stores.ts";
import { FakeBucket } from "../helpers/objects/fake_bucket.ts";
import { expect } from "../helpers/expect.ts";
import { thrownBy } from "../helpers/thrown.ts";

/** Values that an option cannot have, by its name. */
const WRONG: readonly (readonly [name: string, ...values: unknown[]])[] = [
  ["root", 5, "", null, {}, "http://host/x", "s3://bucket", "file:x", "file:/x", new URL("https://host/x")],
  ["store", 5, {}, { volumes: new Map() }, "memory"],
  ["nodes", 0, 255, 1.5, NaN, "a", [], ["a", "a"], ["A", "a"], {}, null],
  ["node name", ["a b"], ["a/b"], ["../x"], [""], [5], ["a.b:80"], ["ü"]],
  ["master", "a b", "", 5, null, "host:8989"],
  ["replicas", 0, 2, "1", NaN, null],
  ["tagReplicas", 0, 2, "1", 1.5],
  ["cors", 5, null, "example.org", "https://a.org/", ["https://a.org", 5], ["null"], {}],
  ["trustProxy", "x", 1, null, "X-Forwarded"],
  ["adminToken", "", 5, null, false],
  ["orphanAge", -1, NaN, "5", null],
  ["now", 5, null],
  ["random", 0.5],
  ["after", "later"],
];

describe("the options of an embedded DDFS", () => {
  for (const [name, ...values] of WRONG) {
    it(`are refused by name where they cannot be: ${name}`, () => {
      for (const value of values) {
        const option = name === "node name" ? "nodes" : name;
        // `null` is no option that was left out.
        const error = thrownBy(() => embedded({ [option]: value } as EmbeddedOptions));
        expect(error).toMatchObject({ name: "DiscoError", code: "invalid-argument" });
        expect(String(error)).toContain(`Invalid ${name} `);
      }
    });
  }

  it("are refused by name where they cannot be: limits", () => {
    const names = ["blobBody", "tagBody", "tagItems", "attributes", "attributeName", "attributeValue", "stall"];
    for (const name of names) {
      for (const value of [-1, NaN, "5", null]) {
        const error = thrownBy(() => embedded({ limits: { [name]: value } as EmbeddedOptions["limits"] & object }));
        expect(error).toMatchObject({ code: "invalid-argument", message: expect.stringContaining(`limits.${name}`) });
      }
    }
    expect(thrownBy(() => embedded({ limits: { stall: 0 } }))).toMatchObject({ code: "invalid-argument" });
  });

  it("may be left out as undefined, and have their defaults then", async () => {
    const none = { blobBody: undefined, attributes: undefined, attributeName: undefined, attributeValue: undefined };
    const { fetch } = embedded({ root: undefined, replicas: undefined, after: undefined, limits: none });
    const put = (name: string, value: unknown) =>
      fetch(new Request(`${MASTER}/ddfs/tag/x/${name}`, { method: "PUT", body: JSON.stringify(value) }));

    const answers = [await put("a", "b"), await put("a".repeat(1025), "b"), await put("a", "b".repeat(4096))];

    expect(answers.map(({ status }) => status)).toEqual([200, 403, 403]);
  });

  it("are refused when nobody knows their names", () => {
    const misspelt = [{ rot: "/x" }, { limits: { blobbody: 5 } }, { CORS: true }, { replica: 2 }];
    for (const options of misspelt) {
      const error = thrownBy(() => embedded(options as EmbeddedOptions));
      expect(error).toMatchObject({ name: "DiscoError", code: "invalid-argument" });
      expect(String(error)).toMatch(/"(rot|blobbody|CORS|replica)"/);
    }
    expect(thrownBy(() => embedded(null as unknown as EmbeddedOptions))).toMatchObject({ code: "invalid-argument" });
  });

  it("are not refused when they are undefined", async () => {
    const options = { root: undefined, cors: undefined, limits: undefined, nodes: undefined, other: undefined };
    const ddfs = embedded(options as unknown as EmbeddedOptions);

    expect((await toTag(ddfs, "POST", "data", [])).status).toBe(200);
    await ddfs.close();
  });

  it("say nothing of a token that is wrong", () => {
    const error = thrownBy(() => embedded({ adminToken: ["SECRET"] as unknown as string }));
    expect(String(error)).not.toContain("SECRET");
  });

  it("exclude each other by name", () => {
    const [store, objects] = [() => Promise.reject(), new FakeBucket().engine()];
    for (
      const [names, options] of [[/root.*store/, { root: "/x", store }], [/store.*objects/, { store, objects }], [
        /root.*objects/,
        { root: "/x", objects },
      ]] as const
    ) {
      expect(thrownBy(() => embedded(options)).message).toMatch(names);
    }
  });
});

describe("the objects of an embedded DDFS", () => {
  it("want the name that all of its handlers have", () => {
    const objects = new FakeBucket().engine();

    expect(thrownBy(() => embedded({ objects })).message).toMatch(/nodes.*with objects/);
    expect(thrownBy(() => embedded({ objects, nodes: 2 })).message).toMatch(/nodes.*with objects/);
  });
});

describe("the clock of an embedded DDFS", () => {
  it("is refused by name when it tells no time", async () => {
    const promised: unknown = () => Promise.resolve(0);
    for (const now of [() => NaN, () => Infinity, () => 1e17, promised as () => number]) {
      const ddfs = embedded({ now });
      await expect(ddfs.ready()).rejects.toMatchObject({
        code: "invalid-argument",
        message: expect.stringMatching(/^Invalid answer of now .*: it must be milliseconds since 1970$/),
      });
    }
  });
});

describe("the root of an embedded DDFS", () => {
  for (
    const [kind, rootOf] of [
      ["path", (folder: string) => folder],
      ["URL as a text", (folder: string) => new URL(`file://${folder}`).href],
      ["URL", (folder: string) => new URL(`file://${folder}`)],
      ["URL of this machine", (folder: string) => `file://localhost${new URL(`file://${folder}`).pathname}`],
    ] as const
  ) {
    it(`may be a folder's ${kind}`, () =>
      inFolder(async (folder) => {
        const place = `${folder}/ü ${kind === "path" ? "%41" : "a"} b`;
        const ddfs = embedded({ root: rootOf(place) });
        await toTag(ddfs, "POST", "data", [["a"]]);
        await ddfs.close();

        const again = embedded({ root: place });
        expect(await said(again.fetch(`${MASTER}/ddfs/tags`))).toEqual([200, '["data"]']);
        await again.close();
      }));
  }

  it("is refused by name when no folder can have its URL", async () => {
    const ddfs = embedded({ root: "file:///x%2fy" });
    await expect(ddfs.ready()).rejects.toMatchObject({
      name: "DiscoError",
      message: expect.stringContaining("file:///x%2fy"),
    });
  });
});
