/** How many tests there were of each outcome. */
export interface Counts {
  /** Those that passed. */
  passed: number;
  /** Those that failed. */
  failed: number;
  /** Those that did not run. */
  skipped: number;
}

/** What `deno test` writes on a group because a test inside it failed. */
const FAILED_BY_A_TEST = /message="\d+ test steps? failed"/;

/**
 * Counts the tests of a report. A group of tests is none itself, unless it failed by itself (in `beforeEach`, say).
 *
 * @param report The report of `deno test --junit-path`; empty when none was written.
 * @returns The counts.
 */
export function countTests(report: string): Counts {
  const cases = [...report.matchAll(/<testcase name="([^"]*)"[^>]*?(?:\/>|>(.*?)<\/testcase>)/gs)]
    .map(([, name = "", body = ""]) => ({ name, body }));
  const groups = new Set(cases.flatMap(({ name }) => {
    const parts = name.split(" &gt; ");
    return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join(" &gt; "));
  }));
  const counts: Counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { name, body } of cases) {
    const failed = /<(failure|error)\b/.test(body);
    if (groups.has(name) && !(failed && !FAILED_BY_A_TEST.test(body))) continue;
    counts[failed ? "failed" : /<skipped\b/.test(body) ? "skipped" : "passed"]++;
  }
  return counts;
}

/**
 * Computes how much of the code was run.
 *
 * @param report The report of `deno coverage --lcov`; empty when none was written.
 * @returns The lines that ran, in per cent of all; 0 when there are none.
 */
export function lineCoverage(report: string): number {
  const sum = (key: string) => {
    return [...report.matchAll(new RegExp(`^${key}:(\\d+)$`, "gm"))].reduce(
      (total, [, count]) => total + Number(count),
      0,
    );
  };
  return 100 * sum("LH") / Math.max(1, sum("LF"));
}
