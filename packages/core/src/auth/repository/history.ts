import type { Device } from "@echo/contracts";
import type { Queryable } from "@echo/db";

/** One sign-in that was tried on a known account. */
export interface LoginRecord {
  id: string;
  userId: string;
  sessionId: string | null;
  result: "success" | "failure";
  reason: "wrong_password" | "suspended" | "no_password" | null;
  ip: string | null;
  device: Device;
  createdAt: Date;
}

export async function insertLoginRecord(db: Queryable, record: LoginRecord): Promise<void> {
  await db.prisma.loginHistory.create({ data: { ...record, device: { ...record.device } } });
}

type SecurityEventType = "refresh_reuse" | "logout" | "session_limit";

export interface SecurityEventRecord {
  id: string;
  userId: string;
  type: SecurityEventType;
  ip: string | null;
  /** Ids and counts, never a token. */
  data: { sessionId?: string; scope?: "this" | "others" | "all"; sessions?: number };
  createdAt: Date;
}

export async function insertSecurityEvent(db: Queryable, event: SecurityEventRecord): Promise<void> {
  await db.prisma.securityEvent.create({ data: event });
}
