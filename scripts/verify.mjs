// `npm run verify`: every check, each with its time; `-- --no-tests` leaves the tests out; other words are test filters.
// Ends with one line: how many checks and tests passed and failed, over all suites.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareTree, root } from "./prepare.mjs";

prepareTree();
const words = process.argv.slice(2);
const withTests = !words.includes("--no-tests");
const filters = words.filter((word) => !word.startsWith("--"));
const bin = (name) => join(root, "node_modules/.bin", name);

const checks = [
  ["lint", bin("biome"), ["check", "."]],
  ["types", bin("tsc"), ["-p", "tsconfig.json"]],
  ["import rules", bin("depcruise"), ["--config", ".dependency-cruiser.cjs", "packages", "apps", "examples", "e2e"]],
  ["unused code", bin("knip"), []],
];

/** Runs a command whose output is kept until it is known to have failed. */
function run(command, args, { quiet }) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit" });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += chunk));
    child.on("error", (error) => resolve({ ok: false, output: String(error) }));
    child.on("close", (code) => resolve({ ok: code === 0, output }));
  });
}

async function check([name, command, args]) {
  const started = Date.now();
  const { ok, output } = await run(command, args, { quiet: true });
  process.stdout.write(`${ok ? "✓" : "✗"} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)\n`);
  if (!ok) process.stdout.write(`${output}\n`);
  return ok;
}

async function runTests() {
  const folder = mkdtempSync(join(tmpdir(), "echo-tests-"));
  const report = join(folder, "report.json");
  const args = ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${report}`, ...filters];
  const { ok } = await run(bin("vitest"), args, { quiet: false });
  try {
    const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, "utf8"));
    // A suite that does not even load has no failed test of its own.
    const failed = ok ? numFailedTests : Math.max(1, numFailedTests);
    return { passed: numPassedTests, failed, skipped: numPendingTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

let passed = 0;
let failed = 0;
let skipped = 0;
if (filters.length === 0) {
  for (const ok of await Promise.all(checks.map(check))) ok ? passed++ : failed++;
}
if (withTests) {
  const tests = await runTests();
  passed += tests.passed;
  failed += tests.failed;
  skipped += tests.skipped;
  if (process.env.CI && skipped > 0) {
    process.stdout.write(`${skipped} skipped: nothing may be skipped here\n`);
    failed++;
  }
}
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`);
process.exit(failed === 0 ? 0 : 1);
