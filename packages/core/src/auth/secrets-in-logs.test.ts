import { createTestDatabase } from "@echo/testing";
import { expect, test } from "vitest";
import { ada, caller, createAuthTestCore, lightArgon2 } from "./auth-test-core.ts";
import { login } from "./login.ts";
import { logout } from "./logout.ts";
import { mintSession } from "./mint-session.ts";
import { refresh } from "./refresh.ts";
import { register } from "./register.ts";
import { stepUp } from "./step-up.ts";

test("no password and no token is given to the logger, whatever the verbs answer", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, { config: { argon2: lightArgon2 } });
  const { core } = test;
  const canary = "canary-Pa55phrase";
  const email = "canary.address@example.test";
  const first = await register(core, caller, { email, password: canary });
  const results = [first, await login(core, caller, { email, password: canary, deviceToken: first.deviceToken })];
  const actor = await test.actorOf(first.accessToken);
  const failing = [
    register(core, caller, { email, password: canary }),
    login(core, caller, { email, password: `${canary} wrong` }),
    stepUp(core, actor, { password: `${canary} wrong` }),
    refresh(core, caller, { refreshToken: "canary-refresh-token" }),
    test.actorOf("canary-access-token"),
  ];
  const settled = await Promise.allSettled(failing);
  expect(settled.every(({ status }) => status === "rejected")).toBe(true);
  results.push(await refresh(core, caller, first), await mintSession(core, first.user.userId));
  const second = await refresh(core, caller, results[2] ?? first);
  results.push(second);
  await expect(refresh(core, caller, first)).rejects.toMatchObject({ code: "UNAUTHORIZED" });
  await logout(core, await test.actorOf(results[1]?.accessToken ?? ""), { scope: "all" });

  const secrets = results.flatMap(({ accessToken, refreshToken, deviceToken }) => [
    accessToken,
    refreshToken,
    deviceToken,
  ]);
  const log = test.log.join("\n");
  expect(log).toContain("A refresh token was used again");
  for (const secret of [
    ...secrets,
    canary,
    "canary-refresh-token",
    "canary-access-token",
    "canary.address",
    ada.email,
  ]) {
    expect(log).not.toContain(secret);
  }
});
