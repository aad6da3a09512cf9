import { startEcho, testPassword } from "@echo/testing";
import { expect, test } from "vitest";
import { createEcho } from "../create-echo.ts";
import type { Echo } from "../echo.ts";
import { eventually } from "../test-support/eventually.ts";
import { createFetches } from "../test-support/fetches.ts";
import { createSignIn } from "../test-support/sign-in.ts";
import { memoryStorage } from "../tokens/storage.ts";

const text = (conversationId: string, words: string) => ({
  conversationId,
  type: "text" as const,
  content: { text: words },
});

/** A device whose storages outlive its pages, and whose sends may get lost. */
async function device(name: string) {
  const echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const [storage, outboxStorage] = [memoryStorage(), memoryStorage()];
  const { fetch, lose } = createFetches();
  const options = { storage, outboxStorage, fetch };
  const signedIn = await createSignIn(echo, testPassword)(name, options);
  const { apiUrl, realtimeUrl } = echo;
  return {
    echo,
    signedIn,
    conversationId,
    outboxStorage,
    lose: () => lose("messages.send", "lost request", 1_000),
    /** Another page of the same device. */
    open: (): Echo & Disposable => {
      const page = createEcho({ apiUrl, realtimeUrl, storage, outboxStorage });
      return Object.assign(page, { [Symbol.dispose]: () => page.close() });
    },
    send: (page: Echo, words: string) => {
      const sent = page.send({ ...text(conversationId, words), clientMessageId: words });
      sent.catch(() => undefined);
      return sent;
    },
    kept: async () => JSON.parse(String((await outboxStorage.get("echo.outbox")) ?? "[]")).length,
    history: async () => {
      const { items } = await echo.as("bob").messages.list.query({ conversationId });
      return items.map(({ clientMessageId }) => clientMessageId);
    },
    [Symbol.asyncDispose]: () => echo[Symbol.asyncDispose](),
  };
}

test("what a page did not send is sent by the next one, in order and once", async () => {
  await using ada = await device("ada");
  ada.lose();
  for (const words of ["a", "b", "c"]) void ada.send(ada.signedIn, words);
  await eventually(async () => expect(await ada.kept()).toBe(3));
  ada.signedIn.close();

  using page = ada.open();
  const told: string[] = [];
  page.on("send.pending", ({ data }) => told.push(`pending ${data.clientMessageId}`));
  page.on("send.sent", ({ data }) => told.push(`sent ${data.clientMessageId}`));
  await page.connect();

  await eventually(async () => expect(await ada.kept()).toBe(0));
  expect(told).toEqual(["pending a", "pending b", "pending c", "sent a", "sent b", "sent c"]);
  expect(await ada.history()).toEqual(["a", "b", "c"]);
});

test("a message whose answer was lost with the page is not sent twice", async () => {
  await using ada = await device("ada");
  const { id } = await ada.send(ada.signedIn, "a");
  await eventually(async () => expect(await ada.kept()).toBe(0));
  const { userId } = await ada.echo.user("ada");
  const input = { ...text(ada.conversationId, "a"), clientMessageId: "a" };
  await ada.outboxStorage.set("echo.outbox", JSON.stringify([{ userId, tab: "gone", input }]));

  using page = ada.open();
  const sent: string[] = [];
  page.on("send.sent", ({ data }) => sent.push(data.message.id));
  await page.api.auth.me.query();

  await eventually(async () => expect(await ada.kept()).toBe(0));
  expect(sent).toEqual([id]);
  expect(await ada.history()).toEqual(["a"]);
});

test("a message that the server refuses is not kept", async () => {
  await using eve = await device("eve");

  await expect(eve.send(eve.signedIn, "intruder")).rejects.toMatchObject({ data: { code: "NOT_FOUND" } });

  await eventually(async () => expect(await eve.kept()).toBe(0));
});

test("a sign-out gives up what was kept", async () => {
  await using ada = await device("ada");
  ada.lose();
  void ada.send(ada.signedIn, "a");
  await eventually(async () => expect(await ada.kept()).toBe(1));

  await ada.signedIn.api.auth.logout.mutate();

  await eventually(async () => expect(await ada.kept()).toBe(0));
});

test("what one person did not send is never sent by another one on the same device", async () => {
  await using ada = await device("ada");
  ada.lose();
  void ada.send(ada.signedIn, "mine");
  await eventually(async () => expect(await ada.kept()).toBe(1));
  ada.signedIn.close();
  const { email } = await ada.echo.user("bob");

  using page = ada.open();
  await page.api.auth.login.mutate({ email, password: testPassword });

  await eventually(async () => expect(await ada.kept()).toBe(0));
  expect(await ada.history()).toEqual([]);
});

test("a storage that fails keeps no message from being sent", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const fail = () => Promise.reject(new Error("quota exceeded"));
  const outboxStorage = { get: fail, set: fail, delete: fail };
  using ada = await createSignIn(echo, testPassword)("ada", { outboxStorage });

  expect(await ada.send(text(conversationId, "a"))).toMatchObject({ seq: 1 });
});
