import type { StaffTotpEnrollment } from "@echo/contracts";
import { badRequest, conflict } from "@echo/platform";
import { parseAddress, requireAcceptablePassword } from "../auth/index.ts";
import type { Core } from "../core.ts";
import { appendAudit } from "./audit/append-audit.ts";
import { hasStaffWithAddress, insertStaff, lockStaffTable } from "./repository/staff.ts";
import { createTotpSecret, sealTotpSecret, toEnrollment } from "./totp.ts";

export interface BootstrapInput {
  email: string;
  name: string;
  password: string;
  requestId: string;
}

const maxNameLength = 100;
/** echoctl asks for itself: there is no network to share places with. */
const hashRequest = { ip: "127.0.0.1", hasDeviceToken: true };

/**
 * The first admin of a system without a sign-in link, with password and TOTP at once. Only while there is no staff; the
 * local admin does not count, for links are no way in once a database has moved to real infrastructure.
 * @throws EchoError BAD_REQUEST (address, name, password), CONFLICT (there is staff)
 */
export async function bootstrapStaff(core: Core, input: BootstrapInput): Promise<StaffTotpEnrollment> {
  const { email, normalized: emailNormalized, ...address } = parseAddress(input.email);
  const name = requireName(input.name);
  requireAcceptablePassword(input.password, { email, normalized: emailNormalized, ...address }, "staff");
  if (await hasStaffWithAddress(core.db)) throw thereIsStaff();
  const passwordHash = await core.ports.passwords.hash(input.password, hashRequest);
  const secret = createTotpSecret();
  const id = core.ids.uuid();
  const now = core.clock.now();
  const totp = { totpSecret: sealTotpSecret(core, id, secret), totpEnabledAt: now };
  await core.db.transaction(async (tx) => {
    await lockStaffTable(tx);
    if (await hasStaffWithAddress(tx)) throw thereIsStaff();
    const role = "admin";
    await insertStaff(tx, { id, email, emailNormalized, name, role, passwordHash, ...totp, createdAt: now });
    const caller = { ip: "", requestId: input.requestId };
    const subject = { type: "staff", id };
    await appendAudit(core, tx, { act: "staff.bootstrap", staffId: null, caller, subject, data: { role } });
  });
  return toEnrollment(secret, email);
}

function requireName(text: string): string {
  const name = text.trim();
  if (name === "" || [...name].length > maxNameLength || /\p{C}/u.test(name)) {
    throw badRequest(`The name must have 1 to ${maxNameLength} characters, none of them invisible`);
  }
  return name;
}

const thereIsStaff = () => conflict("There is staff already: bootstrap is for the first one alone");
