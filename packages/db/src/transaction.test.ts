import { createTestDatabase } from "@echo/testing/database";
import { expect, test, vi } from "vitest";
import { createDb } from "./create-db.ts";
import { type Db, statement, type Tx } from "./db.ts";

const pid = statement<{ pid: number }>("test_pid", "SELECT pg_backend_pid() AS pid");
const lockHead = statement("test_lock_head", "SELECT FROM messages.log_head FOR UPDATE");
const lockUser = statement("test_lock_user", "SELECT FROM auth.users WHERE email_normalized = $1 FOR UPDATE");
const insertUser = statement(
  "test_insert_user",
  "INSERT INTO auth.users (id, email, email_normalized) VALUES (gen_random_uuid(), $1, $1)",
);
const countUsers = statement<{ n: number }>("test_count_users", "SELECT count(*) AS n FROM auth.users");
const backendPid = async (tx: Tx): Promise<number | undefined> => (await tx.query(pid))[0]?.pid;
const prismaPid = async (tx: Tx): Promise<number | undefined> =>
  (await tx.prisma.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`)[0]?.pid;

test("Prisma and prepared SQL share a transaction's connection, and no two transactions share one", async () => {
  await using database = await createTestDatabase({ poolMax: 4 });
  const barrier = meeting(4);

  const pairs = await Promise.all(
    [1, 2, 3, 4].map(() =>
      database.db.transaction(async (tx) => {
        const first = await backendPid(tx);
        await barrier();
        return [first, await prismaPid(tx)];
      }),
    ),
  );

  for (const [sql, prisma] of pairs) expect(sql).toBe(prisma);
  expect(new Set(pairs.flat()).size).toBe(4);
});

test("what both wrote is committed together and rolled back together", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  const write = async (tx: Tx, name: string): Promise<void> => {
    await tx.query(insertUser, [`${name}@sql`]);
    await tx.prisma.user.create({ data: { id: crypto.randomUUID(), email: name, emailNormalized: `${name}@prisma` } });
  };
  await db.transaction((tx) => write(tx, "ada"));

  const failure = new Error("the verb changed its mind");
  const failing = db.transaction(async (tx) => {
    await write(tx, "bob");
    throw failure;
  });

  await expect(failing).rejects.toBe(failure);
  expect(await db.query(countUsers)).toEqual([{ n: 2 }]);
});

test("a query beside the transaction runs on another connection and sees nothing of it", async () => {
  await using database = await createTestDatabase();
  const { db } = database;

  await db.transaction(async (tx) => {
    await tx.query(insertUser, ["ada"]);
    expect(await db.query(countUsers)).toEqual([{ n: 0 }]);
    expect(await db.prisma.user.count()).toBe(0);
    expect(await db.transaction(backendPid)).not.toBe(await backendPid(tx));
    expect(await tx.query(countUsers)).toEqual([{ n: 1 }]);
  });
});

test("a transaction that is over refuses queries instead of running them on somebody else's connection", async () => {
  await using database = await createTestDatabase({ poolMax: 1 });
  let kept: Tx | undefined;
  await database.db.transaction(async (tx) => {
    kept = tx;
  });

  await expect(kept?.query(pid)).rejects.toMatchObject({ kind: "timeout" });
  await expect(kept?.prisma.user.count()).rejects.toMatchObject({ name: "DbError", kind: "timeout" });
});

test("two transactions that lock each other out both end, one of them in a second attempt", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await db.query(insertUser, ["ada"]);
  const barrier = meeting(2);
  const first = { head: lockHead, user: lockUser };
  let attempts = 0;
  const run = (order: ("head" | "user")[]): Promise<void> =>
    db.transaction(async (tx) => {
      attempts++;
      for (const [n, name] of order.entries()) {
        if (n === 1) await barrier();
        await tx.query(first[name], name === "user" ? ["ada"] : []);
      }
    });

  await Promise.all([run(["head", "user"]), run(["user", "head"])]);

  expect(attempts).toBe(3);
});

test("a conflict is tried five times, whoever reports it, then it is the caller's", async () => {
  await using database = await createTestDatabase();
  let attempts = 0;
  const conflict = async (tx: Tx): Promise<unknown> => {
    attempts++;
    return attempts % 2 === 0
      ? await tx.query(statement("test_conflict", "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$"))
      : await tx.prisma.$executeRawUnsafe("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$");
  };

  await expect(database.db.transaction(conflict)).rejects.toMatchObject({ name: "DbError", kind: "serialization" });
  expect(attempts).toBe(5);
});

test("another fault is not tried again", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  let attempts = 0;

  const failing = db.transaction(async (tx) => {
    attempts++;
    await tx.query(insertUser, ["ada"]);
    await tx.query(insertUser, ["ada"]);
  });

  await expect(failing).rejects.toMatchObject({ kind: "unique", constraint: "users_email_normalized_key" });
  expect(attempts).toBe(1);
});

test("a fault that shows at commit is a DbError and leaves nothing", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  await db.prisma.$executeRawUnsafe("CREATE TABLE public.twice (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)");

  const failing = db.transaction((tx) => tx.query(statement("test_twice", "INSERT INTO public.twice VALUES (1), (1)")));

  await expect(failing).rejects.toMatchObject({ name: "DbError", kind: "unique", constraint: "twice_id_key" });
  expect(await db.query(statement("test_twice_count", "SELECT FROM public.twice"))).toEqual([]);
});

test("a connection that dies in a transaction is a typed error, and the pool goes on", async () => {
  await using database = await createTestDatabase({ poolMax: 1 });
  const { db } = database;

  const dying = db.transaction((tx) =>
    tx.query(statement("test_suicide", "SELECT pg_terminate_backend(pg_backend_pid())")),
  );

  await expect(dying).rejects.toMatchObject({ name: "DbError", kind: "unavailable" });
  await expectToServe(db);
});

test("while no connection gets free every door says unavailable, and goes on when one is", async () => {
  await using database = await createTestDatabase();
  // The tests' own databases let a caller wait for longer than a transaction may idle.
  const db = createDb({ url: database.url, poolMax: 1 });

  await db.transaction(async () => {
    const calls = [db.transaction(backendPid), db.query(pid), db.prisma.user.count()];
    const faults = await Promise.all(calls.map((call) => call.catch((fault: unknown) => fault)));
    for (const fault of faults) expect(fault).toMatchObject({ name: "DbError", kind: "unavailable" });
  });

  await expectToServe(db);
  await db.close();
});

test("a statement that runs too long is a timeout, and the pool goes on", async () => {
  await using database = await createTestDatabase({ poolMax: 1 });
  const { db } = database;

  const slow = db.transaction(async (tx) => {
    await tx.prisma.$executeRaw`SET LOCAL statement_timeout = 20`;
    await tx.query(statement("test_slow", "SELECT pg_sleep(5)"));
  });

  await expect(slow).rejects.toMatchObject({ name: "DbError", kind: "timeout" });
  await expectToServe(db);
});

test("a transaction that idles is ended by the server, and nothing of it stays", async () => {
  await using database = await createTestDatabase({ poolMax: 2 });
  const { db } = database;
  const idling = statement<{ n: number }>(
    "test_idling",
    "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'",
  );

  const idle = db.transaction(async (tx) => {
    await tx.query(insertUser, ["ada"]);
    await tx.prisma.$executeRaw`SET LOCAL idle_in_transaction_session_timeout = 20`;
    await vi.waitUntil(async () => (await db.query(idling))[0]?.n === 0);
    await tx.query(pid);
  });

  await expect(idle).rejects.toMatchObject({ name: "DbError", kind: "unavailable" });
  expect(await db.query(countUsers)).toEqual([{ n: 0 }]);
});

test("who waits too long for a lock gets lockTimeout", async () => {
  await using database = await createTestDatabase();
  const { db } = database;

  await db.transaction(async (holder) => {
    await holder.query(lockHead);
    const waiting = db.transaction(async (tx) => {
      await tx.prisma.$executeRaw`SET LOCAL lock_timeout = 20`;
      await tx.query(lockHead);
    });
    await expect(waiting).rejects.toMatchObject({ kind: "lockTimeout" });
  });
});

async function expectToServe(db: Db): Promise<void> {
  expect(await db.transaction(backendPid)).toBeGreaterThan(0);
  expect(db.stats()).toMatchObject({ waiting: 0 });
}

/** Resolves for everyone once `count` have called; later calls pass. */
function meeting(count: number): () => Promise<void> {
  let open = (): void => undefined;
  const met = new Promise<void>((resolve) => {
    open = resolve;
  });
  let arrived = 0;
  return () => {
    if (++arrived >= count) open();
    return met;
  };
}

test("what waits for the commit is called once after it, and never after a rollback", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  const seen: unknown[] = [];
  let runs = 0;

  await db.transaction(async (tx) => {
    runs += 1;
    await tx.query(insertUser, ["ada"]);
    tx.afterCommit(() => seen.push(`after run ${runs}`));
    expect(seen).toEqual([]);
    if (runs === 1) await tx.query(statement("test_conflict_once", "DO $$ BEGIN RAISE SQLSTATE '40001'; END $$"));
  });
  const failure = new Error("the verb changed its mind");
  const failing = db.transaction(async (tx) => {
    tx.afterCommit(() => seen.push("after a rollback"));
    throw failure;
  });

  await expect(failing).rejects.toBe(failure);
  expect(seen).toEqual(["after run 2"]);
});
