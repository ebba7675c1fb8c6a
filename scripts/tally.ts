/** Counts what passed and failed, over steps and whole suites. */
export class Tally {
  #passed = 0;
  #failed = 0;

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
