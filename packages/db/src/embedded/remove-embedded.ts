import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { requireStopped } from "./backup-embedded.ts";
import { findPlacement } from "./placement.ts";

/** Deletes the stopped cluster of ECHO_HOME wherever it lies. @throws EmbeddedError */
export async function removeEmbedded({ home }: { home: string }): Promise<void> {
  const placement = await findPlacement(resolve(home));
  await requireStopped(placement);
  for (const dir of new Set([placement.clusterDir, placement.ownDir])) await rm(dir, { recursive: true, force: true });
}
