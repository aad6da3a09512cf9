import { expect, test } from "vitest";
import { Watermarks } from "./watermarks.ts";

const at = (minute: number) => new Date(2026, 0, 1, 0, minute).toISOString();
const message = (seq: number) => ({ seq, createdAt: at(seq) });
const recipient = (userId: string, state: "sent" | "delivered" | "read") => ({
  userId,
  state,
  deliveredAt: null,
  readAt: null,
});
const moved = (userId: string, lastDeliveredSeq: number, lastReadSeq: number) => ({
  conversationId: "c",
  userId,
  lastDeliveredSeq,
  lastReadSeq,
});

function watermarksOf(...joined: [userId: string, minute: number][]) {
  const watermarks = new Watermarks();
  watermarks.setMembers(joined.map(([userId, minute]) => ({ userId, joinedAt: at(minute) })));
  return watermarks;
}

test("a message is as far as the slowest of those who were there", () => {
  const watermarks = watermarksOf(["bob", 0], ["cleo", 0], ["dan", 5]);
  watermarks.move(moved("bob", 4, 4));
  expect(watermarks.tickOf(message(3))).toBe("sent");

  watermarks.move(moved("cleo", 4, 2));

  expect([1, 2, 3, 4, 5].map((seq) => watermarks.tickOf(message(seq)))).toEqual([
    "read",
    "read",
    "delivered",
    "delivered",
    "sent",
  ]);
});

test("watermarks only grow, whatever order they are told in", () => {
  const watermarks = watermarksOf(["bob", 0]);
  watermarks.move(moved("bob", 5, 5));
  watermarks.move(moved("bob", 3, 1));

  expect(watermarks.tickOf(message(5))).toBe("read");
});

test("who left holds nothing back, and alone a message is only sent", () => {
  const watermarks = watermarksOf(["bob", 0], ["cleo", 0]);
  watermarks.move(moved("bob", 1, 1));

  watermarks.remove("cleo");
  expect(watermarks.tickOf(message(1))).toBe("read");
  watermarks.remove("bob");

  expect(watermarks.tickOf(message(1))).toBe("sent");
});

test("one answer settles its neighbours, and what is settled is not asked again", () => {
  const watermarks = watermarksOf(["bob", 0]);
  watermarks.learn(10, { recipients: [recipient("bob", "read")] });
  watermarks.learn(20, { recipients: [recipient("bob", "sent")] });

  expect([5, 10, 15, 20, 25].map((seq) => watermarks.isUnsure(message(seq)))).toEqual([
    false,
    false,
    true,
    false,
    false,
  ]);
});

test("who is not among a message's recipients has nothing to read of it, and leaves nothing unsure", () => {
  const watermarks = watermarksOf(["bob", 0], ["cleo", 0]);

  watermarks.learn(1, { recipients: [recipient("bob", "read")] });

  expect(watermarks.isUnsure(message(1))).toBe(false);
  expect(watermarks.tickOf(message(1))).toBe("read");
});
