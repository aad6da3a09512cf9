import { startEcho, testLimits } from "@echo/testing";
import { describe, expect, test } from "vitest";
import { procedureTypes } from "./index.ts";

const isPublic = (name: string) => ["auth.register", "auth.login", "auth.refresh"].includes(name);
const everything = [...procedureTypes].map(([name, type]) => ({ name, type }));
/** Those of the console have callers, and tests, of their own: admin.test.ts. */
const all = everything.filter(({ name }) => !name.startsWith("admin."));
const ofUsers = all.filter(({ name }) => !isPublic(name));

interface Call {
  name: string;
  type: string;
}

/** As any client in any language would: by address, with or without a token. */
async function call(url: string, { name, type }: Call, { input = {}, token }: { input?: unknown; token?: string }) {
  const headers = {
    "content-type": "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const address = `${url}/trpc/${name}`;
  const response =
    type === "query"
      ? await fetch(`${address}?input=${encodeURIComponent(JSON.stringify(input))}`, { headers })
      : await fetch(address, { method: "POST", headers, body: JSON.stringify(input) });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
}

interface Answer {
  result?: unknown;
  error?: { message: string; code: number; data: Record<string, unknown> };
}

test("every procedure over its caller's policy is TOO_MANY_REQUESTS that names it, and does nothing", async () => {
  const user = { name: "user" as const, kind: "bucket" as const, burst: 1, perSecond: 0.001 };
  await using echo = await startEcho({ config: { core: { limits: { ...testLimits, user } } } });
  for (const [index, procedure] of all.entries()) {
    const { accessToken: token } = await echo.user(`p${index}`);
    await call(echo.apiUrl, { name: "auth.me", type: "query" }, { token });
    const before = await echo.core.events.head();

    const answer = await call(echo.apiUrl, procedure, { token });

    expect(answer.status).toBe(429);
    expect(answer.body.error?.data).toMatchObject({ code: "TOO_MANY_REQUESTS", limiter: "user" });
    expect(await echo.core.events.head()).toEqual(before);
  }
});

test("these are the procedures of this version", () => {
  expect(everything.map(({ name, type }) => `${type} ${name}`).sort()).toEqual([
    "mutation admin.signIn.link",
    "mutation admin.signIn.password",
    "mutation admin.signIn.totp",
    "mutation admin.signOut",
    "mutation admin.stepUp",
    "mutation admin.totp.confirm",
    "mutation admin.totp.disable",
    "mutation admin.totp.enroll",
    "mutation auth.login",
    "mutation auth.logout",
    "mutation auth.refresh",
    "mutation auth.register",
    "mutation auth.stepUp",
    "mutation conversations.create",
    "mutation conversations.leave",
    "mutation conversations.members.add",
    "mutation conversations.members.remove",
    "mutation messages.markDelivered",
    "mutation messages.markRead",
    "mutation messages.send",
    "mutation messages.typing",
    "mutation users.profile.upsert",
    "query admin.me",
    "query admin.overview",
    "query auth.me",
    "query conversations.get",
    "query conversations.list",
    "query conversations.members.list",
    "query conversations.sync",
    "query messages.get",
    "query messages.list",
    "query messages.status",
    "query users.profile.get",
    "query users.profile.me",
  ]);
});

describe("every procedure of users", () => {
  test.each(ofUsers)("$name without a token is UNAUTHORIZED, whatever the input", async (procedure) => {
    await using echo = await startEcho();
    const answer = await call(echo.apiUrl, procedure, { input: { colour: "red" } });

    expect(answer.status).toBe(401);
    expect(answer.body.error?.data).toMatchObject({ code: "UNAUTHORIZED", message: expect.stringContaining("token") });
  });

  test.each(ofUsers)("$name with a token that was forged is UNAUTHORIZED", async (procedure) => {
    await using echo = await startEcho();
    const { accessToken } = await echo.user("ada");
    const forged = `${accessToken.slice(0, -8)}AAAAAAAA`;

    const answer = await call(echo.apiUrl, procedure, { token: forged });

    expect(answer.body.error?.data).toMatchObject({ code: "UNAUTHORIZED" });
  });
});

describe("every procedure", () => {
  test.each(all)("$name refuses an unknown key by its name", async (procedure) => {
    await using echo = await startEcho();
    const { accessToken: token } = await echo.user("ada");
    const input = { colour: "red", ...(procedure.name === "messages.send" ? { type: "text" } : {}) };

    const answer = await call(echo.apiUrl, procedure, { input, token });

    expect(answer.status).toBe(400);
    expect(answer.body.error?.data).toEqual({
      code: "BAD_REQUEST",
      message: answer.body.error?.message,
      requestId: answer.headers.get("x-request-id"),
    });
    expect(answer.body.error?.message).toMatch(/colour/);
  });

  test.each(all)("$name refuses what is no object", async (procedure) => {
    await using echo = await startEcho();
    const { accessToken: token } = await echo.user("ada");

    for (const input of [[], 1, "text", true]) {
      const answer = await call(echo.apiUrl, procedure, { input, token });
      expect(answer.body.error?.data).toMatchObject({ code: "BAD_REQUEST" });
    }
  });
});
