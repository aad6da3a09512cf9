import type { Message, SendMessageInput } from "@echo/contracts";
import { TRPCClientError } from "@trpc/client";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { networkError } from "../errors.ts";
import { Outbox, type SendInput } from "./outbox.ts";

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

const text = (words: string, conversationId = "c"): SendInput => ({
  conversationId,
  type: "text",
  content: { text: words },
});
const refusal = (code: string, retryAfterMs?: number) =>
  TRPCClientError.from({ error: { message: code, code: -32_000, data: { code, retryAfterMs } } });

function outboxThat(post: (input: SendMessageInput, tries: number) => Promise<Message>, capacity = 10) {
  const posts: SendMessageInput[] = [];
  const told: string[] = [];
  const outbox = new Outbox({
    capacity,
    kept: null,
    post: (input) => {
      posts.push(input);
      return post(input, posts.length);
    },
    emit: (type, { data }) => void told.push(`${type} ${JSON.stringify(data.input.content)}`),
  });
  const words = () => posts.map(({ content }) => ("text" in content ? content.text : ""));
  return { outbox, posts, told, words };
}

const message = { id: "m" } as Message;

test("a message is retried over failures with the id that it got at first", async () => {
  const { outbox, posts, told } = outboxThat(async (_input, tries) => {
    if (tries < 4) throw tries === 1 ? networkError("lost") : refusal("UNAVAILABLE");
    return message;
  });

  const sent = outbox.send(text("a"));
  await vi.runAllTimersAsync();

  expect(await sent).toBe(message);
  expect(posts).toHaveLength(4);
  expect(new Set(posts.map((post) => post.clientMessageId)).size).toBe(1);
  expect(posts[0]?.clientMessageId).toMatch(/^[\x21-\x7e]{16,64}$/);
  expect(told).toEqual(['send.pending {"text":"a"}', 'send.sent {"text":"a"}']);
});

test("messages of a conversation go in order, one waits for the one before; another conversation does not", async () => {
  const { outbox, words } = outboxThat(async (input, tries) => {
    if (tries === 1) throw networkError("lost");
    return { ...message, clientMessageId: input.clientMessageId };
  });

  const sent = [text("a1", "a"), text("a2", "a"), text("b1", "b")].map((input) => outbox.send(input));
  await vi.runAllTimersAsync();
  await Promise.all(sent);

  expect(words()).toEqual(["a1", "b1", "a1", "a2"]);
});

test.each(["BAD_REQUEST", "FORBIDDEN", "NOT_FOUND", "CONFLICT", "UNAUTHORIZED", "PAYLOAD_TOO_LARGE"])(
  "a message refused with %s is told as failed at once, and the next one goes",
  async (code) => {
    const { outbox, told, posts } = outboxThat(async (_input, tries) => {
      if (tries === 1) throw refusal(code);
      return message;
    });

    const failed = expect(outbox.send(text("a"))).rejects.toMatchObject({ data: { code } });
    const sent = outbox.send(text("b"));
    await failed;
    await sent;

    expect(posts).toHaveLength(2);
    expect(told).toContain('send.failed {"text":"a"}');
  },
);

test("a limit is waited out as long as the server says", async () => {
  const { outbox, posts } = outboxThat(async (_input, tries) => {
    if (tries === 1) throw refusal("TOO_MANY_REQUESTS", 5_000);
    return message;
  });
  const sent = outbox.send(text("a"));

  await vi.advanceTimersByTimeAsync(4_999);
  expect(posts).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  await sent;
  expect(posts).toHaveLength(2);
});

test("a fault of the server is tried some times, not for ever", async () => {
  const { outbox, posts } = outboxThat(() => Promise.reject(refusal("INTERNAL")));

  const failed = expect(outbox.send(text("a"))).rejects.toMatchObject({ data: { code: "INTERNAL" } });
  await vi.runAllTimersAsync();
  await failed;

  expect(posts).toHaveLength(6);
});

test("the network that comes back is used at once", async () => {
  let isOnline = false;
  const { outbox } = outboxThat(async () => {
    if (!isOnline) throw networkError("offline");
    return message;
  });
  const sent = outbox.send(text("a"));
  await vi.advanceTimersByTimeAsync(120_000);
  isOnline = true;

  outbox.wake();

  expect(await sent).toBe(message);
});

test("one message more than may wait is refused, until there is room", async () => {
  let isOnline = false;
  const { outbox } = outboxThat(async () => {
    if (!isOnline) throw networkError("offline");
    return message;
  }, 2);
  const waiting = [outbox.send(text("a")), outbox.send(text("b"))];

  await expect(outbox.send(text("c"))).rejects.toThrow(RangeError);
  isOnline = true;
  await vi.runAllTimersAsync();
  await Promise.all(waiting);
  expect(await outbox.send(text("d"))).toBe(message);
});

test("what is given up is told as failed and not sent", async () => {
  const { outbox, told, posts } = outboxThat(() => Promise.reject(networkError("offline")));
  const failed = [outbox.send(text("a")), outbox.send(text("b"))].map((sent) => expect(sent).rejects.toThrow("closed"));
  await vi.advanceTimersByTimeAsync(0);

  outbox.clear();
  await Promise.all(failed);

  expect(posts).toHaveLength(1);
  expect(told.filter((line) => line.startsWith("send.failed"))).toHaveLength(2);
});
