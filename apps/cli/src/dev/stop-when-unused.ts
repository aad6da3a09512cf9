import { setTimeout as pause } from "node:timers/promises";
import { type EmbeddedPostgres, stopUnusedEmbedded } from "@echo/db";

const pollMs = 100;
/** Ctrl-C reaches the apps as well, which need the database until they have closed. */
const appsCloseMs = 10_000;

/** Stops the database after the last app has left it, or when they take too long. */
export async function stopWhenUnused(home: string, embedded: EmbeddedPostgres): Promise<void> {
  const deadline = Date.now() + appsCloseMs;
  while (Date.now() < deadline && (await embedded.isAlive())) {
    await stopUnusedEmbedded({ home });
    await pause(pollMs);
  }
  await embedded.stop();
}
