import { createDb, setRoleDefaults } from "@echo/db";
import { systemClock } from "@echo/platform";
import { createTestDatabase, describeWithPooler, startTestPooler } from "@echo/testing/database";
import { expect, test } from "vitest";
import { createTestHome } from "../test-echoctl.ts";
import { examineDatabase } from "./examine-database.ts";
import { createPatient, given } from "./test-patient.ts";

const secret = "B".repeat(43);
const off = { DB_NAMED_STATEMENTS: "off" };

/** What the doctor says of the pooler, and what else is wrong there. */
async function examine(url: string, directUrl: string, env: Record<string, string> = {}) {
  const db = createDb({ url, directUrl, poolMax: 4, namedStatements: false });
  const patient = createPatient({ ...given, DATABASE_URL: url, ECHO_SECRET: secret, ...env });
  const database = { url, directUrl, embedded: null, close: async () => undefined };
  try {
    const findings = await examineDatabase({ ...patient, clock: systemClock, database, db });
    return {
      pooler: findings.find(({ name }) => name === "pooler"),
      faults: findings.filter(({ level }) => level === "fault").map(({ name }) => name),
    };
  } finally {
    await db.close();
  }
}

test("without a pooler there is none", async () => {
  await using database = await createTestDatabase();

  expect((await examine(database.url, database.url)).pooler).toMatchObject({ ok: true, detail: "none" });
});

describeWithPooler("a database behind a pooler", () => {
  test("asks for the direct way, then for unnamed statements, then for bounds, and is fine then", async () => {
    await using database = await createTestDatabase();
    await using pooler = await startTestPooler(database.url);

    expect((await examine(pooler.url, pooler.url, off)).pooler).toMatchObject({
      level: "fault",
      detail: expect.stringMatching(/^DATABASE_URL leads through a pooler .* DATABASE_DIRECT_URL is not set/),
      mend: expect.stringMatching(/^export DATABASE_DIRECT_URL=/),
    });
    expect((await examine(pooler.url, database.url)).pooler).toMatchObject({
      level: "fault",
      mend: "export DB_NAMED_STATEMENTS=off",
    });
    expect((await examine(pooler.url, database.url, off)).pooler).toMatchObject({
      level: "warning",
      detail: expect.stringMatching(/lack .*lock_timeout/),
      mend: "echoctl migrate",
    });
    await setRoleDefaults(pooler.url);
    await using fresh = await startTestPooler(database.url);
    const { pooler: finding, faults } = await examine(fresh.url, database.url, off);
    expect(finding).toMatchObject({ ok: true, detail: expect.stringMatching(/LISTEN and locks go round it$/) });
    expect(faults).toEqual(["staff"]);
  });

  test("a direct way that leads through it too is a fault", async () => {
    await using database = await createTestDatabase();
    await using pooler = await startTestPooler(database.url);
    await using another = await startTestPooler(database.url);

    expect((await examine(pooler.url, another.url, off)).pooler).toMatchObject({
      level: "fault",
      detail: expect.stringMatching(/^DATABASE_DIRECT_URL leads through a pooler/),
    });
  });

  test("one that keeps sessions needs nothing", async () => {
    await using database = await createTestDatabase();
    await using pooler = await startTestPooler(database.url, { mode: "session", size: 20 });

    expect((await examine(pooler.url, pooler.url)).pooler).toMatchObject({ ok: true });
  });

  test("is migrated twice by the command, which sets the bounds the first time", { timeout: 60_000 }, async () => {
    await using database = await createTestDatabase({ migrated: false });
    await using pooler = await startTestPooler(database.url);
    await using home = await createTestHome();
    const env = { DATABASE_URL: pooler.url, DATABASE_DIRECT_URL: database.url, ECHO_SECRET: secret, ...off };

    const [first, again] = [await home.run(["migrate"], env), await home.run(["migrate"], env)];

    expect(first).toMatchObject({ code: 0, stdout: expect.stringContaining("the role's time limits and zone") });
    expect(again).toMatchObject({ code: 0, stdout: "The schema is up to date.\n" });
  });
});
