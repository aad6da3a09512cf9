import type { Staff, StaffFactor } from "@echo/contracts";
import type { Core } from "../core.ts";
import { listStaffRows } from "./repository/staff.ts";
import { factorsOf, toStaff } from "./staff-me.ts";

export interface ListedStaff extends Staff {
  factors: StaffFactor[];
  createdAt: string;
  disabledAt: string | null;
  /** Of the newest session. */
  lastSeenAt: string | null;
}

/** Everybody who may or might use the console, the oldest first. */
export async function listStaff(core: Core): Promise<ListedStaff[]> {
  const rows = await listStaffRows(core.db);
  return rows.map((row) => ({
    ...toStaff(row),
    factors: factorsOf(row),
    createdAt: row.createdAt.toISOString(),
    disabledAt: row.disabledAt?.toISOString() ?? null,
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
  }));
}
