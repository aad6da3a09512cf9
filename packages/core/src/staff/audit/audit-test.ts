import type { Db } from "@echo/db";
import type { Core } from "../../core.ts";
import { caller } from "../staff-test.ts";
import { type AuditEntry, appendAudit } from "./append-audit.ts";

// What tests of the audit log share.

const staffId = "0193bbbb-0000-7000-8000-000000000001";
export const entry: AuditEntry = {
  act: "staff.step_up",
  staffId,
  caller,
  subject: { type: "staff_session", id: "s1" },
  reason: "asked by phone",
  data: { z: 1, a: [true, null, 1e21, 0.1], text: 'ä "\\ 🦊 \u0007', nested: { b: {}, a: [] } },
};

export const append = (core: Core, more: Partial<AuditEntry> = {}) =>
  core.db.transaction((tx) => appendAudit(core, tx, { ...entry, ...more }));

export async function appendSeveral(core: Core, count: number): Promise<void> {
  for (let i = 0; i < count; i++) await append(core, { data: { i } });
}

/** As somebody who owns the tables would: the trigger is off while `sql` runs. */
export async function tamper({ db }: { db: Db }, ...sql: string[]): Promise<void> {
  const run = (text: string) => db.prisma.$executeRawUnsafe(text);
  await run("ALTER TABLE auth.audit_log DISABLE TRIGGER append_only");
  for (const text of sql) await run(text);
  await run("ALTER TABLE auth.audit_log ENABLE ALWAYS TRIGGER append_only");
}
