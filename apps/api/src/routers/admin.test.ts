import type { StaffRole } from "@echo/contracts";
import { bootstrapStaff, makeSignInLink, type StaffActor } from "@echo/core/staff";
import { consoleHeaders, type Echo, refusal, startEcho } from "@echo/testing";
import { Secret, TOTP } from "otpauth";
import { describe, expect, test } from "vitest";
import { call, consoleProcedures, consoleUrl, me } from "../test-console.ts";
import { router, staffProcedure } from "../trpc.ts";
import { procedureTypes } from "./index.ts";

const ofUsers = [...procedureTypes]
  .map(([name, type]) => ({ name, type: type as string }))
  .filter(({ name }) => !name.startsWith("admin.") && !["auth.register", "auth.login", "auth.refresh"].includes(name));
const ofStaff = consoleProcedures.filter(({ name }) => !name.startsWith("admin.signIn."));
const signInLink = { name: "admin.signIn.link", type: "mutation" };
const freshLink = (echo: Echo) => makeSignInLink(echo.core, { requestId: "test" });

describe("the session's cookie", () => {
  test("is for https, this origin and this site alone, and ends with the session", async () => {
    await using echo = await startEcho();

    const { status, headers } = await call(echo, signInLink, {
      headers: consoleHeaders(consoleUrl),
      input: {
        token: (await freshLink(echo)).token,
      },
    });

    expect(status).toBe(200);
    expect(headers.get("set-cookie")).toMatch(
      /^__Host-echo_console=[A-Za-z0-9_-]{43}; Max-Age=4(3200|3199); Path=\/; HttpOnly; SameSite=Strict; Secure$/,
    );
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test("has no __Host- and no Secure where the console is plain http on loopback", async () => {
    const localUrl = "http://127.0.0.1:3000";
    await using echo = await startEcho({ config: { core: { consoleUrl: localUrl } } });

    const { headers } = await call(echo, signInLink, {
      headers: consoleHeaders(localUrl),
      input: {
        token: (await freshLink(echo)).token,
      },
    });

    expect(headers.get("set-cookie")).toMatch(
      /^echo_console=[A-Za-z0-9_-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/,
    );
  });

  test("is taken away by signing out, and what it held opens nothing any more", async () => {
    await using echo = await startEcho();
    const staff = await echo.staff();

    const { headers } = await call(echo, { name: "admin.signOut", type: "mutation" }, { headers: staff.headers });

    expect(headers.get("set-cookie")).toMatch(/^__Host-echo_console=; Max-Age=0; Path=\/; HttpOnly; SameSite=Strict/);
    await expect(staff.api.me.query()).rejects.toEqual(refusal("UNAUTHORIZED"));
  });

  test("is found among others, and one of another form is none", async () => {
    await using echo = await startEcho();
    const staff = await echo.staff();

    const among = { ...staff.headers, cookie: `a=b; ${staff.headers.cookie}; c=d` };
    expect((await call(echo, me, { headers: among })).status).toBe(200);
    for (const cookie of ["__Host-echo_console=short", `x${staff.headers.cookie}`, "", ";;=;"]) {
      expect((await call(echo, me, { headers: { ...staff.headers, cookie } })).status).toBe(401);
    }
  });
});

describe("signing in", () => {
  test("by link works once and answers who that is", async () => {
    await using echo = await startEcho();
    const { token } = await freshLink(echo);

    const first = await call(echo, signInLink, { headers: consoleHeaders(consoleUrl), input: { token } });
    const second = await call(echo, signInLink, { headers: consoleHeaders(consoleUrl), input: { token } });

    expect(first.status).toBe(200);
    expect(second.error?.data).toMatchObject({ code: "UNAUTHORIZED" });
    expect(second.headers.get("set-cookie")).toBeNull();
  });

  test("in a stream, which could set no cookie, is refused, and the link still holds", async () => {
    await using echo = await startEcho();
    const input = { token: (await freshLink(echo)).token };
    const headers = consoleHeaders(consoleUrl);

    const streamed = await call(
      echo,
      { ...signInLink, name: "admin.signIn.link?batch=1" },
      { headers: { ...headers, "trpc-accept": "application/jsonl" }, input: { 0: input } },
    );

    expect(streamed.error?.data).toMatchObject({ code: "BAD_REQUEST" });
    expect((await call(echo, signInLink, { headers, input })).headers.get("set-cookie")).toMatch(/^__Host-/);
  });

  test("by password and code gives the cookie with the second of the two", async () => {
    await using echo = await startEcho({ config: {} });
    const password = "a pass phrase of the staff";
    const grace = { email: "grace@example.org", name: "Grace", password };
    const { secret } = await bootstrapStaff(echo.core, { ...grace, requestId: "test" });
    const post = (name: string, input: object) =>
      fetch(`${echo.apiUrl}/trpc/${name}`, {
        method: "POST",
        headers: { "content-type": "application/json", ...consoleHeaders(consoleUrl) },
        body: JSON.stringify(input),
      });

    const first = await post("admin.signIn.password", { email: grace.email, password });
    const { result } = (await first.json()) as { result: { data: { challenge: string } } };
    const code = new TOTP({ secret: Secret.fromBase32(secret) }).generate();
    const second = await post("admin.signIn.totp", { challenge: result.data.challenge, code });

    expect(first.headers.get("set-cookie")).toBeNull();
    expect(second.status).toBe(200);
    expect(second.headers.get("set-cookie")).toMatch(/^__Host-echo_console=/);
    expect(await second.json()).toMatchObject({ result: { data: { staff: { email: grace.email, role: "admin" } } } });
  });

  test("by password is refused where the console is not reached over https, in one sentence", async () => {
    const localUrl = "http://127.0.0.1:3000";
    await using echo = await startEcho({ config: { core: { consoleUrl: localUrl } } });
    const password = { name: "admin.signIn.password", type: "mutation" };

    const { error } = await call(echo, password, {
      headers: consoleHeaders(localUrl),
      input: { email: "a@b.example", password: "x" },
    });

    expect(error?.data).toMatchObject({ code: "PRECONDITION_FAILED", message: expect.stringContaining("https") });
  });
});

describe("who is who", () => {
  test.each(ofStaff)("$name without a session is UNAUTHORIZED, with a user's token too", async (procedure) => {
    await using echo = await startEcho();
    const { accessToken } = await echo.user("ada");

    const both: Record<string, string>[] = [{}, { authorization: `Bearer ${accessToken}` }];
    for (const more of both) {
      const { error } = await call(echo, procedure, { headers: { ...consoleHeaders(consoleUrl), ...more } });
      expect(error?.data).toMatchObject({ code: "UNAUTHORIZED" });
    }
  });

  test.each(ofUsers)("a session of the console does not open $name", async (procedure) => {
    await using echo = await startEcho();
    const { headers } = await echo.staff();

    const answer = await call(echo, procedure, { headers });

    expect(answer.error?.data).toMatchObject({ code: "UNAUTHORIZED" });
  });

  test("a batch is the console's or users', never both, and what proves somebody goes alone", async () => {
    await using echo = await startEcho();
    const { headers } = await echo.staff();
    const mixed = `${echo.apiUrl}/trpc/admin.me,users.profile.me?batch=1&input=${encodeURIComponent('{"0":{},"1":{}}')}`;
    const twice = `${echo.apiUrl}/trpc/admin.stepUp,admin.stepUp?batch=1`;
    const fine = `${echo.apiUrl}/trpc/admin.me,admin.overview?batch=1&input=${encodeURIComponent('{"0":{},"1":{}}')}`;

    expect((await fetch(mixed, { headers })).status).toBe(400);
    expect(
      (
        await fetch(twice, {
          method: "POST",
          headers: { ...headers, "content-type": "application/json" },
          body: '{"0":{"code":"123456"},"1":{"code":"123457"}}',
        })
      ).status,
    ).toBe(400);
    expect((await fetch(fine, { headers })).status).toBe(200);
  });
});

test("a second factor is turned on, asked for by step-up, and turned off", async () => {
  await using echo = await startEcho({ config: {} });
  const { api } = await echo.staff();
  const { secret } = await api.totp.enroll.mutate();
  const totp = new TOTP({ secret: Secret.fromBase32(secret) });
  const now = Date.now();
  const codeOf = (step: number) => totp.generate({ timestamp: now + step * 30_000 });

  await expect(api.stepUp.mutate({})).rejects.toEqual(refusal("PRECONDITION_FAILED"));
  await api.totp.confirm.mutate({ code: codeOf(0) });
  await expect(api.totp.enroll.mutate()).rejects.toEqual(refusal("CONFLICT"));
  await expect(api.stepUp.mutate({})).rejects.toEqual(refusal("BAD_REQUEST"));
  await expect(api.stepUp.mutate({ code: codeOf(0) })).rejects.toEqual(refusal("UNAUTHORIZED"));
  const { steppedUpUntil } = await api.stepUp.mutate({ code: codeOf(1) });
  expect(await api.me.query()).toMatchObject({ factors: ["totp"], steppedUpUntil });
  // No third step is near enough to be accepted: let the first count anew.
  await echo.db.prisma.$executeRawUnsafe("UPDATE auth.staff SET totp_last_step = 0");
  await api.totp.disable.mutate({ code: codeOf(0) });
  expect(await api.me.query()).toMatchObject({ factors: [] });
});

test("whoever did not step up lately is asked to before a second factor changes", async () => {
  await using echo = await startEcho({ config: {} });
  const { api } = await echo.staff();
  await echo.db.prisma.$executeRawUnsafe(
    "UPDATE auth.staff_sessions SET stepped_up_at = stepped_up_at - interval '6 minutes'",
  );

  for (const change of [
    api.totp.enroll.mutate(),
    api.totp.confirm.mutate({ code: "123456" }),
    api.totp.disable.mutate({ code: "123456" }),
  ]) {
    await expect(change).rejects.toEqual(refusal("STEP_UP_REQUIRED"));
  }
});

test("a procedure of a higher role is FORBIDDEN to a lower one", async () => {
  await using echo = await startEcho();
  const calls = router({ close: staffProcedure("admin").query(() => "closed") });
  const as = (role: StaffRole) => {
    const staff: StaffActor = {
      ip: "127.0.0.1",
      requestId: "test",
      staffId: echo.core.ids.uuid(),
      sessionId: echo.core.ids.uuid(),
      role,
      steppedUpAt: null,
    };
    return calls.createCaller({ core: echo.core, caller: staff, actor: null, staff, refusal: null });
  };

  expect(await as("admin").close()).toBe("closed");
  for (const role of ["support", "viewer"] as const) {
    await expect(as(role).close()).rejects.toMatchObject({ cause: { code: "FORBIDDEN" } });
  }
});

describe("every procedure of the console", () => {
  test.each(consoleProcedures)(
    "$name refuses an unknown key, what is no object, and what is too large",
    async (procedure) => {
      await using echo = await startEcho();
      const { headers } = await echo.staff();

      expect((await call(echo, procedure, { headers, input: { colour: "red" } })).error?.message).toMatch(/colour/);
      for (const input of [[], 1, "text", true]) {
        expect((await call(echo, procedure, { headers, input })).error?.data).toMatchObject({ code: "BAD_REQUEST" });
      }
      if (procedure.type === "mutation") {
        const large = await call(echo, procedure, { headers, input: { colour: "r".repeat(9_000) } });
        expect(large.error?.data).toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
      }
    },
  );
});
