import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";

const SCRIPT = new URL("./no_memory_main.ts", import.meta.url).pathname;

describe("the choice of the codec, where the host has no memory for WebAssembly", () => {
  it("is the js one, with threads wanted, too; who asks for WebAssembly is told that there is none", async () => {
    const args = ["run", "--quiet", "--no-check", "--no-prompt", SCRIPT];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();

    const [said, failure] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    expect(said || failure).toBe("2000000 js unsupported\n");
  });
});
