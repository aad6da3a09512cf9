import { createLimitPolicies } from "@echo/platform";
import { type Echo, startEcho } from "@echo/testing";
import { describeOnRedis, startTestRedis } from "@echo/testing/redis";
import { describe, expect, test, vi } from "vitest";
import { RawClient } from "./raw-client.ts";
import { connectStock } from "./stock-client.ts";
import { subscribed } from "./test-kit.ts";

const patience = { timeout: 10_000, interval: 20 };
type StartNodes = () => Promise<Echo>;

/** The same people, at one node alone. */
const at = (echo: Echo, node: number) => ({ ...echo, nodes: echo.nodes.slice(node, node + 1) });

/** What people on different nodes do to each other, whichever drivers carry it. */
function promises(startNodes: StartNodes): void {
  test("messages, receipts and typing of one node reach the others", async () => {
    await using echo = await startNodes();
    const { conversationId } = await echo.conversationOf("ada", "bob");
    const { userId: bobId } = await echo.user("bob");
    await using ada = await connectStock(at(echo, 0), "ada");
    await using bob = await connectStock(at(echo, 1), "bob");
    const [heardByAda, heardByBob] = [ada.subscribe(), bob.subscribe()];
    await vi.waitFor(() => expect([heardByAda.acks(), heardByBob.acks()]).toEqual([1, 1]), patience);

    await bob.client.messages.typing.mutate({ conversationId, activity: "typing" });
    await vi.waitFor(() => expect(heardByAda.types()).toContain("typing.updated"), patience);
    const sent = await echo
      .as("ada", 0)
      .messages.send.mutate({ conversationId, clientMessageId: "1", type: "text", content: { text: "hello" } });
    await vi.waitFor(() => expect(heardByBob.types()).toContain("message.created"), patience);
    await bob.client.messages.markRead.mutate({ conversationId, seq: sent.seq });

    await vi.waitFor(() => {
      const receipt = heardByAda.events.find(({ event }) => event.type === "receipt.updated");
      expect(receipt?.event).toMatchObject({ data: { userId: bobId, lastReadSeq: sent.seq } });
    }, patience);
  });

  test("who signs out at one node is shut out at the other, and closed there", async () => {
    await using echo = await startNodes();
    const { accessToken } = await echo.user("ada");
    using socket = await RawClient.connect(echo.nodes[1]?.realtime.url ?? "", { token: accessToken });
    await subscribed(socket, 1);
    await echo.as("ada", 1).auth.me.query();

    await echo.as("ada", 0).auth.logout.mutate({});

    expect(await socket.closed).toMatchObject({ code: 4403 });
    await expect(echo.as("ada", 1).auth.me.query()).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
  });

  test("a profile that changes at one node is new at the other", async () => {
    await using echo = await startNodes();
    const { userId } = await echo.user("ada");
    const nameAt = async (node: number) => (await echo.as("bob", node).users.profile.get.query({ userId })).displayName;
    for (const node of [0, 1]) await nameAt(node);

    await echo.as("ada", 0).users.profile.upsert.mutate({ displayName: "Ada the second" });

    await vi.waitFor(async () => expect(await nameAt(1)).toBe("Ada the second"), patience);
  });
}

describe("two nodes on the embedded drivers", () => promises(() => startEcho({ nodes: 2 })));

describeOnRedis("two nodes on Redis", (takeUrl) => {
  promises(async () => startEcho({ nodes: 2, config: { core: { redis: { url: await takeUrl() } } } }));

  test("limits are counted over both", async () => {
    const limits = createLimitPolicies({ send: { burst: 3, perSecond: 0.001 } });
    const redis = { url: await takeUrl() };
    await using echo = await startEcho({ nodes: 2, config: { core: { redis, limits } } });
    const { conversationId } = await echo.conversationOf("ada", "bob");
    const say = (node: number) =>
      echo.as("ada", node).messages.send.mutate({
        conversationId,
        clientMessageId: crypto.randomUUID(),
        type: "text",
        content: { text: "hello" },
      });

    const answers = await Promise.allSettled([0, 1, 0, 1, 0, 1].map(say));

    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  });

  test("with Redis killed under them nothing is lost, and a sign-out still shuts out everywhere", async () => {
    await using redis = await startTestRedis();
    await using echo = await startEcho({ nodes: 2, config: { core: { redis: { url: redis.url } } } });
    const { conversationId } = await echo.conversationOf("ada", "bob");
    await using bob = await connectStock(at(echo, 1), "bob");
    const heard = bob.subscribe();
    await vi.waitFor(() => expect(heard.acks()).toBe(1), patience);
    const texts = () =>
      heard.events.flatMap(({ event }) =>
        event.type === "message.created" && event.data.content && "text" in event.data.content
          ? [event.data.content.text]
          : [],
      );
    const say = (text: string) =>
      echo
        .as("ada", 0)
        .messages.send.mutate({ conversationId, clientMessageId: text, type: "text", content: { text } });
    const expected = Array.from({ length: 40 }, (_, index) => `line-${index}`);

    for (const [index, text] of expected.entries()) {
      if (index === 20) await redis.stop();
      await say(text);
    }

    await vi.waitFor(() => expect(texts()).toEqual(expected), patience);
    await echo.as("bob", 1).auth.me.query();
    await echo.as("bob", 0).auth.logout.mutate({});
    await expect(echo.as("bob", 1).auth.me.query()).rejects.toMatchObject({ data: { code: "UNAUTHORIZED" } });
  });
});
