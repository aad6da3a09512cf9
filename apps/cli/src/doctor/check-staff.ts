import { type Db, statement } from "@echo/db";
import { hasSignInLinks } from "../staff/sign-in-link.ts";
import { type Check, fault, fine, type Verdict } from "./finding.ts";
import type { Patient } from "./patient.ts";

const bootstrap = "echoctl staff bootstrap --email ADDRESS --name NAME";

export function checkStaff({ config }: Patient, db: Db): Check {
  const work = async () => judgeStaff(await countStaff(db), hasSignInLinks(config));
  return { name: "staff", mend: "echoctl migrate", work };
}

/** @param count of those who sign in with a password */
export function judgeStaff(count: number, hasLinks: boolean): Verdict {
  if (count > 0) return fine(`${count} may sign in with a password`);
  if (hasLinks) return fine('the local admin, by "echoctl staff link"');
  return fault("none: nobody can sign in to the console", bootstrap);
}

const admitted = statement<{ count: number }>(
  "doctor_staff",
  "SELECT count(*)::int AS count FROM auth.staff WHERE disabled_at IS NULL AND NOT is_local",
);

async function countStaff(db: Db): Promise<number> {
  const [row] = await db.query(admitted);
  return row?.count ?? 0;
}
