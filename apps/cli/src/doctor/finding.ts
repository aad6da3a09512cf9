import { withTimeout } from "@echo/platform";
import { explain } from "../explain.ts";

/** "warning": it works, and will not for long or not as somebody expects. */
export type Level = "fine" | "warning" | "fault";

/** What a check found. */
export interface Verdict {
  level: Level;
  detail: string;
  /** The command that mends it; of whatever is not fine. */
  mend?: string;
}

export interface Finding extends Verdict {
  name: string;
  /** Nothing is to be done. */
  ok: boolean;
}

export const fine = (detail: string): Verdict => ({ level: "fine", detail });
export const warning = (detail: string, mend: string): Verdict => ({ level: "warning", detail, mend });
export const fault = (detail: string, mend: string): Verdict => ({ level: "fault", detail, mend });

/** One thing that is looked at. */
export interface Check {
  name: string;
  /** For what it throws. */
  mend: string;
  work(): Promise<Verdict> | Verdict;
  /** Default 10,000. */
  timeoutMs?: number;
}

/** Never rejects, and never waits longer than the check may take: what a check throws is a fault. */
export async function look({ name, mend, work, timeoutMs = 10_000 }: Check): Promise<Finding> {
  const verdict = await withTimeout(
    Promise.resolve().then(work),
    timeoutMs,
    `no answer within ${timeoutMs / 1_000} s`,
  ).catch((error: unknown) => fault(explain(error).split("\n")[0] ?? "", mend));
  return { name, ok: verdict.level === "fine", ...verdict };
}

export const lookAtAll = (checks: readonly Check[]): Promise<Finding[]> => Promise.all(checks.map(look));
