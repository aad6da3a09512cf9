import { isIP } from "node:net";
import type { Device } from "@echo/contracts";
import type { Tx } from "@echo/db";
import type { Caller, Core } from "../core.ts";
import { sealFamilyKey } from "./family-key.ts";
import { createFamilyKey, deviceTokenOf, hashToken } from "./refresh-family.ts";
import { insertDeviceToken, removeExpiredDeviceTokens } from "./repository/device-tokens.ts";
import { insertSecurityEvent } from "./repository/history.ts";
import { insertRefreshToken } from "./repository/refresh-tokens.ts";
import { insertSession, revokeOldestSessions, type SessionRow } from "./repository/sessions.ts";

/** security.md, "Sessions". */
const maxSessions = 10;
const deviceTokenMs = 180 * 24 * 3_600_000;

export interface OpenedSession {
  session: SessionRow;
  refreshToken: string;
  deviceToken: string;
  /** Sessions that had to go: to be announced after the commit. */
  endedSessionIds: string[];
}

interface Opening {
  userId: string;
  device: Device;
  caller: Caller;
}

/** Under the account's lock: a new session with its tokens; the oldest beyond the tenth ends. */
export async function openSession(core: Core, tx: Tx, { userId, device, caller }: Opening): Promise<OpenedSession> {
  const now = core.clock.now();
  const endedSessionIds = await endOldestSessions(core, tx, { userId, caller });
  const familyKey = createFamilyKey();
  const id = core.ids.uuid();
  const absoluteExpiresAt = new Date(now.getTime() + core.config.lifetimes.sessionMs);
  const session: SessionRow = {
    id,
    userId,
    device,
    ip: ipOrNull(caller),
    gen: 0,
    familyKey: sealFamilyKey(core, id, familyKey),
    authTime: now,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: slidingEnd(core, absoluteExpiresAt),
    absoluteExpiresAt,
  };
  const refreshToken = core.ids.token();
  const deviceToken = deviceTokenOf(familyKey);
  const common = { sessionId: id, createdAt: now };
  await insertSession(tx, session);
  await insertRefreshToken(tx, {
    ...common,
    id: core.ids.uuid(),
    tokenHash: hashToken(refreshToken),
    gen: 0,
    expiresAt: session.expiresAt,
  });
  await removeExpiredDeviceTokens(tx, userId, now);
  await insertDeviceToken(tx, {
    ...common,
    id: core.ids.uuid(),
    userId,
    tokenHash: hashToken(deviceToken),
    expiresAt: new Date(now.getTime() + deviceTokenMs),
  });
  return { session, refreshToken, deviceToken, endedSessionIds };
}

async function endOldestSessions(
  core: Core,
  tx: Tx,
  { userId, caller }: { userId: string; caller: Caller },
): Promise<string[]> {
  const now = core.clock.now();
  const ended = await revokeOldestSessions(tx, { userId, now, keep: maxSessions - 1 });
  for (const sessionId of ended) {
    const event = { id: core.ids.uuid(), userId, ip: ipOrNull(caller), createdAt: now };
    await insertSecurityEvent(tx, { ...event, type: "session_limit", data: { sessionId } });
  }
  return ended;
}

/** Seven days from now, never beyond the session's end. */
export const slidingEnd = (core: Core, absoluteExpiresAt: Date): Date =>
  new Date(Math.min(core.clock.now().getTime() + core.config.lifetimes.refreshMs, absoluteExpiresAt.getTime()));

/** For a column of type inet. */
export const ipOrNull = ({ ip }: Caller): string | null => (isIP(ip) === 0 ? null : ip);
