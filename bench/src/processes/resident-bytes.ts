import { readFileSync } from "node:fs";

/** Of a process at this moment, garbage and all, as Linux tells it. */
export function residentBytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1_024;
}
