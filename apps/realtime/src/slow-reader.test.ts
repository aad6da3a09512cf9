import { startEcho } from "@echo/testing";
import { expect, test } from "vitest";
import { RawClient } from "./raw-client.ts";
import { positionOf, say, startTestNode, subscribed, textsOf } from "./test-kit.ts";

/** 40 KB each, so that the kernel's buffers fill before the test is bored. */
const long = (n: number) => `${n} ${"🙂".repeat(9_990)}`;
const numberOf = (text: string) => Number(text.split(" ")[0]);

async function room() {
  const echo = await startEcho();
  const [ada, bob, eve] = await Promise.all([echo.user("ada"), echo.user("bob"), echo.user("eve")]);
  const { conversationId } = await echo.conversationOf("ada", "bob", "eve");
  return { echo, ada, bob, eve, conversationId };
}

test("a reader that stops is closed with 1013, slows nobody, and misses nothing of what it reads then and at resume", async () => {
  const { echo, ada, bob, eve, conversationId } = await room();
  const node = await startTestNode(echo.core);
  using slow = await RawClient.connect(node.url, { token: bob.accessToken });
  using quick = await RawClient.connect(node.url, { token: eve.accessToken });
  await Promise.all([subscribed(slow, 1), subscribed(quick, 1)]);

  slow.ws.pause();
  let sent = 0;
  const latencies: number[] = [];
  while (sent < 700) {
    const sentAt = performance.now();
    await say(echo.core, ada, [conversationId, long(++sent)]);
    await quick.until(() => textsOf(quick.eventsOf(1).slice(-1)).some((text) => numberOf(text) === sent));
    latencies.push(performance.now() - sentAt);
  }
  slow.ws.resume();
  const { code, reason } = await slow.closed;

  expect(code).toBe(1013);
  expect(reason).toMatch(/cursor/);
  const before = textsOf(slow.eventsOf(1)).map(numberOf);
  expect(before.length).toBeLessThan(700);
  expect(before).toEqual(Array.from(before, (_, index) => index + 1));

  using again = await RawClient.connect(node.url, { token: bob.accessToken });
  await subscribed(again, 1, slow.eventsOf(1).at(-1)?.place);
  await again.until(() => before.length + textsOf(again.eventsOf(1)).length >= 700);
  const after = textsOf(again.eventsOf(1)).map(numberOf);
  expect([...before, ...after]).toEqual(Array.from({ length: 700 }, (_, index) => index + 1));
  const places = again.eventsOf(1).map(({ place }) => positionOf(place));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  await node.close();
}, 60_000);

test("one that never reads again is destroyed when its time is up", async () => {
  const { echo, ada, bob, conversationId } = await room();
  const node = await startTestNode(echo.core, { timings: { closeMs: 500 } });
  using slow = await RawClient.connect(node.url, { token: bob.accessToken });
  await subscribed(slow, 1);
  slow.ws.pause();

  for (let n = 1; n <= 700; n += 1) await say(echo.core, ada, [conversationId, long(n)]);
  // By the clock: whoever reads nothing sees nothing of what the node does, which is what is tested.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  slow.ws.resume();

  // No close frame ever reached it: it finds its socket gone, and resumes with what it has.
  expect(await slow.closed).toMatchObject({ code: 1006 });
  await node.close();
}, 60_000);

test("one that catches up too slowly gives its place among those that attach back, and goes on from its cursor", async () => {
  const { echo, ada, bob, conversationId } = await room();
  const warnings: string[] = [];
  const logger = { ...echo.core.logger, warn: (message: string) => void warnings.push(message) };
  const node = await startTestNode({ ...echo.core, logger }, { timings: { attachMs: 500 } });
  const { position, epoch } = await echo.core.events.head();
  for (let n = 1; n <= 700; n += 1) await say(echo.core, ada, [conversationId, long(n)]);
  using slow = await RawClient.connect(node.url, { token: bob.accessToken });
  slow.subscribe(1, `${epoch}.${position}`);
  slow.ws.pause();

  await expect.poll(() => warnings, { timeout: 20_000 }).toContain("a socket caught up too slowly");
  slow.ws.resume();

  expect(await slow.closed).toMatchObject({ code: 1013, reason: expect.stringContaining("cursor") });
  const given = textsOf(slow.eventsOf(1)).map(numberOf);
  expect(given).toEqual(Array.from(given, (_, index) => index + 1));
  expect(given.length).toBeLessThan(700);
  await node.close();
}, 60_000);
