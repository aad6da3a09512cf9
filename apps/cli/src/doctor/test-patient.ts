import { createManualClock } from "@echo/platform";
import { readCliConfig } from "../config.ts";
import type { RunFile } from "../stack/run-file.ts";
import type { Patient } from "./patient.ts";

export const given = {
  DATABASE_URL: "postgresql://echo@127.0.0.1:1/echo",
  ECHO_ORIGINS: "https://app.example.com",
  ECHO_CONSOLE_URL: "https://console.example.com",
};

type Process = RunFile["processes"][number];

/** A patient whose environment is only this. */
export function createPatient(env: Record<string, string> = {}, processes?: Process[]): Patient {
  const config = readCliConfig({ ECHO_HOME: "/tmp/echo-of-nobody", ...env });
  return { env, config, run: processes ? runOf(processes) : null, clock: createManualClock(), note: () => undefined };
}

function runOf(processes: Process[]): RunFile {
  const ports = Object.fromEntries(processes.map(({ kind, port }) => [kind, port]));
  return { version: "0.1.0", startedAt: new Date().toISOString(), ports, processes };
}
