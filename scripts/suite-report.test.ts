import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
// Within the tree, where Vitest can be found.
mkdirSync(join(root, ".echo"), { recursive: true });
const folder = mkdtempSync(join(root, ".echo/suite-report-"));
// Not the tree's own, which would leave these suites out.
writeFileSync(join(folder, "vitest.config.mjs"), "export default {};\n");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function report(name: string, text: string): { passed: number; failed: number; skipped: number; failures: string[] } {
  writeFileSync(join(folder, `${name}.test.ts`), `import { expect, test } from "vitest";\n${text}`);
  const file = join(folder, `${name}.json`);
  const reporter = `--reporter=${join(root, "scripts/suite-report.mjs")}`;
  const args = [join(root, "node_modules/vitest/vitest.mjs"), "run", "--root", folder, reporter, name];
  spawnSync(process.execPath, args, { cwd: folder, env: { ...process.env, ECHO_SUITE_REPORT: file } });
  return JSON.parse(readFileSync(file, "utf8"));
}

test("passed, failed and skipped tests are counted, and a failed one is named with its reason", () => {
  const { failures, ...counts } = report(
    "counted",
    `test("right", () => {}); test.skip("left out", () => {}); test("wrong", () => expect({ a: 1 }).toEqual({ a: 2 }));`,
  );
  expect(counts).toEqual({ passed: 1, failed: 1, skipped: 1 });
  expect(failures[0]).toMatch(/counted\.test\.ts > wrong\n.*to deeply equal.*"a": 2.*"a": 1/s);
});

test("what is thrown outside of any test fails the suite and is shown", () => {
  const { failures, ...counts } = report(
    "stray",
    `test("right", async () => { setImmediate(() => { throw new Error("nobody's"); }); await new Promise((done) => setTimeout(done, 50)); });`,
  );
  expect(counts).toEqual({ passed: 1, failed: 1, skipped: 0 });
  expect(failures[0]).toMatch(/thrown outside of a test\n.*nobody's/s);
});

test("a hook that fails is named with its suite", () => {
  const { failed, failures } = report(
    "hooked",
    `import { afterAll, describe } from "vitest"; describe("with a hook", () => { afterAll(() => { throw new Error("torn"); }); test("right", () => {}); });`,
  );
  expect(failed).toBe(1);
  expect(failures[0]).toMatch(/hooked\.test\.ts > with a hook\n.*torn/s);
});

test("a file that does not load counts as one failure", () => {
  const { failed, failures } = report("broken", `throw new Error("does not load");`);
  expect(failed).toBe(1);
  expect(failures[0]).toContain("does not load");
});
