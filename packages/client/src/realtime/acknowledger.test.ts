import type { MarkInput } from "@echo/contracts";
import { TRPCClientError } from "@trpc/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { networkError } from "../errors.ts";
import { Acknowledger } from "./acknowledger.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const passed = (ms: number) => vi.advanceTimersByTimeAsync(ms);

function acknowledgerThat(markDelivered: (mark: MarkInput) => Promise<unknown> = async () => ({})) {
  const marks: MarkInput[] = [];
  const acknowledger = new Acknowledger({
    delayMs: 100,
    markDelivered: (mark) => {
      marks.push(mark);
      return markDelivered(mark);
    },
  });
  acknowledger.resume();
  return { acknowledger, marks };
}

const refusal = (code: string) => TRPCClientError.from({ error: { message: code, code: -32_000, data: { code } } });

test("many messages of a conversation are one acknowledgement, of the last", async () => {
  const { acknowledger, marks } = acknowledgerThat();
  for (const seq of [1, 3, 2]) acknowledger.received({ conversationId: "c", seq });

  await passed(100);
  await passed(1_000);

  expect(marks).toEqual([{ conversationId: "c", seq: 3 }]);
});

test("many conversations are told a few at a time, and each is", async () => {
  const { acknowledger, marks } = acknowledgerThat();
  for (let n = 0; n < 10; n += 1) acknowledger.received({ conversationId: `c${n}`, seq: 1 });

  await passed(100);
  expect(marks).toHaveLength(4);
  await passed(200);
  expect(new Set(marks.map((mark) => mark.conversationId)).size).toBe(10);
});

test("what the server knows from elsewhere is not told again", async () => {
  const { acknowledger, marks } = acknowledgerThat();
  acknowledger.received({ conversationId: "read", seq: 4 });
  acknowledger.received({ conversationId: "behind", seq: 4 });
  acknowledger.known({ conversationId: "read", seq: 4 });
  acknowledger.known({ conversationId: "behind", seq: 3 });

  await passed(1_000);

  expect(marks).toEqual([{ conversationId: "behind", seq: 4 }]);
});

test("without a connection it waits, and then tells the last", async () => {
  const { acknowledger, marks } = acknowledgerThat();
  acknowledger.pause();
  acknowledger.received({ conversationId: "c", seq: 1 });
  acknowledger.received({ conversationId: "c", seq: 2 });
  await passed(60_000);
  expect(marks).toEqual([]);

  acknowledger.resume();
  await passed(100);

  expect(marks).toEqual([{ conversationId: "c", seq: 2 }]);
});

test.each([networkError("gone"), refusal("TOO_MANY_REQUESTS"), refusal("UNAVAILABLE")])(
  "after %s it is told again, with what came since",
  async (error) => {
    let failures = 1;
    const { acknowledger, marks } = acknowledgerThat(async () => {
      if (failures > 0) {
        failures -= 1;
        acknowledger.received({ conversationId: "c", seq: 2 });
        throw error;
      }
    });
    acknowledger.received({ conversationId: "c", seq: 1 });

    await passed(1_000);

    expect(marks.map((mark) => mark.seq)).toEqual([1, 2]);
  },
);

test("a conversation that one was removed from is forgotten", async () => {
  const { acknowledger, marks } = acknowledgerThat(() => Promise.reject(refusal("FORBIDDEN")));
  acknowledger.received({ conversationId: "c", seq: 1 });

  await passed(10_000);

  expect(marks).toHaveLength(1);
});
