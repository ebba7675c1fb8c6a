import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { site } from "./site.ts";
import { fillForTable, TABLE_OPTIONS, tableFaults } from "./table.ts";

describe("gateway()", () => {
  it("answers each request of the table as it is written there", async () => {
    const { ask, ddfs } = site(TABLE_OPTIONS);

    expect(await tableFaults(await fillForTable(ddfs), ask)).toEqual([]);
  });
});
