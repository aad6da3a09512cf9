import type { StaffMe } from "@echo/contracts";
import type { Tx } from "@echo/db";
import { hashToken, ipOrNull } from "../auth/index.ts";
import type { Caller, Core } from "../core.ts";
import { appendAudit } from "./audit/append-audit.ts";
import { insertStaffSession, removeOldStaffSessions } from "./repository/sessions.ts";
import type { StaffRow } from "./repository/staff.ts";
import { toStaffMe } from "./staff-me.ts";

/** Who signs in, and with what browser. */
export interface StaffCaller extends Caller {
  userAgent?: string | undefined;
}

/** `token` is the cookie's value, and nowhere stored; the cookie may live until `expiresAt`. */
export interface OpenedStaffSession {
  me: StaffMe;
  token: string;
  expiresAt: Date;
}

interface Opening {
  staff: StaffRow;
  caller: StaffCaller;
  method: "link" | "password";
}

const maxUserAgentLength = 512;
const keptMs = 90 * 24 * 3_600_000;

/** Every factor was proven just now: the session begins stepped up. */
export async function openStaffSession(core: Core, tx: Tx, opening: Opening): Promise<OpenedStaffSession> {
  const { staff, caller, method } = opening;
  const now = core.clock.now();
  const token = core.ids.token();
  const expiresAt = new Date(now.getTime() + core.config.lifetimes.staffSessionMs);
  const session = {
    id: core.ids.uuid(),
    staffId: staff.id,
    tokenHash: hashToken(token),
    ip: ipOrNull(caller),
    userAgent: storable(caller.userAgent),
    createdAt: now,
    lastSeenAt: now,
    expiresAt,
    steppedUpAt: now,
  };
  await removeOldStaffSessions(tx, staff.id, new Date(now.getTime() - keptMs));
  await insertStaffSession(tx, session);
  const subject = { type: "staff_session", id: session.id };
  await appendAudit(core, tx, { act: "staff.sign_in", staffId: staff.id, caller, subject, data: { method } });
  return { me: toStaffMe(core, staff, session), token, expiresAt };
}

/** As the browser named itself, for display alone. */
const storable = (userAgent = ""): string | null =>
  [...userAgent.replaceAll(/[\0\p{Surrogate}]/gu, "")].slice(0, maxUserAgentLength).join("") || null;
