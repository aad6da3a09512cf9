import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { BuildError } from "./build-error.ts";
import { consoleRoot, distDirVariable } from "./paths.ts";

const lastLines = 40;

export interface NextBuild {
  /** Where it goes; relative to the workspace. */
  distDir: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** Gives it up. */
  signal: AbortSignal;
}

/** Runs `next build` as a child. @throws BuildError with its last words */
export async function runNextBuild({ distDir, environment, signal }: NextBuild): Promise<void> {
  const program = fileURLToPath(import.meta.resolve("next/dist/bin/next"));
  const child = spawn(process.execPath, [program, "build"], {
    cwd: consoleRoot,
    env: { ...withoutSecrets(environment), ...always, [distDirVariable]: distDir },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = () => child.kill("SIGTERM");
  signal.addEventListener("abort", stop);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => (output += text));
  const [code] = (await once(child, "close")) as [number | null];
  signal.removeEventListener("abort", stop);
  if (signal.aborted) throw new BuildError("The build was given up");
  if (code !== 0) throw new BuildError(output.trim().split("\n").slice(-lastLines).join("\n"));
}

const always = { NODE_ENV: "production" as const, NEXT_TELEMETRY_DISABLED: "1", FORCE_COLOR: "0" };

/** Nothing of an installation may be baked into its pages. */
function withoutSecrets(environment: NextBuild["environment"]): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(ECHO|DATABASE|REDIS|SMTP)_/.test(name)));
}
