import { createTestDatabase } from "@echo/testing/database";
import { expect, test, vi } from "vitest";
import { createDb } from "./create-db.ts";
import { type Db, type Notification, statement } from "./db.ts";

const notify = statement("test_notify", "SELECT pg_notify($1, $2)");
const dropListeners = statement(
  "test_drop_listeners",
  `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
   WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE 'LISTEN%'`,
);

function recorder() {
  const heard: Notification[] = [];
  let reconnects = 0;
  return {
    heard,
    reconnects: () => reconnects,
    handlers: {
      onNotification: (notification: Notification) => heard.push(notification),
      onReconnect: () => {
        reconnects++;
      },
    },
  };
}

/** NOTIFY keeps its order, so whatever was sent before has come when this has. */
async function settle(db: Db, heard: Notification[]): Promise<void> {
  const payload = crypto.randomUUID();
  await db.query(notify, ["settle", payload]);
  await vi.waitUntil(() => heard.some((notification) => notification.payload === payload));
}

test("a listener hears its channels, in order, and no others", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  const { heard, handlers } = recorder();
  const listener = await db.listener(handlers);
  for (const channel of ["settle", "one", 'odd "name"']) await listener.listen(channel);

  await db.query(notify, ["one", "a"]);
  await db.query(notify, ["other", "b"]);
  await db.query(notify, ['odd "name"', "c"]);
  await db.query(notify, ["one", "d"]);
  await settle(db, heard);

  expect(heard.slice(0, -1)).toEqual([
    { channel: "one", payload: "a" },
    { channel: 'odd "name"', payload: "c" },
    { channel: "one", payload: "d" },
  ]);
  await listener.close();
});

test("nothing comes from a channel after unlisten", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  const { heard, handlers } = recorder();
  const listener = await db.listener(handlers);
  await listener.listen("settle");
  await listener.listen("one");

  await listener.unlisten("one");
  await db.query(notify, ["one", "a"]);
  await settle(db, heard);

  expect(heard.map(({ channel }) => channel)).toEqual(["settle"]);
  await listener.close();
});

test("a listener whose connection is cut comes back, says so, and hears its channels again", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  const { heard, handlers, reconnects } = recorder();
  const listener = await db.listener(handlers);
  await listener.listen("settle");
  await listener.listen("one");

  for (const round of [1, 2]) {
    await db.query(dropListeners);
    await vi.waitUntil(() => reconnects() === round);
    await db.query(notify, ["one", String(round)]);
    await settle(db, heard);
  }

  expect(heard.filter(({ channel }) => channel === "one").map(({ payload }) => payload)).toEqual(["1", "2"]);
  await listener.close();
});

test("while the connection is away listen is refused with a typed error", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  const { handlers, reconnects } = recorder();
  const listener = await db.listener(handlers);
  await listener.listen("one");

  await db.query(dropListeners);
  await vi.waitUntil(async () => {
    const refusal: unknown = await listener.listen("two").catch((error: unknown) => error);
    return refusal instanceof Error && refusal.name === "DbError";
  });

  await vi.waitUntil(() => reconnects() === 1);
  await listener.listen("two");
  await listener.close();
});

test("a closed listener hears nothing and leaves no connection", async () => {
  await using database = await createTestDatabase();
  const { db } = database;
  const { heard, handlers, reconnects } = recorder();
  const listener = await db.listener(handlers);
  await listener.listen("one");

  await listener.close();
  await db.query(notify, ["one", "a"]);

  await expect(listener.listen("one")).rejects.toMatchObject({ kind: "unavailable" });
  const left = statement<{ n: number }>(
    "test_left",
    "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'",
  );
  await vi.waitUntil(async () => (await db.query(left))[0]?.n === 0);
  expect(heard).toEqual([]);
  expect(reconnects()).toBe(0);
});

test("a listener that cannot connect at first is a typed error", async () => {
  const db = createDb({ url: "postgresql://nobody@127.0.0.1:1/none" });
  const { handlers } = recorder();

  await expect(db.listener(handlers)).rejects.toMatchObject({ name: "DbError", kind: "unavailable" });
  await db.close();
});
