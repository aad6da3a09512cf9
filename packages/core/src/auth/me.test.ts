import { Me } from "@echo/contracts";
import { createTestDatabase } from "@echo/testing";
import { expect, test } from "vitest";
import { ada, caller, createAuthTestCore, lightArgon2 } from "./auth-test-core.ts";
import { SessionEndedError } from "./authenticate.ts";
import { logout } from "./logout.ts";
import { me } from "./me.ts";
import { register } from "./register.ts";

test("one's own account, profile and session", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, { config: { argon2: lightArgon2 } });
  const auth = await register(test.core, caller, { ...ada, phone: "+4915112345678" });
  const actor = await test.actorOf(auth.accessToken);

  const answer = await me(test.core, actor);

  expect(Me.parse(answer)).toEqual(answer);
  expect(answer).toEqual({
    ...auth.user,
    phone: "+4915112345678",
    phoneVerified: false,
    factors: [],
    authTime: actor.authTime.toISOString(),
    session: auth.session,
  });
});

test("a session that ended meanwhile is told as such", async () => {
  await using database = await createTestDatabase();
  await using test = await createAuthTestCore(database.url, { config: { argon2: lightArgon2 } });
  const actor = await test.actorOf((await register(test.core, caller, ada)).accessToken);
  await logout(test.core, actor, { scope: "this" });
  await expect(me(test.core, actor)).rejects.toThrow(SessionEndedError);
});
