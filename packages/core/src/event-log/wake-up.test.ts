import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { batchOf, LogAdvanced, wakeUpOf } from "./wake-up.ts";

const head = { epoch: "e", position: 12 };
const idsOf = (count: number) => Array.from({ length: count }, () => randomUUID() as string);
const heardOf = (payload: unknown) => batchOf(LogAdvanced.parse(JSON.parse(JSON.stringify(payload))));

test("a batch arrives with its streams and people as they were", () => {
  const batch = { from: 7, streamIds: idsOf(100), userIds: idsOf(3) };

  expect(heardOf(wakeUpOf(head, batch, 7_900))).toEqual(batch);
});

test("a batch that is about more than a message takes is announced without names, and about anything", () => {
  const batch = { from: 7, streamIds: idsOf(1_000), userIds: [] };

  const wakeUp = wakeUpOf(head, batch, 7_900);

  expect(wakeUp).toEqual({ v: 1, ...head });
  expect(heardOf(wakeUp)).toBeNull();
});

test("300 streams fit into what NOTIFY takes", () => {
  expect(heardOf(wakeUpOf(head, { from: 7, streamIds: idsOf(300), userIds: [] }, 7_900))).not.toBeNull();
});

test("a damaged userId is nobody's, and names nobody", () => {
  const batch = {
    from: 7,
    streamIds: idsOf(1),
    userIds: ["7", "", "x".repeat(9_000), "00000000-0000-0000-0000-00000000000G"],
  };

  expect(heardOf(wakeUpOf(head, batch, 7_900))).toEqual({ ...batch, userIds: [] });
});

test("a wake-up of an older process, and one whose names cannot be read, wakes all the same and may be about anything", () => {
  const good = wakeUpOf(head, { from: 7, streamIds: idsOf(2), userIds: idsOf(1) }, 7_900);
  const { streams: _, ...withoutStreams } = good;
  const { users: __, ...withoutUsers } = good;
  const damaged = [
    { v: 1, ...head },
    withoutStreams,
    withoutUsers,
    { ...good, from: 12 },
    { ...good, from: "7" },
    { ...good, from: 7.5 },
    { ...good, streams: "all" },
    { ...good, streams: [...(good.streams ?? []), "short"] },
    { ...good, streams: [7] },
    { ...good, streams: null },
    { ...good, users: { a: 1 } },
    { ...good, users: [`${"a".repeat(21)}!`] },
  ];

  for (const payload of damaged) {
    expect(LogAdvanced.parse(payload)).toMatchObject(head);
    expect(heardOf(payload)).toBeNull();
  }
});

test("a newer version is not read at all", () => {
  const good = wakeUpOf(head, { from: 7, streamIds: [], userIds: [] }, 7_900);

  expect(LogAdvanced.safeParse({ ...good, v: 2 }).success).toBe(false);
  expect(heardOf({ ...good, later: true })).toEqual({ from: 7, streamIds: [], userIds: [] });
});

test("a reader of before takes what it knows of it", () => {
  const older = LogAdvanced.pick({ v: true, epoch: true, position: true });

  expect(older.parse(wakeUpOf(head, { from: 7, streamIds: idsOf(9), userIds: [] }, 7_900))).toEqual({ v: 1, ...head });
});
