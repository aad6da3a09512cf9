import { arch, cpus, platform, release, totalmem } from "node:os";

/** Where a run took place: its figures mean nothing without it. */
export function describeMachine() {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() ?? "unknown",
    cpus: cpus().length,
    memoryGib: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
  };
}
export type Machine = ReturnType<typeof describeMachine>;
