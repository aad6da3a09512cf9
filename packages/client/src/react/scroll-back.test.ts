import { startEcho, testPassword } from "@echo/testing";
import { expect, test } from "vitest";
import { eventually } from "../test-support/eventually.ts";
import { createFetches } from "../test-support/fetches.ts";
import { renderHook } from "../test-support/render-hook.ts";
import { createSignIn } from "../test-support/sign-in.ts";
import { type UseMessages, useMessages } from "./use-messages.ts";

const words = ({ messages }: UseMessages) =>
  messages.map(({ content }) => (content && "text" in content ? content.text : null));
const seqsOf = ({ messages }: UseMessages) => messages.map(({ seq }) => seq);
const from = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** A conversation with a history, and Ada, who looks at its end. */
async function history(length: number) {
  const echo = await startEcho();
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const bob = echo.as("bob");
  const say = (n: number) =>
    bob.messages.send.mutate({ conversationId, clientMessageId: `m${n}`, type: "text", content: { text: `${n}` } });
  for (let n = 1; n <= length; n += 1) await say(n);
  const { fetch, lose } = createFetches();
  const ada = await createSignIn(echo, testPassword)("ada", { fetch });
  const seen = await renderHook(ada, () => useMessages(conversationId));
  await eventually(() => expect(seen.current.status).toBe("ready"));
  return {
    echo,
    ada,
    seen,
    say,
    lose,
    [Symbol.dispose]() {
      seen.unmount();
      ada.close();
    },
  };
}

/** Each message once and in order, without a hole. */
function expectRun({ current }: { current: UseMessages }): void {
  const seqs = seqsOf(current);
  expect(seqs).toEqual(from(seqs[0] ?? 0, seqs.at(-1) ?? 0));
}

test("500 messages are paged through in both directions while others come: each once, in order, with bounded memory", {
  timeout: 90_000,
}, async () => {
  using scene = await history(500);
  const { seen } = scene;
  let isTalking = true;
  let said = 500;
  const talk = (async () => {
    for (; isTalking; said += 1) await scene.say(said + 1);
  })();

  const back = new Set(seqsOf(seen.current));
  while (seen.current.hasOlder) {
    await seen.current.loadOlder();
    await eventually(() => expect(seen.current.isLoadingOlder).toBe(false));
    expectRun(seen);
    for (const seq of seqsOf(seen.current)) back.add(seq);
  }
  expect(seen.current.messages[0]?.seq).toBe(1);
  const forth = new Set(seqsOf(seen.current));
  while (seen.current.hasNewer) {
    await seen.current.loadNewer();
    await eventually(() => expect(seen.current.isLoadingNewer).toBe(false));
    expectRun(seen);
    for (const seq of seqsOf(seen.current)) forth.add(seq);
  }
  isTalking = false;
  await talk;
  await eventually(() => expect(seen.current.messages.at(-1)?.seq).toBe(said));

  for (const seq of seqsOf(seen.current)) forth.add(seq);
  expectRun(seen);
  expect(seqsOf(seen.current)).toEqual(words(seen.current).map(Number));
  expect([...back].filter((seq) => seq !== null && seq <= 500)).toHaveLength(500);
  expect(from(1, said).filter((seq) => !forth.has(seq))).toEqual([]);
  expect(Math.max(...seen.all.map(({ messages }) => messages.length))).toBeLessThanOrEqual(300);
});

test("two pages at once, one at each end, leave no hole, whichever comes first and whatever is let go", async () => {
  using scene = await history(450);
  const { seen } = scene;
  await seen.current.goTo(225);
  await eventually(() => expect(seqsOf(seen.current)).toContain(225));
  for (let n = 0; n < 3; n += 1) {
    await Promise.all([seen.current.loadOlder(), seen.current.loadNewer()]);
    await eventually(() => expect(seen.current).toMatchObject({ isLoadingOlder: false, isLoadingNewer: false }));
    expectRun(seen);
  }
  expect(seen.current).toMatchObject({ hasOlder: true, hasNewer: true });
  expect(seen.current.messages).toHaveLength(300);

  // Its request is repeated after a moment; by then the beginning that it belongs before is gone.
  scene.lose("messages.list", "lost request");
  await Promise.all([seen.current.loadOlder(), seen.current.loadNewer()]);

  await eventually(() => expect(seen.current).toMatchObject({ isLoadingOlder: false, isLoadingNewer: false }));
  expectRun(seen);
});

test("away from the end, what comes waits to be loaded; a send goes back to the end", async () => {
  using scene = await history(120);
  const { seen } = scene;
  await seen.current.goTo(10);
  await eventually(() => expect(seen.current.hasNewer).toBe(true));

  await scene.say(121);
  await scene.ada.realtime.ping.query();
  expect(seqsOf(seen.current)).not.toContain(121);
  seen.current.send("mine");

  await eventually(() => expect(words(seen.current).slice(-2)).toEqual(["121", "mine"]));
  await eventually(() => expect(seen.current.messages.at(-1)).toMatchObject({ seq: 122, state: "sent" }));
  expectRun(seen);
});

test("going to a message shows it with its neighbours, and going to the newest leads back", async () => {
  using scene = await history(200);
  const { seen } = scene;

  await seen.current.goTo(100);
  await eventually(() => expect(seqsOf(seen.current)).toContain(100));
  expect(seqsOf(seen.current)).not.toContain(200);
  await seen.current.goToNewest();

  await eventually(() => expect(seen.current.messages.at(-1)?.seq).toBe(200));
  expect(seen.current.hasNewer).toBe(false);
});
