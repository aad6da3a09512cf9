import { ensureBuilt } from "./ensure-built.ts";
import { fingerprintOf } from "./fingerprint.ts";
import { consoleRoot } from "./paths.ts";
import { runNextBuild } from "./run-next-build.ts";

const abort = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => abort.abort());

try {
  await ensureBuilt({
    root: consoleRoot,
    fingerprint: await fingerprintOf(),
    run: (distDir) => runNextBuild({ distDir, environment: process.env, signal: abort.signal }),
    note: (line) => process.stdout.write(`${line}\n`),
  });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
