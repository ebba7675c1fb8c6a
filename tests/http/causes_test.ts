import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { isDown } from "../../lib/http/causes.ts";

describe("the cause of a failed request", () => {
  it("is told at once from a text of a megabyte, and not by a name in a URL", () => {
    const word = "q0".repeat(500_000);

    expect(isDown(new TypeError(`${word} connect ECONNREFUSED`))).toBe(true);
    expect(isDown(new TypeError(`${word} http://connect.ECONNREFUSED/x`))).toBe(false);
  });
});
