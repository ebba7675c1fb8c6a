import { describe, it } from "@std/testing/bdd";
import { expect } from "./helpers/expect.ts";
import { CommError, DataError, DiscoError, InvalidTagError } from "../lib/errors.ts";

describe("DiscoError", () => {
  it("removes the token of every URL in its message", () => {
    const error = new DiscoError("no tag://secret@host/a, no http://user:secret@node:8989/b", { code: "not-found" });

    expect(error.message).toBe("no tag://host/a, no http://node:8989/b");
  });

  it("keeps its cause", () => {
    const cause = new TypeError("reset");

    expect(new DiscoError("x", { code: "unreachable", cause }).cause).toBe(cause);
  });

  it("has no cause when none is given", () => {
    expect("cause" in new InvalidTagError("x")).toBe(false);
  });

  it("carries the name of its class", () => {
    expect(new InvalidTagError("x").name).toBe("InvalidTagError");
    expect(String(new DataError("bad", { code: "corrupt-hunk", url: "u" }))).toBe("DataError: bad");
  });
});

describe("CommError", () => {
  it("is a DataError, with the URL freed of its token and the status", () => {
    const error = new CommError("x", { code: "unauthorized", url: "http://token@h/x", status: 401 });

    expect(error).toBeInstanceOf(DataError);
    expect([error.url, error.status, error.code]).toEqual(["http://h/x", 401, "unauthorized"]);
  });

  it("has status 0 when no answer came", () => {
    expect(new CommError("x", { code: "timeout", url: "http://h/x" }).status).toBe(0);
  });
});

describe("JSON of an error", () => {
  it("has its message, and no token", () => {
    const error = new CommError("GET tag://secret@host/x: no", {
      code: "forbidden",
      url: "tag://secret@host/x",
      status: 403,
    });

    expect(JSON.parse(JSON.stringify({ error }))).toEqual({
      error: {
        name: "CommError",
        message: "GET tag://host/x: no",
        code: "forbidden",
        url: "tag://host/x",
        status: 403,
      },
    });
  });
});
