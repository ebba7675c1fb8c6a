import { describe, it } from "@std/testing/bdd";
import { DDFS } from "../../mod.ts";
import { expect } from "../helpers/expect.ts";
import { settled } from "../helpers/fakes.ts";

/** A client whose every request is answered by a body that notes what becomes of it. */
function client(end: (controller: ReadableStreamDefaultController) => void) {
  const fates: string[] = [];
  const ddfs = new DDFS("disco://m", {
    settings: {},
    fetch: () => {
      const body = new ReadableStream({
        pull(controller) {
          controller.enqueue(new TextEncoder().encode("done"));
          end(controller);
          fates.push("read");
        },
        cancel: () => void fates.push("cancelled"),
      }, { highWaterMark: 0 });
      return Promise.resolve(new Response(body));
    },
  });
  return { ddfs, fates };
}

describe("an answer that nobody wants to read", () => {
  it("is read to its end where it came whole, so that its connection is kept", async () => {
    const { ddfs, fates } = client((controller) => controller.close());

    await ddfs.put("data:x", []);
    await settled();

    expect(fates).toEqual(["read"]);
  });

  it("is dropped where it does not end", async () => {
    const { ddfs, fates } = client(() => {});

    await ddfs.setattr("data:x", "owner", "me");
    await settled();

    expect(fates.at(-1)).toBe("cancelled");
  });

  it("may break off", async () => {
    const { ddfs } = client((controller) => controller.error(new Error("reset")));

    expect(await ddfs.delete("data:x")).toBe(undefined);
  });
});
