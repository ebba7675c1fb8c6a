import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { DDFS } from "../../mod.ts";
import { describeClient } from "./behaviour.ts";

const master = Deno.env.get("DDFS_TEST_MASTER");

if (master === undefined || master === "") {
  console.log(
    "SKIPPED: the tests against a real master; name one: DDFS_TEST_MASTER=http://host:8989 deno task test:master",
  );
} else {
  const nodeinfo = await fetch(new URL("/disco/ctrl/nodeinfo", master.replace(/^disco:/, "http:")));
  const nodes = Object.values(await nodeinfo.json() as Record<string, { connected: boolean }>).filter(({ connected }) =>
    connected
  );
  describeClient({ title: `the master at ${master}`, master, nodes: nodes.length });

  describe("a real master", () => {
    it("has at least one node", async () => {
      expect(nodes.length).toBeGreaterThan(0);
      expect(Array.isArray(await new DDFS(master, { settings: {} }).list())).toBe(true);
    });
  });
}
