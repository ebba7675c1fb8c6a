import { describe, it } from "@std/testing/bdd";
import { DDFS } from "../../mod.ts";
import { embedded } from "../../lib/embedded/mod.ts";
import { bytesOf } from "../helpers/bytes.ts";
import { expect } from "../helpers/expect.ts";
import { batchOf, tableOf } from "./arrow.ts";

describe("arrow.ts", () => {
  it("gives the lines of a tag as a table", async () => {
    const { fetch, master } = embedded();
    const ddfs = new DDFS(master, { fetch, settings: {} });
    await ddfs.chunk("data:lines", [[new Blob(["one\nzwölf\n"]), "a"], [new Blob(["\n", "last"]), "b"]], {
      workers: 0,
    });

    const table = await tableOf(ddfs, "tag://data:lines");

    expect([table.numRows, table.batches.length]).toEqual([4, 2]);
    expect([...table].map(({ line }) => line)).toEqual(["one\n", "zwölf\n", "\n", "last"]);
  });

  it("copies nothing", () => {
    const columns = { kind: "bytes", bytes: bytesOf("ab"), offsets: Int32Array.of(0, 1, 2) } as const;

    const [data] = batchOf(columns).data.children;

    expect(data?.values.buffer).toBe(columns.bytes.buffer);
    expect(data?.valueOffsets.buffer).toBe(columns.offsets.buffer);
  });
});
