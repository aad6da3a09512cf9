// A reporter for Vitest that leaves in the file named by ECHO_SUITE_REPORT how many tests passed, failed and were skipped, and
// what failed. Vitest's own JSON lacks the errors that belong to no test: what a process threw after the test that caused it.
import { writeFileSync } from "node:fs";

const describe = (where, errors) =>
  [where, ...errors.flatMap(({ stack, message, diff }) => [stack ?? message, ...(diff ? [diff] : [])])].join("\n");

export default class SuiteReport {
  onTestRunEnd(modules, unhandledErrors) {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state) => tests.filter((test) => test.result().state === state);
    const failures = [
      ...inState("failed").map((test) => describe(`${test.module.moduleId} > ${test.fullName}`, test.result().errors)),
      ...modules.flatMap((module) =>
        [...module.children.allSuites()]
          .filter((suite) => suite.errors().length > 0)
          .map((suite) => describe(`${module.moduleId} > ${suite.fullName}`, suite.errors())),
      ),
      // A file that does not even load has no failed test of its own.
      ...modules
        .filter((module) => module.errors().length > 0)
        .map((module) => describe(module.moduleId, module.errors())),
      ...unhandledErrors.map((error) => describe("thrown outside of a test", [error])),
    ];
    const [passed, skipped] = [inState("passed").length, inState("skipped").length];
    writeFileSync(
      process.env.ECHO_SUITE_REPORT,
      JSON.stringify({ passed, failed: failures.length, skipped, failures }),
    );
  }
}
