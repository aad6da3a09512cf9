import type { Server } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import { promisify } from "node:util";

const lookEveryMs = 20;

/**
 * Resolves when nobody is connected, or after `drainMs`. Until the port is closed whoever keeps a connection has been told
 * to close it, so that the end cuts none on which a call is just being made: a call that may not be made twice would fail.
 */
export async function untilUnused(server: Server, drainMs: number): Promise<void> {
  const countConnections = promisify(server.getConnections.bind(server));
  for (let waitedMs = 0; waitedMs < drainMs && (await countConnections()) > 0; waitedMs += lookEveryMs) {
    await wait(lookEveryMs);
  }
}
