import { type Digests, digests } from "../../tests/runtimes/digests.ts";

/** Counts what passed and failed, over steps and whole suites. */
export class Tally {
  #passed = 0;
  #failed = 0;
  #expected: Promise<Digests> | undefined;

  /** Runs a step, which counts as one test. */
  async step(name: string, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.#passed++;
      console.log(`ok      ${name}`);
    } catch (error) {
      this.#failed++;
      console.log(`FAILED  ${name}\n${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Counts the tests of a suite. One that failed without a failed test counts as one failure. */
  suite(name: string, success: boolean, passed: number, failed: number): void {
    const failures = success || failed > 0 ? failed : 1;
    this.#passed += passed;
    this.#failed += failures;
    console.log(`${failures === 0 ? "ok    " : "FAILED"}  ${name}: ${passed} passed, ${failures} failed`);
  }

  /** Compares what a runtime made with what Deno makes; counts as one test. */
  async sameBytes(name: string, found: Digests): Promise<void> {
    await this.step(`the same bytes in ${name}`, async () => {
      const expected = await (this.#expected ??= digests());
      for (const [how, digest] of Object.entries(found)) {
        if (digest !== expected[how]) throw new Error(`${how}: ${digest}, and in Deno ${expected[how]}`);
      }
      if (Object.keys(found).length === 0) throw new Error("it made nothing");
    });
  }

  /** Counts failures that are said elsewhere. */
  add(failed: number): void {
    this.#failed += failed;
  }

  /** Prints the counts; a failure sets the exit code. */
  close(): void {
    console.log(`${this.#passed} passed, ${this.#failed} failed`);
    if (this.#failed > 0) Deno.exitCode = 1;
  }
}
