// The golden and behaviour tests, for a runtime without a test runner.
// The codec compiles when it is loaded, which workerd allows only outside of requests; the tests wait for one.
import { codecName } from "@ddfs/client";
import { type Outcome, run } from "./bdd.ts";
import { type Digests, digests } from "./digests.ts";

/** What came of the suite in a runtime. */
export interface SuiteOutcome extends Outcome {
  /** The engine that ran. */
  codec: string;
  /** What it made of one text. */
  digests: Digests;
}

/** Runs the suite. */
export async function runSuite(onTest?: (outcome: Outcome) => void): Promise<SuiteOutcome> {
  await import("../records/golden_test.ts");
  await import("../client/ddfs_test.ts");
  return { ...await run(onTest), codec: codecName(), digests: await digests() };
}
