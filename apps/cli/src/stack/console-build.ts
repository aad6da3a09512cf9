import { once } from "node:events";
import { createInterface } from "node:readline";
import { CliError } from "../cli-error.ts";
import { launchModule } from "./launch-process.ts";

interface BuildOptions {
  note(line: string): void;
  environment: Record<string, string>;
  /** Gives the build up. */
  signal: AbortSignal;
}

/** Builds the console when its sources are newer than its build. @throws CliError with the builder's last words */
export async function buildConsole({ note, environment, signal }: BuildOptions): Promise<void> {
  if (signal.aborted) return;
  const child = launchModule("@echo/admin/build", {
    env: { ...environment, NODE_ENV: "production" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = () => child.kill("SIGTERM");
  signal.addEventListener("abort", stop);
  const complaints: string[] = [];
  if (child.stdout) createInterface({ input: child.stdout }).on("line", note);
  if (child.stderr) createInterface({ input: child.stderr }).on("line", (line) => complaints.push(line));
  const [code] = (await once(child, "close")) as [number | null];
  signal.removeEventListener("abort", stop);
  if (code === 0 || signal.aborted) return;
  throw new CliError(`The console could not be built:\n${complaints.slice(-20).join("\n")}`);
}
