import { join } from "node:path";
import { z } from "zod";
import { hostAndPort } from "../stack/process-kinds.ts";
import type { RunFile } from "../stack/run-file.ts";
import { ask } from "./ask.ts";
import { type Check, fault, fine, type Verdict } from "./finding.ts";
import type { Patient } from "./patient.ts";

const Readiness = z.object({
  status: z.enum(["healthy", "degraded", "unhealthy"]),
  checks: z.record(z.string(), z.object({ status: z.enum(["up", "down"]) })).optional(),
});

/** What each process that `start` started says of itself. */
export function checkProcesses({ config, run }: Patient): Check {
  return {
    name: "processes",
    mend: `tail ${join(config.home, "logs")}/*.log`,
    async work() {
      if (!run) return fine(`none started from ${config.home}`);
      // The demo is a page and its facts: its port tells all.
      const askable = run.processes.filter(({ kind }) => kind !== "demo");
      const complaints = await Promise.all(askable.map((each) => complaintOf(each, config)));
      return judgeProcesses(
        run.processes.length,
        complaints.filter((each) => each !== null),
        config.home,
      );
    },
  };
}

export function judgeProcesses(count: number, complaints: readonly string[], home: string): Verdict {
  if (complaints.length === 0) return fine(`${count} ready`);
  return fault(complaints.join("; "), `tail ${join(home, "logs")}/*.log`);
}

type Process = RunFile["processes"][number];

/** Null when it is healthy. The console has no internal port, and tells its state without the checks. */
async function complaintOf(
  { kind, port, internalPort }: Process,
  { ECHO_HOST, ECHO_INTERNAL_HOST }: Patient["config"],
): Promise<string | null> {
  const address = internalPort > 0 ? hostAndPort(ECHO_INTERNAL_HOST, internalPort) : hostAndPort(ECHO_HOST, port);
  const answer = await ask(address, "/ready");
  const ready = Readiness.safeParse(answer.kind === "echo" ? answer.body : null);
  if (!ready.success) return `${kind} on ${address} is not ready`;
  const { status, checks = {} } = ready.data;
  if (status === "healthy") return null;
  const down = Object.keys(checks).filter((name) => checks[name]?.status === "down");
  return `${kind} on ${address} is ${status}${down.length > 0 ? `: ${down.join(", ")} down` : ""}`;
}
