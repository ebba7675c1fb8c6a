import { describe, it } from "@std/testing/bdd";
import { expect } from "../helpers/expect.ts";
import { countTests, lineCoverage } from "../../scripts/shared/test_report.ts";

const passed = (name: string) => `<testcase name="${name}" classname="x" time="0.1">\n</testcase>`;
const failed = (name: string, why = "Error: &lt;no&gt;") =>
  `<testcase name="${name}"><failure message="${why}">${why}</failure></testcase>`;

describe("countTests()", () => {
  it("counts tests, not the groups around them", () => {
    const report = [passed("group"), passed("group &gt; inner"), passed("group &gt; inner &gt; one"), passed("two")];
    expect(countTests(report.join("\n"))).toEqual({ passed: 2, failed: 0, skipped: 0 });
  });

  it("counts a failure once, not again in each group around it", () => {
    const report = [failed("group", "1 test step failed"), passed("group &gt; one"), failed("group &gt; two")];
    expect(countTests(report.join("\n"))).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it("counts a group that failed by itself", () => {
    const report = [failed("group", "Error: in afterEach"), passed("group &gt; one")];
    expect(countTests(report.join("\n"))).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it("counts a skipped test neither as passed nor as failed", () => {
    const report = ['<testcase name="one"><skipped/></testcase>', '<testcase name="two"/>', passed("three")];
    expect(countTests(report.join("\n"))).toEqual({ passed: 2, failed: 0, skipped: 1 });
  });

  it("counts nothing when there is no report", () => {
    expect(countTests("")).toEqual({ passed: 0, failed: 0, skipped: 0 });
  });
});

describe("lineCoverage()", () => {
  it("weighs files by their lines", () => {
    expect(lineCoverage("SF:a\nLH:9\nLF:10\nend_of_record\nSF:b\nLH:0\nLF:90\nend_of_record\n")).toBe(9);
  });

  it("is 0 when nothing was measured", () => {
    expect(lineCoverage("")).toBe(0);
  });
});
