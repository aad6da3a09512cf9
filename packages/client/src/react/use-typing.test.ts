import { startEcho, testPassword } from "@echo/testing";
import { expect, test } from "vitest";
import { eventually } from "../test-support/eventually.ts";
import { renderHook } from "../test-support/render-hook.ts";
import { createSignIn } from "../test-support/sign-in.ts";
import { createSockets } from "../test-support/sockets.ts";
import { useMessages } from "./use-messages.ts";
import { useTyping } from "./use-typing.ts";

async function scene() {
  const echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const signIn = createSignIn(echo, testPassword);
  const sockets = createSockets();
  const ada = await signIn("ada", { WebSocket: sockets.WebSocket });
  const bob = await signIn("bob");
  const atAda = await renderHook(ada, () => ({ ...useTyping(conversationId), talk: useMessages(conversationId) }));
  const atBob = await renderHook(bob, () => useTyping(conversationId));
  await Promise.all([ada.connect(), bob.connect()]);
  return {
    ada,
    atAda,
    atBob,
    told: () => sockets.sent.filter((frame) => frame.includes("messages.typing")).length,
    cut: () => sockets.cut(),
    [Symbol.dispose]() {
      for (const each of [atAda, atBob]) each.unmount();
      for (const each of [ada, bob]) each.close();
    },
  };
}

test("who types is shown with a name to the other one alone, and no more when it ends", async () => {
  using typing = await scene();

  typing.atAda.current.setTyping(true);
  await eventually(() => expect(typing.atBob.current.typists).toMatchObject([{ activity: "typing" }]));
  await eventually(() => expect(typing.atBob.current.typists[0]?.profile?.displayName).toBe("ada"));
  expect(typing.atAda.current.typists).toEqual([]);
  typing.atAda.current.setTyping(false);

  await eventually(() => expect(typing.atBob.current.typists).toEqual([]));
});

test("however many strokes, the others are told once every two seconds", async () => {
  using typing = await scene();

  for (let stroke = 0; stroke < 50; stroke += 1) typing.atAda.current.setTyping(true);
  await eventually(() => expect(typing.atBob.current.typists).toHaveLength(1));
  expect(typing.told()).toBe(1);
  for (let stroke = 0; stroke < 50; stroke += 1) typing.atAda.current.setTyping(false);

  await eventually(() => expect(typing.atBob.current.typists).toEqual([]));
  expect(typing.told()).toBe(2);
});

test("typing ends with the message, and begins anew with the next stroke", async () => {
  using typing = await scene();
  typing.atAda.current.setTyping("recording");
  await eventually(() => expect(typing.atBob.current.typists).toMatchObject([{ activity: "recording" }]));

  typing.atAda.current.talk.send("done");
  await eventually(() => expect(typing.atBob.current.typists).toEqual([]));
  typing.atAda.current.setTyping(true);

  await eventually(() => expect(typing.atBob.current.typists).toMatchObject([{ activity: "typing" }]));
});

test("who is gone does not type: it ends with the connection on either side", async () => {
  using typing = await scene();
  typing.atAda.current.setTyping(true);
  await eventually(() => expect(typing.atBob.current.typists).toHaveLength(1));

  typing.ada.disconnect();

  await eventually(() => expect(typing.atBob.current.typists).toEqual([]));
  typing.atAda.current.setTyping(true);
  expect(typing.told()).toBe(1);
});
