import { ensureBuilt } from "./ensure-built.ts";

const abort = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => abort.abort());

try {
  const note = (line: string): void => void process.stdout.write(`${line}\n`);
  await ensureBuilt({ note, environment: process.env, signal: abort.signal });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
