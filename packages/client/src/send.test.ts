import { startEcho, testPassword } from "@echo/testing";
import { expect, test } from "vitest";
import { createFetches } from "./test-support/fetches.ts";
import { createSignIn } from "./test-support/sign-in.ts";

const text = (conversationId: string, words: string) => ({
  conversationId,
  type: "text" as const,
  content: { text: words },
});

test("a send whose answer was lost makes one message", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const { fetch, lose, of } = createFetches();
  using ada = await createSignIn(echo, testPassword)("ada", { fetch });
  lose("messages.send", "lost answer", 4);

  const sent = await ada.send(text(conversationId, "once"));

  const { items } = await echo.as("bob").messages.list.query({ conversationId });
  expect(of("messages.send")).toHaveLength(5);
  expect(items.map((item) => item.id)).toEqual([sent.id]);
});

test("what is written without network is shown at once and sent in order when it is back", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const { fetch, lose } = createFetches();
  using ada = await createSignIn(echo, testPassword)("ada", { fetch });
  const shown: string[] = [];
  ada.on("send.pending", ({ data }) => shown.push(`pending ${data.clientMessageId}`));
  ada.on("send.sent", ({ data }) => shown.push(`sent ${data.clientMessageId} ${data.message.seq}`));
  lose("messages.send", "lost request", 3);

  await Promise.all(["a", "b", "c"].map((id) => ada.send({ ...text(conversationId, id), clientMessageId: id })));

  expect(shown).toEqual(["pending a", "pending b", "pending c", "sent a 1", "sent b 2", "sent c 3"]);
});

test("a message that the server refuses is told as failed, with the server's word", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  using eve = await createSignIn(echo, testPassword)("eve");
  const failed: unknown[] = [];
  eve.on("send.failed", ({ data }) => failed.push(data.error));

  const sent = eve.send(text(conversationId, "let me in"));

  await expect(sent).rejects.toMatchObject({ data: { code: "NOT_FOUND" } });
  expect(failed).toMatchObject([{ data: { code: "NOT_FOUND" } }]);
});

test("a message with another body under the same id is a conflict", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  using ada = await createSignIn(echo, testPassword)("ada");
  const first = await ada.send({ ...text(conversationId, "a"), clientMessageId: "one" });

  expect(await ada.send({ ...text(conversationId, "a"), clientMessageId: "one" })).toEqual(first);
  await expect(ada.send({ ...text(conversationId, "b"), clientMessageId: "one" })).rejects.toMatchObject({
    data: { code: "CONFLICT" },
  });
});
