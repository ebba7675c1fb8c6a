import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { freshConnection } from "../../lib/runtime/host.ts";

describe("freshConnection()", () => {
  it("asks for a connection of its own in the way of the runtime: Deno by a client, Node and Bun by a header", () => {
    const isDeno = "Deno" in globalThis;

    expect(Object.keys(freshConnection())).toEqual([isDeno ? "client" : "headers"]);
  });

  it("is the same client each time", () => {
    const { client } = freshConnection() as { client?: unknown };

    expect((freshConnection() as { client?: unknown }).client).toBe(client);
  });
});
