// `npm run verify`: every check, each with its time; `-- --no-tests` leaves the tests out; other words are test filters.
// Ends with one line: how many checks and tests passed and failed, over all suites.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { prepareTree, root } from "./prepare.mjs";

prepareTree();
const words = process.argv.slice(2);
const withTests = !words.includes("--no-tests");
const filters = words.filter((word) => !word.startsWith("--"));
const bin = (name) => join(root, "node_modules/.bin", name);

// TypeScript 7, by its path: the program named tsc may be that of TypeScript 6, which the other tools load (docs/adr/0018).
const tsc = join(root, "node_modules/typescript-native/bin/tsc");

const checks = [
  ["lint", bin("biome"), ["check", "."]],
  ["types", process.execPath, [tsc, "-p", "tsconfig.json"]],
  // By itself: Next declares globals that are true of its pages alone.
  ["types of the console", process.execPath, [tsc, "-p", "apps/admin"]],
  [
    "import rules",
    bin("depcruise"),
    ["--config", ".dependency-cruiser.cjs", "packages", "apps", "examples", "e2e", "bench"],
  ],
  ["unused code", bin("knip"), []],
];

/** Runs a command whose output is kept until it is known to have failed. */
function run(command, args, { quiet, environment = {} }) {
  return new Promise((resolve) => {
    const stdio = quiet ? ["ignore", "pipe", "pipe"] : "inherit";
    const child = spawn(command, args, { cwd: root, stdio, env: { ...process.env, ...environment } });
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

/** Runs a suite that leaves a report; `count` reads passed, failed and skipped from it. */
async function runSuite([command, args, environment], report, count) {
  const { ok } = await run(command, args, { quiet: false, environment });
  try {
    const counted = count(JSON.parse(readFileSync(report, "utf8")));
    // Whatever else makes a suite fail has no failed test of its own.
    return { failures: [], ...counted, failed: ok ? counted.failed : Math.max(1, counted.failed) };
  } catch {
    return { passed: 0, failed: 1, skipped: 0, failures: [] };
  }
}

function runVitest(report, words, environment = {}) {
  const args = ["run", "--passWithNoTests", "--reporter=default", "--reporter=./scripts/suite-report.mjs"];
  const all = { ...environment, ECHO_SUITE_REPORT: report };
  return runSuite([bin("vitest"), [...args, ...words], all], report, (read) => read);
}

const runTests = (folder) => runVitest(join(folder, "vitest.json"), filters);

/** What speaks to the database most, once more on the oldest one that Echo runs on; the embedded one is the newest. */
async function runOldestDatabaseTests(folder) {
  // Not at the top: it may not have been installed by then.
  const { tsImport } = await import("tsx/esm/api");
  const { findPostgres15, noPostgres15 } = await tsImport(
    "../packages/testing/src/find-postgres-15.ts",
    import.meta.url,
  );
  if (findPostgres15() === null) {
    process.stdout.write(`The database's suites on PostgreSQL 15 are left out: ${noPostgres15}\n`);
    return { passed: 0, failed: 0, skipped: 1, failures: [] };
  }
  const suites = ["packages/db/src", "packages/core/src/event-log", "--exclude", "packages/db/src/embedded/**"];
  return runVitest(join(folder, "postgres-15.json"), suites, { ECHO_TEST_POSTGRES: "15" });
}

function runBrowserTests(folder) {
  const report = join(folder, "playwright.json");
  const args = ["test", "--config", "e2e/playwright.config.ts", "--reporter=list,json", ...filters];
  const environment = { PLAYWRIGHT_JSON_OUTPUT_NAME: report };
  return runSuite([bin("playwright"), args, environment], report, ({ stats, errors }) => ({
    passed: stats.expected + stats.flaky,
    failed: stats.unexpected + errors.length,
    skipped: stats.skipped,
  }));
}

/** Words name tests by their path. */
const hasBrowserTests = () =>
  filters.length === 0 ||
  readdirSync(join(root, "e2e/src"), { recursive: true }).some(
    (name) => name.endsWith(".spec.ts") && filters.some((word) => `e2e/src/${name}`.includes(word)),
  );

let passed = 0;
let failed = 0;
let skipped = 0;
const failures = [];
if (filters.length === 0) {
  for (const ok of await Promise.all(checks.map(check))) ok ? passed++ : failed++;
}
if (withTests) {
  const folder = mkdtempSync(join(tmpdir(), "echo-tests-"));
  for (const suite of [
    runTests,
    ...(filters.length === 0 ? [runOldestDatabaseTests] : []),
    ...(hasBrowserTests() ? [runBrowserTests] : []),
  ]) {
    const tests = await suite(folder);
    passed += tests.passed;
    failed += tests.failed;
    skipped += tests.skipped;
    failures.push(...tests.failures);
  }
  rmSync(folder, { recursive: true, force: true });
  if (passed + failed + skipped === 0) {
    process.stdout.write(`no test's path has ${filters.join(" or ")}\n`);
    failed++;
  }
  if (process.env.CI && skipped > 0) {
    process.stdout.write(`${skipped} skipped: nothing may be skipped here\n`);
    failed++;
  }
}
// Once more: what scrolled by among thousands of lines is what one looks for.
for (const failure of failures) process.stdout.write(`✗ ${failure}\n\n`);
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`);
process.exit(failed === 0 ? 0 : 1);
