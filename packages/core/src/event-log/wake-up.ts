import { z } from "zod";
import type { Batch } from "./event-log.ts";

/** A UUID's 16 bytes in base64url: 22 characters instead of 36. */
const ShortId = z.string().regex(/^[A-Za-z0-9_-]{21}[AQgw]$/);
/** A list that cannot be read names nothing: its batch may be about any stream. */
const ShortIds = z.array(ShortId).optional().catch(undefined);

/**
 * Says on the bus that positions up to and with this one can be read. Readers that miss it look for themselves. What the
 * batch is about came later and is left out when it does not fit, so it is optional; older readers pass it by.
 */
export const logChannel = "log";
export const LogAdvanced = z.object({
  v: z.literal(1),
  epoch: z.string(),
  position: z.int(),
  /** The position before the batch. */
  from: z.int().optional().catch(undefined),
  streams: ShortIds,
  users: ShortIds,
});
export type LogAdvanced = z.infer<typeof LogAdvanced>;

/** Names the batch if that fits into `maxBytes` of JSON. */
export function wakeUpOf(head: { epoch: string; position: number }, batch: Batch, maxBytes: number): LogAdvanced {
  const plain: LogAdvanced = { v: 1, epoch: head.epoch, position: head.position };
  const streams = batch.streamIds.map(shortId);
  const users = batch.userIds.filter(isUuid).map(shortId);
  const named = { ...plain, from: batch.from, streams, users };
  return Buffer.byteLength(JSON.stringify(named)) <= maxBytes ? named : plain;
}

/** What a wake-up says of its batch; null: it may be about any stream. */
export function batchOf({ from, position, streams, users }: LogAdvanced): Batch | null {
  if (from === undefined || from >= position || streams === undefined || users === undefined) return null;
  return { from, streamIds: streams.map(longId), userIds: users.map(longId) };
}

/** What is no UUID is nobody's id. */
const isUuid = (id: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);

const shortId = (id: string): string => Buffer.from(id.replaceAll("-", ""), "hex").toString("base64url");

function longId(short: string): string {
  const hex = Buffer.from(short, "base64url").toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
