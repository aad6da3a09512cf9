import { readBuildState } from "./current-build.ts";
import { ensureBuilt } from "./ensure-built.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { consoleRoot } from "./paths.ts";
import { runNextBuild } from "./run-next-build.ts";

const abort = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => abort.abort());
const note = (line: string): void => void process.stdout.write(`${line}\n`);

try {
  const fingerprint = await fingerprintOf();
  // `--state` builds nothing, and answers in one word: fresh, stale or missing.
  if (process.argv.includes("--state")) note(await readBuildState(fingerprint));
  else {
    const run = (distDir: string) => runNextBuild({ distDir, environment: process.env, signal: abort.signal });
    await ensureBuilt({ root: consoleRoot, fingerprint, run, note });
  }
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
