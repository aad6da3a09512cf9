import type { Core } from "@echo/core";
import type { Batch } from "@echo/core/event-log";
import { startEcho } from "@echo/testing";
import { expect, test, vi } from "vitest";
import { RawClient } from "./raw-client.ts";
import { connectAs, say, startTestNode, subscribed, textsOf, withAnnouncements, withLog } from "./test-kit.ts";

const figuresOf = (echo: {
  nodes: readonly { realtime: { figures: { eventsRead: number; eventsSkipped: number } } }[];
}) => echo.nodes.map(({ realtime }) => realtime.figures);

test("a node reads nothing of conversations that nobody on it is in, and goes on with the log", async () => {
  await using echo = await startEcho({ nodes: 2 });
  const theirs = await echo.conversationOf("ada", "eve");
  const ours = await echo.conversationOf("bob", "cleo");
  const bobUrl = echo.nodes[1]?.realtime.url ?? "";
  using ada = await connectAs(echo, "ada");
  using bob = await RawClient.connect(bobUrl, { token: (await echo.user("bob")).accessToken });
  await Promise.all([subscribed(ada, 1), subscribed(bob, 1)]);
  const messages = Array.from({ length: 100 }, (_, n) => `${n}`);
  const before = figuresOf(echo);

  for (const text of messages) await say(echo.core, await echo.user("ada"), [theirs.conversationId, text]);
  await ada.until(() => textsOf(ada.eventsOf(1)).length === messages.length);
  await vi.waitFor(() => expect(figuresOf(echo)[1]?.eventsSkipped).toBeGreaterThan(50));
  const then = figuresOf(echo);
  await say(echo.core, await echo.user("bob"), [ours.conversationId, "ours"]);
  await bob.until(() => textsOf(bob.eventsOf(1)).length > 0);

  expect(textsOf(ada.eventsOf(1))).toEqual(messages);
  expect(textsOf(bob.eventsOf(1))).toEqual(["ours"]);
  // A look that finds what is not announced yet reads it whole: once a second, and more of it on a machine that is busy.
  expect((then[1]?.eventsRead ?? 0) - (before[1]?.eventsRead ?? 0)).toBeLessThan(50);
});

function deferred() {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** A core whose next reading of the log is kept back, once `hold` was called, until `release`. */
function withHeldReading(core: Core) {
  let held: { isReached: boolean; until: Promise<void>; release(): void } | null = null;
  const tampered = withLog(core, (events) => ({
    async read(range) {
      const read = await events.read(range);
      const holding = held;
      if (holding) {
        holding.isReached = true;
        await holding.until;
      }
      return read;
    },
  }));
  return {
    core: tampered,
    hold() {
      const { promise: until, resolve: release } = deferred();
      held = { isReached: false, until, release };
    },
    isReached: () => held?.isReached === true,
    release() {
      held?.release();
      held = null;
    },
  };
}

test("who attaches while others' streams are being read gets what his own have in that range", async () => {
  await using echo = await startEcho({ nodes: 1 });
  const [ours, theirs] = [await echo.conversationOf("ada", "eve"), await echo.conversationOf("bob", "eve")];
  const reading = withHeldReading(echo.core);
  const node = await startTestNode(reading.core);
  const [eve, bob] = [await echo.user("eve"), await echo.user("bob")];
  using ada = await RawClient.connect(node.url, { token: (await echo.user("ada")).accessToken });
  await subscribed(ada, 1);

  reading.hold();
  await say(echo.core, eve, [ours.conversationId, "first"]);
  await vi.waitUntil(reading.isReached);
  // These are taken as one range, of which only ada's stream is here yet.
  await say(echo.core, eve, [ours.conversationId, "for ada"]);
  await say(echo.core, eve, [theirs.conversationId, "for bob"]);
  await echo.core.events.appendNow();
  reading.release();
  reading.hold();
  await vi.waitUntil(reading.isReached);
  using there = await RawClient.connect(node.url, { token: bob.accessToken });
  await subscribed(there, 1);
  reading.release();

  await ada.until(() => textsOf(ada.eventsOf(1)).length === 2);
  await say(echo.core, eve, [theirs.conversationId, "the end"]);
  await there.until(() => textsOf(there.eventsOf(1)).includes("the end"));
  expect(textsOf(there.eventsOf(1))).toEqual(["for bob", "the end"]);
  expect(textsOf(ada.eventsOf(1))).toEqual(["first", "for ada"]);
  await node.close();
});

test("a conversation that becomes somebody's within a range is read with it, though its stream was nobody's here", async () => {
  await using echo = await startEcho({ nodes: 1 });
  const known = await echo.conversationOf("ada", "bob");
  const reading = withHeldReading(echo.core);
  const node = await startTestNode(reading.core);
  const [ada, bob] = [await echo.user("ada"), await echo.user("bob")];
  using there = await RawClient.connect(node.url, { token: bob.accessToken });
  await subscribed(there, 1);

  reading.hold();
  await say(echo.core, ada, [known.conversationId, "before"]);
  await vi.waitUntil(reading.isReached);
  const { id } = await echo.as("ada").conversations.create.mutate({ type: "group", memberIds: [bob.userId] });
  for (const text of ["a", "b"]) await say(echo.core, ada, [id, text]);
  await echo.core.events.appendNow();
  reading.release();

  await there.until(() => textsOf(there.eventsOf(1)).length === 3);
  expect(textsOf(there.eventsOf(1))).toEqual(["before", "a", "b"]);
  await node.close();
});

test("of a batch that is about many conversations only those that are here are read", async () => {
  await using echo = await startEcho({ nodes: 1 });
  const names = ["ada", "bob", "cleo", "dan"];
  const talks = await Promise.all(names.map((name) => echo.conversationOf(name, "eve")));
  let batch: Batch | null = null;
  const core = withAnnouncements(
    echo.core,
    () => true,
    (given) => (batch = given),
  );
  const node = await startTestNode(core);
  using ada = await RawClient.connect(node.url, { token: (await echo.user("ada")).accessToken });
  await subscribed(ada, 1);
  const before = node.figures;
  await echo.db.transaction(async (tx) => {
    const insert = `INSERT INTO messages.event_new (stream_id, event_seq, type)
      SELECT c.id, c.event_seq + n, 'conversation.updated' FROM messages.conversations c, generate_series(1, 10) AS n
      WHERE c.id = ANY ($1::uuid[]) ORDER BY n, c.id`;
    await tx.query({ name: "test_mixed", text: insert }, [talks.map(({ id }) => id)]);
  });

  await echo.core.events.appendNow();
  await ada.until(() => ada.eventsOf(1).filter(({ event }) => event.type === "conversation.updated").length === 10);

  expect(batch).toMatchObject({ streamIds: talks.map(({ id }) => id).sort() });
  // Ada's ten, and the first of the batch, whosever it is.
  await vi.waitFor(() => expect(node.figures.eventsSkipped - before.eventsSkipped).toBeGreaterThanOrEqual(29));
  expect(node.figures.eventsRead - before.eventsRead).toBeLessThanOrEqual(11);
  await node.close();
});

test("who is added to a conversation in the batch that tells of it gets all of it from there on", async () => {
  await using echo = await startEcho({ nodes: 1 });
  const node = await startTestNode(echo.core);
  const [ada, bob] = [await echo.user("ada"), await echo.user("bob")];
  using there = await RawClient.connect(node.url, { token: bob.accessToken });
  await subscribed(there, 1);
  const wanted: string[] = [];

  for (let n = 0; n < 20; n += 1) {
    const { id } = await echo.as("ada").conversations.create.mutate({ type: "group", memberIds: [bob.userId] });
    for (const text of [`${n}a`, `${n}b`]) await say(echo.core, ada, [id, text]);
    wanted.push(`${n}a`, `${n}b`);
  }

  await there.until(() => textsOf(there.eventsOf(1)).length >= wanted.length);
  expect(textsOf(there.eventsOf(1))).toEqual(wanted);
  await node.close();
});

test("a wake-up that leaves a stream out loses its events: names are believed, so they come from the append itself", async () => {
  await using echo = await startEcho({ nodes: 1 });
  const { conversationId } = await echo.conversationOf("ada", "bob");
  let isTampered = false;
  const core = withAnnouncements(
    echo.core,
    () => true,
    (batch) => batch && { ...batch, streamIds: isTampered ? [] : batch.streamIds },
  );
  const node = await startTestNode(core);
  const [ada, bob] = [await echo.user("ada"), await echo.user("bob")];
  using there = await RawClient.connect(node.url, { token: bob.accessToken });
  await subscribed(there, 1);
  const skipped = node.figures.eventsSkipped;

  isTampered = true;
  await say(echo.core, ada, [conversationId, "left out"]);
  await vi.waitFor(() => expect(node.figures.eventsSkipped).toBeGreaterThan(skipped));
  isTampered = false;
  await say(echo.core, ada, [conversationId, "named"]);

  await there.until(() => textsOf(there.eventsOf(1)).length > 0);
  expect(textsOf(there.eventsOf(1))).toEqual(["named"]);
  await node.close();
});
