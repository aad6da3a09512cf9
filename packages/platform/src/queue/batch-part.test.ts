import { expect, test } from "vitest";
import { firstPart } from "./batch-part.ts";
import type { Deferred, Incoming, RawRecord, Readable, Unreadable } from "./record-format.ts";

const at = new Date();
const raw: RawRecord = {
  topic: "messages",
  partition: 0,
  offset: "0",
  timestamp: "0",
  key: null,
  value: null,
  headers: {},
};
const placed = (position: number, previous: number | null, epoch: string) => ({
  record: { topic: "messages", key: "", position, epoch, type: "test", value: {}, createdAt: at, loggedAt: at },
  previous,
});
const record = (position: number, previous: number | null, epoch = "one"): Readable => ({
  kind: "record",
  ...placed(position, previous, epoch),
});
const deferred = (position: number, previous: number): Deferred => ({
  kind: "deferred",
  ...placed(position, previous, "one"),
  raw,
  fault: "newer",
});
const unreadable: Unreadable = { kind: "unreadable", raw, fault: "no JSON" };

/** What is taken when everything up to 10 was handled. */
function part(batch: readonly Incoming[], maxBatch = 100) {
  const {
    taken,
    unreadable: others,
    deferred: later,
    ...rest
  } = firstPart(batch, {
    from: 10,
    maxBatch,
    isOurs: ({ epoch }) => epoch === "one",
  });
  return {
    ...rest,
    taken: taken.map(({ record: { position } }) => position),
    unreadable: others.length,
    deferred: later?.record.position ?? null,
  };
}
const nothing = { count: 0, taken: [], unreadable: 0, deferred: null, foreign: 0, gapBefore: null };

test("records that follow one another are taken, as many as fit, and what was handled is passed over", () => {
  const batch = [record(9, 4), record(12, 9), record(15, 12), record(20, 15)];

  expect(part(batch)).toEqual({ ...nothing, count: 4, taken: [12, 15, 20] });
  expect(part(batch, 2)).toEqual({ ...nothing, count: 3, taken: [12, 15] });
});

test("a gap before the first is named, and one later ends the part", () => {
  expect(part([record(15, 12), record(20, 15)])).toEqual({ ...nothing, gapBefore: 14 });
  expect(part([record(12, 9), record(20, 15)])).toEqual({ ...nothing, count: 1, taken: [12] });
});

test("where the sender does not know what came before, only the next position is sure", () => {
  expect(part([record(11, null)])).toEqual({ ...nothing, count: 1, taken: [11] });
  expect(part([record(12, null)])).toEqual({ ...nothing, gapBefore: 11 });
});

test("what is of another log, or of none, is counted and closes no gap", () => {
  const batch = [unreadable, record(12, 9, "other"), record(15, 12)];

  expect(part(batch)).toEqual({ ...nothing, count: 2, unreadable: 1, foreign: 1, gapBefore: 14 });
});

test("one that another version can read is taken alone, in its turn", () => {
  expect(part([record(12, 9), deferred(15, 12)])).toEqual({ ...nothing, count: 1, taken: [12] });
  expect(part([deferred(12, 9), record(15, 12)])).toEqual({ ...nothing, count: 1, deferred: 12 });
  expect(part([deferred(9, 4), record(12, 9)])).toEqual({ ...nothing, count: 2, taken: [12] });
});
