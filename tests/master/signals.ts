import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { all, failure } from "../helpers/fakes.ts";
import { logLines, type TestClients } from "./clients.ts";

const encoder = new TextEncoder();

/** Describes how operations end when their signal is aborted. */
export function describeSignals({ ddfs, fresh }: TestClients): void {
  describe("a signal", () => {
    it("ends every operation with its reason", async () => {
      const tag = fresh();
      const signal = AbortSignal.abort(new Error("enough"));

      for (
        const call of [
          ddfs.get(tag, { signal }),
          ddfs.exists(tag, { signal }),
          ddfs.list("", { signal }),
          ddfs.tag(tag, [], { signal }),
          ddfs.put(tag, [], { signal }),
          ddfs.setattr(tag, "a", "b", { signal }),
          ddfs.push(tag, [[new Blob(["1"]), "a"]], { signal }),
          ddfs.chunk(tag, [[new Blob(["1"]), "a"]], { signal }),
          all(ddfs.walk(tag, { signal })),
          all(ddfs.records("raw://x", { signal })),
        ]
      ) expect((await failure(call)).message).toBe("enough");
      expect(await ddfs.exists(tag)).toBe(false);
    });

    it("cancels the caller's stream", async () => {
      const controller = new AbortController();
      let cancelled: unknown;
      const endless = new ReadableStream<Uint8Array>({
        pull(stream) {
          stream.enqueue(encoder.encode(logLines(100_000)));
          controller.abort(new Error("enough"));
        },
        cancel: (reason) => {
          cancelled = reason;
        },
      });
      const tag = fresh();

      expect((await failure(ddfs.chunk(tag, [[endless, "x"]], { signal: controller.signal }))).message).toBe(
        "enough",
      );

      expect(String(cancelled)).toContain("enough");
      expect(await ddfs.exists(tag)).toBe(false);
    });
  });
}
