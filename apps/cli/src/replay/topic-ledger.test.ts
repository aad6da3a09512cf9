import { expect, test } from "vitest";
import { TopicLedger } from "./topic-ledger.ts";

const record = (key: string, position: number, messageId: string | null) => ({
  topic: "messages",
  partition: 0,
  offset: "0",
  timestamp: "0",
  key: Buffer.from(key),
  value: Buffer.from(JSON.stringify({ refId: messageId })),
  headers: {
    "event-id": `epoch.${position}`,
    position: `${position}`,
    type: messageId ? "message.created" : "member.added",
  },
});

/** What is compared when these came, and a, b and c were said. */
function compare(came: readonly ReturnType<typeof record>[]) {
  const ledger = new TopicLedger();
  for (const id of ["a", "b", "c"]) ledger.said(id);
  for (const each of came) ledger.read(each);
  return ledger.compare();
}

const [added, a, b, c] = [record("one", 1, null), record("one", 2, "a"), record("two", 3, "b"), record("one", 4, "c")];

test("each record once is as it must be, whatever the order of records of different keys", () => {
  expect(compare([b, added, a, c])).toEqual({ records: 4, lost: 0, doubled: 0, orderErrors: 0 });
});

test("what did not come, came again, or came too early is counted", () => {
  expect(compare([added, a, c])).toMatchObject({ lost: 1, doubled: 0, orderErrors: 0 });
  expect(compare([added, a, a, b, c])).toMatchObject({ lost: 0, doubled: 1, orderErrors: 0 });
  expect(compare([a, added, b, c])).toMatchObject({ lost: 0, doubled: 0, orderErrors: 1 });
  // Its position says that it comes last, and the sender was told that it came first.
  expect(compare([added, b, c, record("one", 5, "a")])).toMatchObject({ lost: 0, orderErrors: 1 });
});
