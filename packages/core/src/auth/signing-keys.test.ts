import { randomBytes } from "node:crypto";
import { createLimitPolicies, createManualClock, defaultLifetimes, type ManualClock, systemIds } from "@echo/platform";
import { createTestDatabase, type TestDatabase } from "@echo/testing";
import {
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWTPayload,
  SignJWT,
} from "jose";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { CoreConfig } from "../config.ts";
import { assertSecretMatches } from "./assert-secret-matches.ts";
import { createKeys } from "./signing-keys.ts";

const minuteMs = 60_000;
const userId = "01930000-0000-7000-8000-000000000001";
const sessionId = "01930000-0000-7000-8000-000000000002";
const secret = randomBytes(32);
const config: CoreConfig = {
  secret,
  previousSecret: null,
  issuer: "echo-backend",
  emailVerification: "optional",
  argon2: { memoryKib: 64, passes: 1, parallelism: 1 },
  lifetimes: defaultLifetimes,
  limits: createLimitPolicies(),
  consoleUrl: "https://console.test",
  logDays: 7,
};
const unauthorized = { code: "UNAUTHORIZED" };

let database: TestDatabase;
let clock: ManualClock;
beforeEach(async () => {
  database = await createTestDatabase();
  clock = createManualClock();
});
afterEach(() => database[Symbol.asyncDispose]());

const keysOf = (overrides: Partial<CoreConfig> = {}) =>
  createKeys({ db: database.db, config: { ...config, ...overrides }, clock, ids: systemIds });
const claims = () => ({ userId, sessionId, gen: 3, authTime: clock.now() });
const sql = (text: string) => database.db.prisma.$executeRawUnsafe(text);

describe("what is signed", () => {
  test("carries exactly the claims of security.md", async () => {
    const { accessToken, expiresAt } = await keysOf().sign(claims(), clock.now());
    const at = clock.now().getTime() / 1_000;
    expect(decodeProtectedHeader(accessToken)).toEqual({ alg: "EdDSA", typ: "at+jwt", kid: expect.any(String) });
    expect(decodeJwt(accessToken)).toEqual({
      iss: "echo-backend",
      aud: ["echo:api", "echo:realtime"],
      sub: userId,
      sid: sessionId,
      gen: 3,
      jti: expect.stringMatching(/^[\w-]{22}$/),
      iat: at,
      exp: at + 900,
      auth_time: at,
    });
    expect(expiresAt.getTime()).toBe((at + 900) * 1_000);
  });

  test("is verified for each service, and twice alike", async () => {
    const keys = keysOf();
    const { accessToken, expiresAt } = await keys.sign(claims(), clock.now());
    for (const audience of ["echo:api", "echo:realtime", "echo:api"] as const) {
      await expect(keys.verify(accessToken, audience)).resolves.toEqual({ ...claims(), expiresAt });
    }
  });

  test("ends 5 s after exp, remembered or not", async () => {
    const keys = keysOf();
    const { accessToken } = await keys.sign(claims(), clock.now());
    await keys.verify(accessToken, "echo:api");
    clock.advance(15 * minuteMs + 4_000);
    await expect(keys.verify(accessToken, "echo:api")).resolves.toMatchObject({ userId });
    clock.advance(2_000);
    await expect(keys.verify(accessToken, "echo:api")).rejects.toMatchObject(unauthorized);
    await expect(keysOf().verify(accessToken, "echo:api")).rejects.toMatchObject(unauthorized);
  });
});

describe("what is forged", () => {
  interface Change {
    payload?: JWTPayload;
    without?: string;
    header?: object;
  }
  /** A token that is signed with the real key, with some of it changed. */
  async function forge(change: Change) {
    const keys = keysOf();
    const { accessToken } = await keys.sign(claims(), clock.now());
    const payload: JWTPayload = { ...decodeJwt(accessToken), ...change.payload };
    if (change.without) delete payload[change.without];
    const header = { alg: "EdDSA", typ: "at+jwt", kid: decodeProtectedHeader(accessToken).kid, ...change.header };
    return {
      keys,
      token: await new SignJWT(payload).setProtectedHeader(header).sign(await signingKey(), { crit: { echo: true } }),
    };
  }
  /** The real private key is had by making it: the row gets the public half of a pair that the test knows. */
  async function signingKey() {
    const pair = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
    const { x } = await exportJWK(pair.publicKey);
    await sql(`UPDATE auth.signing_keys SET public_jwk = public_jwk || '{"x": "${x}"}'`);
    return pair.privateKey;
  }

  test("the forger's own way of signing is accepted when nothing is changed", async () => {
    const { token } = await forge({});
    await expect(keysOf().verify(token, "echo:api")).resolves.toMatchObject({ userId, sessionId, gen: 3 });
  });

  const changes: [what: string, change: Change][] = [
    ["another issuer", { payload: { iss: "evil" } }],
    ["another audience", { payload: { aud: "echo:admin" } }],
    ["another type", { header: { typ: "JWT" } }],
    ["no type", { header: { typ: undefined } }],
    ["a subject that is no id", { payload: { sub: "admin" } }],
    ["a gen that is no number", { payload: { gen: "9" } }],
    ["a negative gen", { payload: { gen: -1 } }],
    ["an exp that has passed", { payload: { exp: 1 } }],
    ["an unknown key", { header: { kid: "unknown" } }],
    ["no key id", { header: { kid: undefined } }],
    ["a critical header that nobody knows", { header: { crit: ["echo"], echo: true } }],
    ...["iss", "aud", "sub", "sid", "gen", "jti", "iat", "exp", "auth_time"].map((claim): [string, Change] => [
      `no ${claim}`,
      { without: claim },
    ]),
  ];
  test.each(changes)("%s is refused", async (_what, change) => {
    const { token } = await forge(change);
    await expect(keysOf().verify(token, "echo:api")).rejects.toMatchObject(unauthorized);
  });

  test("a token for one service does not open the other", async () => {
    const { token } = await forge({ payload: { aud: ["echo:realtime"] } });
    const keys = keysOf();
    await expect(keys.verify(token, "echo:realtime")).resolves.toMatchObject({ userId });
    // What was verified for one is not remembered for the other.
    await expect(keys.verify(token, "echo:api")).rejects.toMatchObject(unauthorized);
  });

  test("keys that the token brings or names are ignored", async () => {
    const pair = await generateKeyPair("EdDSA", { crv: "Ed25519", extractable: true });
    const jwk = await exportJWK(pair.publicKey);
    const keys = keysOf();
    const { accessToken } = await keys.sign(claims(), clock.now());
    const { kid } = decodeProtectedHeader(accessToken);
    for (const header of [{ jwk }, { jku: "https://evil.test/jwks" }, { x5u: "https://evil.test/x" }]) {
      const token = await new SignJWT(decodeJwt(accessToken))
        .setProtectedHeader({ alg: "EdDSA", typ: "at+jwt", kid, ...header })
        .sign(pair.privateKey);
      await expect(keys.verify(token, "echo:api")).rejects.toMatchObject(unauthorized);
    }
  });

  test("the algorithm is pinned: none, and HMAC under the public key", async () => {
    const keys = keysOf();
    const { accessToken } = await keys.sign(claims(), clock.now());
    const { kid } = decodeProtectedHeader(accessToken);
    const [jwk] = (await keys.jwks()).keys;
    const [, body] = accessToken.split(".");
    const none = Buffer.from(JSON.stringify({ alg: "none", typ: "at+jwt", kid })).toString("base64url");
    const hmac = await new SignJWT(decodeJwt(accessToken))
      .setProtectedHeader({ alg: "HS256", typ: "at+jwt", kid })
      .sign(Buffer.from(String(jwk?.x), "base64url"));
    for (const token of [`${none}.${body}.`, hmac]) {
      await expect(keys.verify(token, "echo:api")).rejects.toMatchObject(unauthorized);
    }
  });

  test.each([
    ["nothing", ""],
    ["no token", "not a token"],
    ["two dots", ".."],
    ["5 KiB", "a".repeat(5_000)],
  ])("%s is refused", async (_what, token) => {
    await expect(keysOf().verify(token, "echo:api")).rejects.toMatchObject(unauthorized);
  });

  test("a good token of more than 4 KiB is refused", async () => {
    const { token } = await forge({ payload: { pad: "x".repeat(4_000) } });
    await expect(keysOf().verify(token, "echo:api")).rejects.toMatchObject(unauthorized);
  });

  test("a changed signature is refused", async () => {
    const keys = keysOf();
    const { accessToken } = await keys.sign(claims(), clock.now());
    const changed = accessToken.slice(0, -8) + (accessToken.endsWith("AAAAAAAA") ? "BBBBBBBB" : "AAAAAAAA");
    await expect(keys.verify(changed, "echo:api")).rejects.toMatchObject(unauthorized);
  });
});

describe("several processes", () => {
  test("that start at once make one key and accept each other's tokens", async () => {
    const processes = Array.from({ length: 8 }, () => keysOf());
    const signed = await Promise.all(processes.map((keys) => keys.sign(claims(), clock.now())));
    for (const keys of processes) {
      for (const { accessToken } of signed) {
        await expect(keys.verify(accessToken, "echo:api")).resolves.toMatchObject({ userId });
      }
    }
    expect(await database.db.prisma.signingKey.count()).toBe(1);
  });

  test("see another's rotation: its tokens at once, its key for signing within 30 s", async () => {
    const [here, there] = [keysOf(), keysOf()];
    const before = await here.sign(claims(), clock.now());
    await sql("UPDATE auth.signing_keys SET state = 'verifying'");
    const after = await there.sign(claims(), clock.now());
    clock.advance(1_001);

    await expect(here.verify(after.accessToken, "echo:api")).resolves.toMatchObject({ userId });
    clock.advance(30_000);
    const later = await here.sign(claims(), clock.now());
    const kidOf = (token: string) => decodeProtectedHeader(token).kid;
    expect(kidOf(later.accessToken)).toBe(kidOf(after.accessToken));
    await expect(there.verify(before.accessToken, "echo:api")).resolves.toMatchObject({ userId });
    expect((await here.jwks()).keys).toHaveLength(2);
  });

  test.each([
    ["revoked", "UPDATE auth.signing_keys SET revoked_at = now(), state = 'retired'"],
    ["retired", "UPDATE auth.signing_keys SET state = 'retired'"],
    ["retired by its date", "UPDATE auth.signing_keys SET state = 'verifying', retires_at = '2026-01-01T00:00:20Z'"],
  ])("refuse a %s key's tokens within 30 s, although they were verified before", async (_what, change) => {
    const keys = keysOf();
    const { accessToken } = await keys.sign(claims(), clock.now());
    await keys.verify(accessToken, "echo:api");
    await sql(change);
    clock.advance(30_000);
    await expect(keys.verify(accessToken, "echo:api")).rejects.toMatchObject(unauthorized);
    expect((await keys.jwks()).keys).toHaveLength(1);
    await expect(keys.sign(claims(), clock.now())).resolves.toMatchObject({ accessToken: expect.any(String) });
  });

  test("without a database a process goes on with its keys for 30 s, then says that it cannot", async () => {
    const keys = keysOf();
    const { accessToken } = await keys.sign(claims(), clock.now());
    await database.db.close();
    clock.advance(29_000);
    await expect(keys.verify(accessToken, "echo:api")).resolves.toMatchObject({ userId });
    clock.advance(2_000);
    await expect(keys.verify(accessToken, "echo:api")).rejects.toMatchObject({ code: "UNAVAILABLE" });
    await expect(keysOf().verify(accessToken, "echo:api")).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});

describe("at rest", () => {
  test("the private key is sealed, and JWKS shows the public half alone", async () => {
    const keys = keysOf();
    const published = (await keys.jwks()).keys;
    expect(published).toEqual([
      { kty: "OKP", crv: "Ed25519", x: expect.any(String), kid: expect.any(String), alg: "EdDSA", use: "sig" },
    ]);
    const [row] = await database.db.prisma.signingKey.findMany();
    const pkcs8Prefix = Buffer.from("302e020100300506032b6570", "hex");
    expect(Buffer.from(row?.privateKey ?? []).includes(pkcs8Prefix)).toBe(false);
    const { accessToken } = await keys.sign(claims(), clock.now());
    const publicKey = await importJWK(published[0] ?? {}, "EdDSA");
    expect(publicKey).toBeDefined();
    expect(decodeProtectedHeader(accessToken).kid).toBe(published[0]?.kid);
  });

  test("a database that was kept without its secret is told at the start", async () => {
    await expect(assertSecretMatches(database.db, randomBytes(32))).resolves.toBeUndefined();
    await keysOf().jwks();
    await expect(assertSecretMatches(database.db, secret)).resolves.toBeUndefined();
    await expect(assertSecretMatches(database.db, randomBytes(32))).rejects.toMatchObject({
      code: "PRECONDITION_FAILED",
      message: expect.stringContaining("ECHO_SECRET"),
    });
    await expect(assertSecretMatches(database.db, randomBytes(32), secret)).resolves.toBeUndefined();
  });

  test("after a change of the secret the previous one still opens the key", async () => {
    const { accessToken } = await keysOf().sign(claims(), clock.now());
    const renewed = keysOf({ secret: randomBytes(32), previousSecret: secret });
    await expect(renewed.verify(accessToken, "echo:api")).resolves.toMatchObject({ userId });
    await expect(renewed.sign(claims(), clock.now())).resolves.toBeDefined();
  });
});
