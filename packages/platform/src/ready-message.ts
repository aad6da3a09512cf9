import { z } from "zod";

/** What a process tells the one that started it once its ports answer. */
export const ReadyMessage = z.object({ type: z.literal("ready"), port: z.int(), internalPort: z.int() });
export type ReadyMessage = z.infer<typeof ReadyMessage>;

/** Tells it over the IPC channel; without one (started by hand, or gone) it does nothing. */
export function reportReady(ports: { port: number; internalPort: number }): void {
  const message: ReadyMessage = { type: "ready", ...ports };
  process.send?.(message, undefined, undefined, () => undefined);
}
