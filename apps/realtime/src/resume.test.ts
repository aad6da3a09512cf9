import type { Core } from "@echo/core";
import { startEcho } from "@echo/testing";
import { expect, test } from "vitest";
import { RawClient } from "./raw-client.ts";
import {
  positionOf,
  say,
  startTestNode,
  subscribed,
  textsOf,
  typesOf,
  withAnnouncements,
  withLossyBus,
} from "./test-kit.ts";

const numbers = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));

/** Up to where the node has given out the log. */
async function placeOfNode(url: string, token: string): Promise<number> {
  using probe = await RawClient.connect(url, { token });
  await subscribed(probe, 1);
  await probe.until(() => probe.eventsOf(1).length > 0);
  return positionOf(probe.eventsOf(1)[0]?.place ?? "");
}

async function room(options?: Parameters<typeof startEcho>[0]) {
  const echo = await startEcho(options);
  const [ada, bob] = await Promise.all([echo.user("ada"), echo.user("bob")]);
  const { conversationId } = await echo.conversationOf("ada", "bob");
  const url = echo.nodes[0]?.realtime.url ?? "";
  await echo.core.events.appendNow();
  const head = await echo.core.events.head();
  await expect.poll(() => placeOfNode(url, ada.accessToken), { timeout: 5_000 }).toBeGreaterThanOrEqual(head.position);
  return { echo, ada, bob, conversationId, url, head, cursor: `${head.epoch}.${head.position}` };
}

/** Writes events that everybody of the conversation missed, without their sends. */
async function insertMissed(core: Core, conversationId: string, count: number): Promise<void> {
  await core.db.query(
    {
      name: "test_insert_missed",
      text: `WITH numbered AS (UPDATE messages.conversations SET event_seq = event_seq + $2 WHERE id = $1 RETURNING event_seq - $2 AS before)
        INSERT INTO messages.event_new (stream_id, event_seq, type, actor_id, ref_id, data)
        SELECT $1, before + n, 'conversation.updated', NULL, $1, NULL FROM numbered, generate_series(1, $2) AS n`,
    },
    [conversationId, count],
  );
  await core.events.appendNow();
}

test("exactly 5,000 missed events arrive, in order; 5,001 are an honest reset", async () => {
  const { echo, ada, conversationId, url, cursor } = await room();
  await insertMissed(echo.core, conversationId, 5_000);
  using all = await RawClient.connect(url, { token: ada.accessToken });
  await subscribed(all, 1, cursor);
  await all.until(() => all.eventsOf(1).length >= 5_001);
  const places = all.eventsOf(1).map(({ place }) => positionOf(place));
  expect(
    typesOf(all.eventsOf(1).slice(0, 5_001))
      .slice(1)
      .every((type) => type === "conversation.updated"),
  ).toBe(true);
  expect(places).toEqual(places.toSorted((a, b) => a - b));
  expect(new Set(places.slice(1, 5_001)).size).toBe(5_000);

  await insertMissed(echo.core, conversationId, 1);
  using reset = await RawClient.connect(url, { token: ada.accessToken });
  await subscribed(reset, 1, cursor);
  await reset.until(() => reset.eventsOf(1).length >= 2);
  await say(echo.core, ada, [conversationId, "live"]);
  await reset.until(() => textsOf(reset.eventsOf(1)).length === 1);

  // A hub that is behind goes on live with the last of the missed ones: none of those before it comes.
  const given = reset.eventsOf(1).filter(({ event }) => event.type !== "conversation.updated");
  expect(reset.eventsOf(1).length - given.length).toBeLessThanOrEqual(1);
  const [ack, told, live] = given;
  expect(ack).toMatchObject({ place: cursor, event: { type: "connection.ack", data: { cursor } } });
  expect(told).toMatchObject({ place: told?.place, event: { type: "sync.reset", data: { cursor: told?.place } } });
  expect(positionOf(told?.place ?? "")).toBeLessThan(positionOf(live?.place ?? ""));
  expect(typesOf(given)).toEqual(["connection.ack", "sync.reset", "message.created"]);
});

test("events of others do not count: 5,001 of them are no reset", async () => {
  const { echo, ada, conversationId, url, cursor } = await room();
  const other = await echo.conversationOf("eve", "mallory");
  await insertMissed(echo.core, other.conversationId, 5_001);
  await say(echo.core, ada, [conversationId, "mine"]);

  using client = await RawClient.connect(url, { token: ada.accessToken });
  await subscribed(client, 1, cursor);
  await client.until(() => client.eventsOf(1).length === 2);

  expect(typesOf(client.eventsOf(1))).toEqual(["connection.ack", "message.created"]);
});

test.each(["another epoch", "beyond the log's end"])("a cursor of %s is an honest reset", async (what) => {
  const { ada, url, head, echo, conversationId } = await room();
  const cursor = what === "another epoch" ? `other.${head.position}` : `${head.epoch}.${head.position + 1_000_000}`;
  using client = await RawClient.connect(url, { token: ada.accessToken });

  await subscribed(client, 1, cursor);
  await client.until(() => client.eventsOf(1).length === 2);
  await say(echo.core, ada, [conversationId, "live"]);
  await client.until(() => client.eventsOf(1).length === 3);

  expect(typesOf(client.eventsOf(1))).toEqual(["connection.ack", "sync.reset", "message.created"]);
});

test("a cursor under the log's floor is an honest reset, the floor itself is not", async () => {
  const { ada, url, head, echo, conversationId } = await room({ nodes: 1 });
  for (const text of numbers(1, 5)) await say(echo.core, ada, [conversationId, text]);
  await echo.core.events.appendNow();
  await echo.db.query({ name: "test_raise_floor", text: "UPDATE messages.log_head SET floor = $1" }, [
    head.position + 2,
  ]);

  using under = await RawClient.connect(url, { token: ada.accessToken });
  await subscribed(under, 1, `${head.epoch}.${head.position + 1}`);
  // A hub that is behind goes on live with what it has not given out yet.
  await under.until(() => under.eventsOf(1).length >= 2);
  expect(typesOf(under.eventsOf(1)).slice(0, 2)).toEqual(["connection.ack", "sync.reset"]);

  using at = await RawClient.connect(url, { token: ada.accessToken });
  await subscribed(at, 1, `${head.epoch}.${head.position + 2}`);
  await at.until(() => textsOf(at.eventsOf(1)).length >= 3);
  expect(textsOf(at.eventsOf(1))).toEqual(["3", "4", "5"]);
  await echo[Symbol.asyncDispose]();
});

test("lastEventId wins over the input's cursor", async () => {
  const { ada, url, cursor, echo, conversationId } = await room();
  await say(echo.core, ada, [conversationId, "1"]);
  using client = await RawClient.connect(url, { token: ada.accessToken });

  const params = { path: "events.subscribe", input: { cursor: "old.1" }, lastEventId: cursor };
  client.send({ id: 1, method: "subscription", params });
  await client.until(() => client.eventsOf(1).length === 2);

  expect(typesOf(client.eventsOf(1))).toEqual(["connection.ack", "message.created"]);
});

test("a cursor gives no right: with another's one gets only one's own", async () => {
  const { url, cursor, echo, ada, conversationId } = await room();
  const eve = await echo.user("eve");
  await say(echo.core, ada, [conversationId, "secret"]);
  using client = await RawClient.connect(url, { token: eve.accessToken });

  await subscribed(client, 1, cursor);
  await echo.conversationOf("eve", "mallory");
  await client.until(() => client.eventsOf(1).length === 2);

  expect(typesOf(client.eventsOf(1))).toEqual(["connection.ack", "conversation.added"]);
});

test("a node that lags behind a client's cursor gives nothing twice and nothing early, and ephemeral events only once it has caught up", async () => {
  const { echo, ada, bob, conversationId } = await room();
  let isHearing = false;
  const node = await startTestNode(withAnnouncements(echo.core, () => isHearing));
  for (const text of numbers(1, 10)) await say(echo.core, ada, [conversationId, text]);
  await echo.core.events.appendNow();
  const head = await echo.core.events.head();
  using client = await RawClient.connect(node.url, { token: bob.accessToken });

  expect(await subscribed(client, 1, `${head.epoch}.${head.position}`)).toBe(`${head.epoch}.${head.position}`);
  await echo.as("ada").messages.typing.mutate({ conversationId, activity: "typing" });
  client.query(2, "ping");
  await client.answer(2);
  expect(client.eventsOf(1)).toHaveLength(1);

  isHearing = true;
  await say(echo.core, ada, [conversationId, "11"]);
  await client.until(() => textsOf(client.eventsOf(1)).length === 1);
  expect(textsOf(client.eventsOf(1))).toEqual(["11"]);
  await node.close();
});

test("an event whose announcement was lost arrives within 2 s: the node looks for itself", async () => {
  const { echo, ada, bob, conversationId } = await room();
  const deaf = await withLossyBus(echo.core, () => true);
  const node = await startTestNode(deaf.core);
  using client = await RawClient.connect(node.url, { token: bob.accessToken });
  await subscribed(client, 1);

  for (const text of numbers(1, 3)) {
    await say(echo.core, ada, [conversationId, text]);
    const sentAt = performance.now();
    await client.until(() => textsOf(client.eventsOf(1)).includes(text));
    expect(performance.now() - sentAt).toBeLessThan(2_000);
  }

  expect(textsOf(client.eventsOf(1))).toEqual(numbers(1, 3));
  await node.close();
  await deaf.stop();
});

test("a new epoch resets every subscription, and each goes on live in the new log", async () => {
  const { echo, ada, bob, conversationId, url } = await room({ nodes: 1 });
  using one = await RawClient.connect(url, { token: ada.accessToken });
  using two = await RawClient.connect(url, { token: bob.accessToken });
  await Promise.all([subscribed(one, 1), subscribed(one, 2), subscribed(two, 1)]);
  const received = () => [one.eventsOf(1), one.eventsOf(2), two.eventsOf(1)];

  await echo.db.query({ name: "test_new_epoch", text: "UPDATE messages.log_head SET epoch = 'restored'" });
  for (const client of [one, two]) await client.until(() => typesOf(client.eventsOf(1)).includes("sync.reset"));
  await one.until(() => typesOf(one.eventsOf(2)).includes("sync.reset"));
  await say(echo.core, ada, [conversationId, "after"]);
  for (const client of [one, two]) await client.until(() => textsOf(client.eventsOf(1)).length === 1);
  await one.until(() => textsOf(one.eventsOf(2)).length === 1);

  for (const events of received()) {
    expect(typesOf(events)).toEqual(["connection.ack", "sync.reset", "message.created"]);
    expect(events[1]?.place).toMatch(/^restored\./);
    expect(events[2]?.place).toMatch(/^restored\./);
  }
  await echo[Symbol.asyncDispose]();
});

test("between the ack and a list nothing is lost: what the list does not show arrives", async () => {
  const { echo, ada, conversationId, url, bob } = await room();
  let isSending = true;
  const sending = (async () => {
    for (let n = 1; isSending; n += 1) await say(echo.core, ada, [conversationId, String(n)]);
  })();

  for (let round = 0; round < 10; round += 1) {
    using client = await RawClient.connect(url, { token: bob.accessToken });
    await subscribed(client, 1);
    const { items } = await echo.as("bob").messages.list.query({ conversationId, limit: 1 });
    const lastListed = items.at(-1)?.seq ?? 0;
    await client.until(() => textsOf(client.eventsOf(1)).some((text) => Number(text) > lastListed + 3));
    const seqs = client.eventsOf(1).flatMap(({ event }) => (event.type === "message.created" ? [event.data.seq] : []));
    const later = seqs.filter((seq) => seq > lastListed);
    expect(later[0]).toBe(lastListed + 1);
    expect(later).toEqual(Array.from(later, (_, index) => lastListed + 1 + index));
  }
  isSending = false;
  await sending;
});
