import { createTestDatabase } from "@echo/testing";
import { expect, test } from "vitest";
import { createAuthTestCore, lightArgon2 } from "../auth/auth-test-core.ts";
import { authenticateStaff } from "./authenticate-staff.ts";
import { bootstrapStaff } from "./bootstrap-staff.ts";
import { confirmStaffTotp } from "./confirm-staff-totp.ts";
import { enrollStaffTotp } from "./enroll-staff-totp.ts";
import { makeSignInLink } from "./make-sign-in-link.ts";
import { signInByLink } from "./sign-in-by-link.ts";
import { signInByPassword } from "./sign-in-by-password.ts";
import { signInByTotp } from "./sign-in-by-totp.ts";
import { signOutStaff } from "./sign-out-staff.ts";
import { authenticatorOf, caller, grace, wrongCode } from "./staff-test.ts";
import { stepUpStaff } from "./step-up-staff.ts";

test("no password, token, secret or code of the staff is given to the logger or kept in the audit log", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, { config: { argon2: lightArgon2 } });
  const { core, clock } = test;
  const password = "canary-Pa55phrase of the staff";
  const email = "canary.address@example.test";
  const { secret } = await bootstrapStaff(core, { ...grace, email, password });
  const codeAt = authenticatorOf(core, secret);
  const { challenge } = await signInByPassword(core, caller, { email, password });
  const codes = [wrongCode(codeAt), codeAt()] as const;
  const failing = [
    signInByPassword(core, caller, { email, password: `${password} wrong` }),
    signInByTotp(core, caller, { challenge, code: codes[0] }),
    signInByTotp(core, caller, { challenge: "canary-challenge", code: codes[1] }),
    signInByLink(core, caller, { token: "canary-link" }),
    authenticateStaff(core, caller, "canary-session"),
  ];
  for (const { status } of await Promise.allSettled(failing)) expect(status).toBe("rejected");
  const byCode = await signInByTotp(core, caller, { challenge, code: codes[1] });
  const link = await makeSignInLink(core, { requestId: "echoctl" });
  const byLink = await signInByLink(core, caller, link);
  const local = await authenticateStaff(core, caller, byLink.token);
  const enrolled = await enrollStaffTotp(core, local);
  const first = authenticatorOf(core, enrolled.secret)();
  await confirmStaffTotp(core, local, { code: first });
  clock.advance(60_000);
  await stepUpStaff(core, local, { code: authenticatorOf(core, enrolled.secret)() });
  await signOutStaff(core, local);

  const acts = await database.db.prisma.auditLog.findMany({ orderBy: { seq: "asc" } });
  const log = [
    ...test.log,
    JSON.stringify(acts, (_, value) => (typeof value === "bigint" ? String(value) : value)),
  ].join("\n");
  expect(acts.map(({ act }) => act)).toEqual([
    "staff.bootstrap",
    "staff.sign_in",
    "staff.link_made",
    "staff.sign_in",
    "staff.totp_on",
    "staff.step_up",
    "staff.sign_out",
  ]);
  expect(test.log.filter((line) => line.startsWith("audit head"))).toHaveLength(acts.length);
  const secrets = [password, secret, challenge, byCode.token, link.token, byLink.token, enrolled.secret, enrolled.uri];
  const tried = ["canary-challenge", "canary-link", "canary-session", "canary.address"];
  for (const each of [...secrets, ...tried]) expect(log).not.toContain(each);
  for (const code of [...codes, first]) expect(log).not.toMatch(new RegExp(`\\b${code}\\b`));
});
