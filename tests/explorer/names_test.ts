import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { problemOfName, withEndsOf } from "../../lib/explorer/views/attribute_names.ts";
import { numbered, sharedNames } from "../../lib/explorer/views/upload_names.ts";

describe("the names of files to upload", () => {
  it("that are shared are known", () => {
    expect([...sharedNames(["a_b_txt", "c", "a_b_txt", "d", "c", "c"])]).toEqual(["a_b_txt", "c"]);
    expect(sharedNames(["a", "b"]).size).toBe(0);
  });

  it("are each used once with numbers, and none that a file has", () => {
    expect(numbered(["__", "a", "__", "__"])).toEqual(["__", "a", "___2", "___3"]);
    expect(numbered(["a", "a", "a_2", "a", "a_2"])).toEqual(["a", "a_3", "a_2", "a_4", "a_2_2"]);
    const many = numbered(Array.from({ length: 20_000 }, () => "x"));
    expect([new Set(many).size, many.at(-1)]).toEqual([20_000, "x_20000"]);
  });
});

describe("an attribute", () => {
  it("is not added over one of its name, nor as a token in clear", () => {
    expect(problemOfName("owner", { owner: "ann" })).toMatch(/edit it/);
    expect(problemOfName("ddfs:read-token", {})).toMatch(/Protection/);
    expect(problemOfName("ddfs:write-token", {})).toMatch(/Protection/);
    expect([problemOfName("owners", { owner: "ann" }), problemOfName("toString", {})]).toEqual([undefined, undefined]);
  });

  it("keeps the ends of its lines when it is edited in a field, which has its own", () => {
    expect(withEndsOf("one\r\ntwo", "one\ntwo\nthree")).toBe("one\r\ntwo\r\nthree");
    expect(withEndsOf("one\ntwo", "one\ntwo\nthree")).toBe("one\ntwo\nthree");
  });
});
