import { z } from "zod";
import { Cursor, DurableEvent } from "./realtime.ts";

/** No cursor: no events, and the present cursor. `waitMs`: how long to wait for the first event when there is none. */
export const SyncInput = z
  .strictObject({ cursor: Cursor.optional(), waitMs: z.int().min(0).max(25_000).default(0) })
  .prefault({});
export type SyncInput = z.infer<typeof SyncInput>;

/** `reset`: what was missed cannot be given; list again, then go on from `cursor`. */
export const SyncResult = z.union([
  z.strictObject({ events: z.array(DurableEvent), cursor: z.string() }),
  z.strictObject({ reset: z.literal(true), cursor: z.string() }),
]);
export type SyncResult = z.infer<typeof SyncResult>;
