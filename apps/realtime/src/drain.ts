import { setTimeout as wait } from "node:timers/promises";
import { passKillPoint } from "@echo/platform";
import { closeCodes } from "./close-codes.ts";
import type { Node } from "./node.ts";

const reason = "going away; connect again with the cursor";
const stepMs = 20;

/** Sends every socket away, spread over `drainMs` so that the other nodes are not stormed; ends what does not go. */
export async function drain({ registry, config }: Node): Promise<void> {
  const { drainMs, leaveMs } = config.timings;
  const connections = [...registry.all];
  const perStep = Math.ceil((connections.length * stepMs) / Math.max(drainMs, stepMs));
  for (let at = 0; at < connections.length; at += perStep) {
    for (const connection of connections.slice(at, at + perStep))
      connection.closeWhenIdle(closeCodes.goingAway, reason);
    passKillPoint("drain");
    if (at + perStep < connections.length) await wait(stepMs);
  }
  await untilGone(registry.all, leaveMs / 2);
  // A call that is not answered by now holds nobody up.
  for (const connection of registry.all) connection.close(closeCodes.goingAway, reason);
  await untilGone(registry.all, leaveMs / 2);
  for (const connection of registry.all) connection.terminate();
}

async function untilGone(connections: ReadonlySet<unknown>, timeoutMs: number): Promise<void> {
  for (let waitedMs = 0; connections.size > 0 && waitedMs < timeoutMs; waitedMs += stepMs) await wait(stepMs);
}
