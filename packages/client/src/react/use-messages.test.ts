import { startEcho, testPassword } from "@echo/testing";
import { expect, test } from "vitest";
import { storesOf } from "../stores/client-stores.ts";
import { eventually } from "../test-support/eventually.ts";
import { createFetches } from "../test-support/fetches.ts";
import { renderHook } from "../test-support/render-hook.ts";
import { createSignIn } from "../test-support/sign-in.ts";
import { type UseMessages, useMessages } from "./use-messages.ts";

/** Ada and Bob, who see their conversation. */
async function talk() {
  const echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const signIn = createSignIn(echo, testPassword);
  const { fetch, lose, of } = createFetches();
  const ada = await signIn("ada", { fetch });
  const bob = await signIn("bob");
  const atAda = await renderHook(ada, () => useMessages(conversationId));
  const atBob = await renderHook(bob, () => useMessages(conversationId));
  await eventually(() => expect([atAda.current.status, atBob.current.status]).toEqual(["ready", "ready"]));
  return {
    echo,
    conversationId,
    ada,
    atAda,
    bob,
    atBob,
    lose,
    requests: of,
    async [Symbol.asyncDispose]() {
      for (const each of [atAda, atBob]) each.unmount();
      for (const each of [ada, bob]) each.close();
      await echo[Symbol.asyncDispose]();
    },
  };
}

const wordsOf = ({ messages }: UseMessages) =>
  messages.map(({ content }) => (content && "text" in content ? content.text : null));
const statesOf = ({ messages }: UseMessages) => messages.map(({ state }) => state);

test("a message comes live, with its sender, once and in order, on both sides", async () => {
  await using scene = await talk();

  scene.atAda.current.send("one");
  await eventually(() => expect(wordsOf(scene.atBob.current)).toEqual(["one"]));
  scene.atBob.current.send("two");

  await eventually(() => expect(wordsOf(scene.atAda.current)).toEqual(["one", "two"]));
  expect(scene.atAda.current.messages).toMatchObject([
    { isMine: true, sender: { displayName: "ada" }, seq: 1 },
    { isMine: false, state: null, sender: { displayName: "bob" }, seq: 2 },
  ]);
});

test("a sent message is one row from the first moment on, under one key, whatever answers first", async () => {
  await using scene = await talk();

  for (const words of ["a", "b", "c"]) scene.atAda.current.send(words);
  await eventually(() => expect(scene.atAda.current.messages.map(({ seq }) => seq)).toEqual([1, 2, 3]));

  const shown = scene.atAda.all.map(({ messages }) => messages);
  const keys = scene.atAda.current.messages.map(({ key }) => key);
  for (const messages of shown) expect(keys.slice(0, messages.length)).toEqual(messages.map(({ key }) => key));
  expect(shown.some((messages) => messages.some(({ state, id }) => state === "sending" && id === null))).toBe(true);
  const most = shown.map(({ length }) => length);
  expect(most).toEqual([...most].sort((one, other) => one - other));
});

test("what has no network is shown as sending, survives leaving the conversation, and is sent when it is back", async () => {
  await using scene = await talk();
  scene.lose("messages.send", "lost request", 4);

  scene.atAda.current.send("kept");
  await eventually(() => expect(statesOf(scene.atAda.current)).toEqual(["sending"]));
  scene.atAda.unmount();
  using again = await renderHook(scene.ada, () => useMessages(scene.conversationId));

  await eventually(() => expect(again.current.messages).toMatchObject([{ seq: 1, content: { text: "kept" } }]));
  await eventually(() => expect(wordsOf(scene.atBob.current)).toEqual(["kept"]));
});

test("a refused message is shown as failed, and sent as the same one by a retry", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob", "cleo");
  using bob = await createSignIn(echo, testPassword)("bob");
  using atBob = await renderHook(bob, () => useMessages(conversationId));
  await eventually(() => expect(atBob.current.status).toBe("ready"));
  const { userId } = await echo.user("bob");
  await echo.as("ada").conversations.members.remove.mutate({ conversationId, userId });

  atBob.current.send("let me in");
  await eventually(() => expect(statesOf(atBob.current)).toEqual(["failed"]));
  const [failed] = atBob.current.messages;
  expect(failed).toMatchObject({ id: null, error: { data: { code: "FORBIDDEN" } } });
  await echo.as("ada").conversations.members.add.mutate({ conversationId, userIds: [userId] });
  if (failed) atBob.current.retry(failed);

  await eventually(() => expect(atBob.current.messages).toMatchObject([{ seq: 1, key: failed?.key, error: null }]));
  expect(await echo.as("ada").messages.list.query({ conversationId })).toMatchObject({
    items: [{ clientMessageId: failed?.clientMessageId }],
  });
});

test("a failed message can be discarded", async () => {
  await using scene = await talk();

  scene.atAda.current.send("x".repeat(10_001));
  await eventually(() => expect(statesOf(scene.atAda.current)).toEqual(["failed"]));
  const [failed] = scene.atAda.current.messages;
  if (failed) scene.atAda.current.discard(failed);

  await eventually(() => expect(scene.atAda.current.messages).toEqual([]));
});

test("ticks turn from sent over delivered to read, and are there after a reload", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const signIn = createSignIn(echo, testPassword);
  using ada = await signIn("ada");
  using bob = await signIn("bob");
  const atAda = await renderHook(ada, () => useMessages(conversationId));
  await eventually(() => expect(atAda.current.status).toBe("ready"));

  atAda.current.send("hello");
  await eventually(() => expect(statesOf(atAda.current)).toEqual(["sent"]));
  using atBob = await renderHook(bob, () => useMessages(conversationId));
  await eventually(() => expect(atBob.current.status).toBe("ready"));
  await bob.realtime.messages.markDelivered.mutate({ conversationId, seq: 1 });
  await eventually(() => expect(statesOf(atAda.current)).toEqual(["delivered"]));
  await eventually(() => expect(atBob.current.messages).toHaveLength(1));
  atBob.current.markRead();
  await eventually(() => expect(statesOf(atAda.current)).toEqual(["read"]));
  atAda.current.send("more");
  await eventually(() => expect(statesOf(atAda.current)).toEqual(["read", "delivered"]));
  atAda.unmount();

  using again = await renderHook(ada, () => useMessages(conversationId));
  await eventually(() => expect(statesOf(again.current)).toEqual(["read", "delivered"]));
});

test("a group's message is read once every member has read it; who joins later holds nothing back", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob", "cleo");
  using ada = await createSignIn(echo, testPassword)("ada");
  using atAda = await renderHook(ada, () => useMessages(conversationId));
  await eventually(() => expect(atAda.current.status).toBe("ready"));
  atAda.current.send("all of you");
  await eventually(() => expect(statesOf(atAda.current)).toEqual(["sent"]));
  const mark = (name: string) => echo.as(name).messages.markRead.mutate({ conversationId, seq: 1 });

  await mark("bob");
  await ada.realtime.ping.query();
  expect(statesOf(atAda.current)).toEqual(["sent"]);
  await echo.as("ada").conversations.members.add.mutate({ conversationId, userIds: [(await echo.user("dan")).userId] });
  await mark("cleo");

  await eventually(() => expect(statesOf(atAda.current)).toEqual(["read"]));
  atAda.current.send("and dan");
  await eventually(() => expect(statesOf(atAda.current)).toEqual(["read", "sent"]));
});

test("the ticks of a long history are asked for in a few batches", async () => {
  await using scene = await talk();
  for (let n = 1; n <= 45; n += 1) scene.atAda.current.send(`message ${n}`);
  await eventually(() => expect(scene.atAda.current.messages.at(-1)?.seq).toBe(45));
  await scene.bob.realtime.messages.markRead.mutate({ conversationId: scene.conversationId, seq: 17 });
  scene.atAda.unmount();
  const before = scene.requests("messages.status").length;

  using again = await renderHook(scene.ada, () => useMessages(scene.conversationId));

  await eventually(() => expect(statesOf(again.current).filter((state) => state === "read")).toHaveLength(17));
  await eventually(() => expect(statesOf(again.current).filter((state) => state === "delivered")).toHaveLength(28));
  expect(scene.requests("messages.status").length - before).toBeLessThanOrEqual(4);
});

test("an edit and a deletion replace what is shown on both sides", async () => {
  await using scene = await talk();
  scene.atAda.current.send("tpyo");
  await eventually(() => expect(wordsOf(scene.atBob.current)).toEqual(["tpyo"]));
  const change = async (type: string, set: string) => {
    const text = `WITH c AS (UPDATE messages.conversations SET event_seq = event_seq + 1 WHERE id = $1 RETURNING event_seq),
        m AS (UPDATE messages.messages SET ${set}, version = version + 1 WHERE conversation_id = $1
          RETURNING id, event_seq)
      INSERT INTO messages.event_new (stream_id, event_seq, type, ref_id, data)
      SELECT $1, c.event_seq, '${type}', m.id, jsonb_build_object('eventSeq', m.event_seq) FROM c, m`;
    await scene.echo.db.query({ name: "", text }, [scene.conversationId]);
    await scene.echo.core.events.appendNow();
  };

  await change("message.updated", `content = '{"text": "typo"}', edited_at = now()`);
  await eventually(() => expect(wordsOf(scene.atBob.current)).toEqual(["typo"]));
  expect(scene.atBob.current.messages[0]?.editedAt).not.toBeNull();
  await change("message.deleted", "content = NULL, deleted_at = now()");

  await eventually(() => expect(scene.atBob.current.messages).toMatchObject([{ seq: 1, content: null }]));
  await eventually(() => expect(scene.atAda.current.messages).toMatchObject([{ seq: 1, content: null }]));
});

test("a conversation that is not there for this person is shown as failed", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  using eve = await createSignIn(echo, testPassword)("eve");

  using atEve = await renderHook(eve, () => useMessages(conversationId));

  await eventually(() => expect(atEve.current).toMatchObject({ status: "failed", messages: [] }));
  expect(atEve.current.error).toMatchObject({ data: { code: "NOT_FOUND" } });
});

test("an API that does not answer is asked again until it does", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const { fetch, lose, of } = createFetches();
  using ada = await createSignIn(echo, testPassword)("ada", { fetch });
  lose("messages.list", "lost answer", 5);

  using atAda = await renderHook(ada, () => useMessages(conversationId));

  await eventually(() => expect(atAda.current.status).toBe("ready"));
  expect(of("messages.list").length).toBeGreaterThanOrEqual(6);
});

test("components share one store of a conversation, which is closed once the last of them is gone", async () => {
  await using scene = await talk();
  const { messages } = storesOf(scene.ada);
  const second = await renderHook(scene.ada, () => useMessages(scene.conversationId));
  await eventually(() => expect(second.current.status).toBe("ready"));
  expect(messages.size).toBe(1);
  expect(second.current.messages).toBe(scene.atAda.current.messages);

  scene.atAda.unmount();
  second.current.send("still here");
  await eventually(() => expect(wordsOf(second.current)).toEqual(["still here"]));
  expect(messages.size).toBe(1);
  second.unmount();

  await eventually(() => expect(messages.size).toBe(0));
});

test("somebody else who signs in sees nothing of the one before", async () => {
  await using echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  using client = await createSignIn(echo, testPassword)("ada");
  using seen = await renderHook(client, () => useMessages(conversationId));
  seen.current.send("private");
  await eventually(() => expect(seen.current.messages).toMatchObject([{ seq: 1 }]));

  const { email } = await echo.user("eve");
  await client.api.auth.login.mutate({ email, password: testPassword });

  await eventually(() => expect(seen.current).toMatchObject({ status: "failed", messages: [] }));
});
