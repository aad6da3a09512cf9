import { createCore, stopCore } from "@echo/core";
import { createDb, type Db } from "@echo/db";
import { createManualClock, systemClock } from "@echo/platform";
import { createTestDatabase, type TestDatabase, testConfigOf } from "@echo/testing";
import { expect, test } from "vitest";
import { checkClock } from "./check-clock.ts";
import { checkKeys } from "./check-keys.ts";
import { listServices } from "./check-server.ts";
import { examineDatabase } from "./examine-database.ts";
import { type Finding, look } from "./finding.ts";
import { createPatient, given } from "./test-patient.ts";

const bytes = new Uint8Array(32).fill(7);
/** The one that testConfigOf has. */
const secret = Buffer.from(bytes).toString("base64url");
const other = Buffer.alloc(32, 8).toString("base64url");

async function examineGiven({ url, db }: Pick<TestDatabase, "url" | "db">, env: Record<string, string> = {}) {
  const patient = createPatient({ ...given, DATABASE_URL: url, ECHO_SECRET: secret, ...env });
  const database = { url, directUrl: url, embedded: null, close: async () => undefined };
  const findings = await examineDatabase({ ...patient, clock: systemClock, database, db });
  return (name: string): Finding | undefined => findings.find((finding) => finding.name === name);
}

test("a migrated database without people or staff lacks its staff alone", async () => {
  await using database = await createTestDatabase();

  const of = await examineGiven(database);

  expect(of("postgresql")).toMatchObject({ ok: true, detail: expect.stringMatching(/^18\.\d+$/) });
  expect(of("connections")).toMatchObject({
    ok: true,
    detail: expect.stringMatching(/^3 processes may take 51 of \d+/),
  });
  expect(of("migrations")).toMatchObject({ ok: true });
  expect(of("clock")).toMatchObject({ ok: true });
  expect(of("secret")).toMatchObject({ ok: true });
  expect(of("signing keys")).toMatchObject({ ok: true, detail: expect.stringMatching(/^none yet/) });
  for (const driver of ["cache", "bus", "limits"]) expect(of(driver)).toMatchObject({ ok: true });
  expect(of("staff")).toMatchObject({ ok: false, mend: expect.stringMatching(/^echoctl staff bootstrap/) });
});

test("an empty database has every migration pending, and its tables are left out", async () => {
  await using database = await createTestDatabase({ migrated: false });

  const of = await examineGiven(database);

  expect(of("migrations")).toMatchObject({ level: "fault", mend: "echoctl migrate" });
  for (const name of ["secret", "signing keys", "staff"]) expect(of(name)).toBeUndefined();
  expect(of("postgresql")).toMatchObject({ ok: true });
});

test("pools that the server cannot hold are a fault with the size that it can", async () => {
  await using database = await createTestDatabase();

  const of = await examineGiven(database, { DB_POOL_MAX: "900" });

  expect(of("connections")).toMatchObject({
    level: "fault",
    mend: expect.stringMatching(/^export DB_POOL_MAX=\d{2,3}$/),
  });
});

test("signing keys: by the secret that made them, the one before it, and another", async () => {
  await using database = await createTestDatabase();
  await makeKey(database);
  const examine = (env?: Record<string, string>) => examineGiven(database, env);

  expect((await examine())("signing keys")).toMatchObject({
    ok: true,
    detail: expect.stringMatching(/^current \S+, 0 days old; 1 in use$/),
  });
  const renewed = await examine({ ECHO_SECRET: other, ECHO_SECRET_PREVIOUS: secret });
  expect(renewed("secret")).toMatchObject({ ok: true });
  expect(renewed("signing keys")).toMatchObject({
    level: "warning",
    detail: expect.stringMatching(/ECHO_SECRET_PREVIOUS/),
  });
  const strange = await examine({ ECHO_SECRET: other });
  expect(strange("secret")).toMatchObject({ level: "fault", detail: expect.stringMatching(/another ECHO_SECRET/) });
  expect(strange("signing keys")).toBeUndefined();
});

test("signing keys: a rotation that stopped half-way, and none that is current", async () => {
  await using database = await createTestDatabase();
  await makeKey(database);
  const { prisma } = database.db;
  await prisma.$executeRaw`INSERT INTO auth.signing_keys (kid, state, public_jwk, private_key, updated_at)
    SELECT 'stopped', 'next', public_jwk, private_key, now() - interval '2 hours' FROM auth.signing_keys`;
  // It is sealed for another row; this test is not about the secret.
  const keys = () =>
    look(checkKeys({ db: database.db, clock: systemClock, secret: bytes, apiAddress: "127.0.0.1:8080" }));

  const stuck = await keys();
  expect(stuck).toMatchObject({ level: "fault", detail: expect.stringMatching(/^stopped is next since/) });
  await prisma.$executeRawUnsafe(stuck.mend?.replace("SQL: ", "") ?? "");
  expect(await keys()).toMatchObject({ ok: true });

  await prisma.$executeRaw`UPDATE auth.signing_keys SET state = 'retired'`;
  expect(await keys()).toMatchObject({
    level: "fault",
    mend: "curl http://127.0.0.1:8080/.well-known/jwks.json",
  });
});

test("a clock that is away from the database's is measured against the real one", async () => {
  await using database = await createTestDatabase();
  const at = (awayMs: number) => createManualClock(new Date(Date.now() + awayMs));
  const skew = (awayMs: number) => look(checkClock(database.db, at(awayMs)));

  expect(await skew(0)).toMatchObject({ level: "fine" });
  expect(await skew(3_000)).toMatchObject({ level: "warning", detail: expect.stringMatching(/after the database/) });
  expect(await skew(-20_000)).toMatchObject({ level: "fault", detail: expect.stringMatching(/before the database/) });
});

test("whoever has the database open is known by its name", async () => {
  await using database = await createTestDatabase();
  await using api = createDisposable(createDb({ url: database.url, applicationName: "echo-api" }));
  expect(await listServices(database.db)).not.toContain("api");

  await api.db.ping();

  expect(await listServices(database.db)).toContain("api");
});

const createDisposable = (db: Db) => ({ db, [Symbol.asyncDispose]: () => db.close() });

/** As the first sign-in does. */
async function makeKey({ url }: TestDatabase): Promise<void> {
  const core = await createCore(testConfigOf(url).core);
  await core.ports.keys.jwks();
  await stopCore(core);
}
