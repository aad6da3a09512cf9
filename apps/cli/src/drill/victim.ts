import type { ChildProcess, StdioOptions } from "node:child_process";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { type KillAt, ReadyMessage } from "@echo/platform";
import { launchModule } from "../stack/launch-process.ts";
import { type ProcessKind, processKinds } from "../stack/process-kinds.ts";

/** Traffic that does not come by within it will not. */
const reachedWithinMs = 30_000;
const stdio: StdioOptions = ["ignore", "ignore", "ignore", "ipc"];

/** The place of a process beside the stack's own; clients know it, whether or not one is there. */
export interface Seat {
  kind: Exclude<ProcessKind, "admin" | "demo">;
  port: number;
}

export interface VictimOptions {
  seat: Seat;
  environment: Record<string, string>;
  killAt: KillAt;
  mains?: Partial<Record<Seat["kind"], string>> | undefined;
  /** Once it answers: what leads to the point, if it does not come by itself. */
  onReady(victim: ChildProcess): void;
}

/** What has a process end itself there. */
export const killEnvironment = ({ point, nth }: KillAt): Record<string, string> => ({
  NODE_ENV: "test",
  ECHO_KILL_AT: `${point}:${nth}`,
});

/** Starts a process that ends itself with kill -9 at a point. False when it did not come there in time. */
export async function runVictim({ seat, environment, killAt, mains, onReady }: VictimOptions): Promise<boolean> {
  const { portVariable, internalPortVariable } = processKinds[seat.kind];
  const env = {
    ...environment,
    ...killEnvironment(killAt),
    [portVariable]: String(seat.port),
    ...(internalPortVariable ? { [internalPortVariable]: "0" } : {}),
  };
  const child = launchModule(mains?.[seat.kind] ?? processKinds[seat.kind].main, { env, stdio });
  child.on("message", (raw) => {
    if (ReadyMessage.safeParse(raw).success) onReady(child);
  });
  return await endsByItself(child);
}

/** True when kill -9 ended it, and it was not ours. */
export async function endsByItself(child: ChildProcess): Promise<boolean> {
  const ended = once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>;
  const late = new AbortController();
  const tooLate = pause(reachedWithinMs, null, { signal: late.signal }).catch(() => null);
  const end = await Promise.race([ended, tooLate]);
  late.abort();
  if (end !== null) return end[1] === "SIGKILL";
  child.kill("SIGKILL");
  await ended;
  return false;
}
