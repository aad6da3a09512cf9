import {
  createTestDatabase,
  describeWithPooler,
  startTestPooler,
  type TestPoolerOptions,
} from "@echo/testing/database";
import pg from "pg";
import { expect, test } from "vitest";
import { createDb } from "./create-db.ts";
import { type Db, statement } from "./db.ts";
import { probePooler } from "./probe-pooler.ts";
import { setRoleDefaults } from "./set-role-defaults.ts";

interface Seen {
  pid: number;
  zone: string;
  bounds: (string | null)[];
}

const text = `SELECT pg_backend_pid() AS pid, current_setting('TimeZone') AS zone,
  ARRAY[current_setting('lock_timeout'), current_setting('statement_timeout'),
    current_setting('idle_in_transaction_session_timeout')] AS bounds`;
const look = statement<Seen>("test_pooled_look", text);
const expected = { zone: "UTC", bounds: ["5s", "30s", "10s"] };

/** A database whose own zone is far away, the pooler before it, and a process behind that. */
async function openPooled(options: TestPoolerOptions & { defaults?: boolean } = {}) {
  const database = await createTestDatabase();
  const name = new URL(database.url).pathname.slice(1);
  await database.db.prisma.$executeRawUnsafe(`ALTER DATABASE "${name}" SET timezone TO 'Asia/Tokyo'`);
  const pooler = await startTestPooler(database.url, options);
  if (options.defaults !== false) await setRoleDefaults(pooler.url);
  const db = createDb({ url: pooler.url, directUrl: database.url, namedStatements: false });
  return {
    db,
    url: pooler.url,
    directUrl: database.url,
    async connect() {
      const client = new pg.Client({ connectionString: pooler.url });
      await client.connect();
      return client;
    },
    async [Symbol.asyncDispose]() {
      await db.close();
      await pooler[Symbol.asyncDispose]();
      await database[Symbol.asyncDispose]();
    },
  };
}

/** Through `count` connections of the server at once. */
async function lookAtMany(db: Db, count: number): Promise<Seen[]> {
  const seen: Seen[] = [];
  const goOn: (() => void)[] = [];
  const one = () =>
    db.transaction(async (tx) => {
      seen.push(...(await tx.query(look)));
      await new Promise<void>((resolve) => {
        goOn.push(resolve);
        if (goOn.length === count) for (const each of goOn) each();
      });
    });
  await Promise.all(Array.from({ length: count }, one));
  return seen;
}

describeWithPooler("behind a pooler that gives a connection for one transaction", () => {
  test("each of its connections has the bounds and the zone, whichever client was given it", async () => {
    await using pooled = await openPooled({ size: 4 });

    const seen = await lookAtMany(pooled.db, 4);

    expect(new Set(seen.map(({ pid }) => pid)).size).toBe(4);
    for (const each of seen) expect(each).toMatchObject(expected);
    expect((await pooled.db.query(look))[0]).toMatchObject(expected);
  });

  test("without the role's defaults some lack them: what the defaults are for", async () => {
    await using pooled = await openPooled({ size: 2, defaults: false });
    await pooled.db.ping();
    const stranger = await pooled.connect();
    await stranger.query("BEGIN");
    await stranger.query("SELECT 1");

    const [seen] = await pooled.db.query(look);

    await stranger.end();
    expect(seen).toMatchObject({ zone: "UTC", bounds: ["0", "0", "0"] });
  });

  test("the defaults are set once, for this database alone", async () => {
    await using pooled = await openPooled({ defaults: false });
    await using other = await createTestDatabase();

    expect(await setRoleDefaults(pooled.url)).toBe(true);
    expect(await setRoleDefaults(pooled.url)).toBe(false);
    expect((await probePooler(other.url)).unbounded).toContain("lock_timeout");
  });

  test("a session bears no bound all the same, and does not go through it", async () => {
    await using pooled = await openPooled();

    const [seen] = await pooled.db.session((session) => session.query(look));

    expect(seen?.bounds).toEqual(["0", "0", "0"]);
  });

  test("a transaction is one connection's, for Prisma and for prepared SQL, and times come back as they went", async () => {
    await using pooled = await openPooled({ size: 2 });
    const at = new Date("2026-01-02T03:04:05.678Z");
    const make = (name: string) =>
      pooled.db.transaction(async (tx) => {
        const [before] = await tx.query(look);
        const user = { id: crypto.randomUUID(), email: name, emailNormalized: name, createdAt: at };
        const made = await tx.prisma.user.create({ data: user });
        const [after] = await tx.query(look);
        return { isOne: before?.pid === after?.pid, at: made.createdAt };
      });

    const made = await Promise.all(Array.from({ length: 20 }, (_, n) => make(`${n}@example.org`)));

    expect(made).toEqual(made.map(() => ({ isOne: true, at })));
    expect(await pooled.db.prisma.user.count({ where: { createdAt: at } })).toBe(20);
  });

  test("a lock that somebody keeps ends the call that waits for it", { timeout: 20_000 }, async () => {
    await using pooled = await openPooled();
    const holder = await pooled.connect();
    await holder.query("BEGIN");
    await holder.query("LOCK TABLE messages.conversations");

    const started = Date.now();
    const call = pooled.db.prisma.conversation.count();
    await expect(call).rejects.toMatchObject({ kind: "lockTimeout" });

    expect(Date.now() - started).toBeLessThan(8_000);
    await holder.end();
  });

  test("listening goes round it, and hears what is told through it", async () => {
    await using pooled = await openPooled();
    const heard: string[] = [];
    const handlers = {
      onNotification: ({ payload }: { payload: string }) => void heard.push(payload),
      onReconnect: () => undefined,
    };
    const listener = await pooled.db.listener(handlers);
    await listener.listen("news");

    await pooled.db.query(statement("test_notify", "SELECT pg_notify('news', 'hello')"));

    await expect.poll(() => heard).toEqual(["hello"]);
    await listener.close();
  });

  test("it is known by what it does not keep, and what its connections lack is named", async () => {
    await using pooled = await openPooled({ defaults: false });

    expect(await probePooler(pooled.url)).toMatchObject({
      isPooled: true,
      keepsSessions: false,
      keepsNamedStatements: false,
      unbounded: expect.arrayContaining(["lock_timeout", "statement_timeout"]),
    });
    await setRoleDefaults(pooled.url);
    await using fresh = await startTestPooler(pooled.directUrl);
    expect((await probePooler(fresh.url)).unbounded).toEqual([]);
  });

  test("one that keeps sessions is a pooler that keeps everything", async () => {
    await using pooled = await openPooled({ mode: "session" });

    expect(await probePooler(pooled.url)).toMatchObject({
      isPooled: true,
      keepsSessions: true,
      keepsNamedStatements: true,
    });
  });
});

test("a server without a pooler is known as that", async () => {
  await using database = await createTestDatabase();

  expect(await probePooler(database.url)).toMatchObject({
    isPooled: false,
    keepsSessions: true,
    keepsNamedStatements: true,
  });
});
