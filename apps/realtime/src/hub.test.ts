import type { LoggedEvent } from "@echo/core/event-log";
import type { Delivery, Membership, MembershipChange } from "@echo/core/sync";
import { expect, test } from "vitest";
import { Hub, type Judge } from "./hub.ts";
import { covers } from "./spans.ts";

interface Client {
  cursor: number;
  isOver: boolean;
  got: number[];
}

/** The rule of spans alone; core's own has tests of its own. */
const judge: Judge = (delivery, userId, membership) => {
  const isOwn = delivery.streamId === userId;
  return isOwn || (membership && covers(membership.spans, delivery.eventSeq)) ? "event" : "no";
};

const conversation = (conversationId: string) => ({
  conversationId,
  historyVisibility: "all" as const,
  type: "group" as const,
  memberCount: 2,
});

const member = (conversationId: string, from: number, to: number | null = null): Membership => ({
  ...conversation(conversationId),
  spans: [{ from, to }],
});

const joined = (conversationId: string, userId: string, eventSeq: number): MembershipChange => ({
  change: "joined",
  userId,
  eventSeq,
  conversation: conversation(conversationId),
});

const left = (conversationId: string, userId: string, eventSeq: number): MembershipChange => ({
  change: "left",
  userId,
  eventSeq,
  conversationId,
});

function createBench(ringSize = 100) {
  const here: [string, boolean][] = [];
  const hub = new Hub<Client, { delivery: Delivery }>({
    judge,
    ringSize,
    onConversation: (id, isHere) => here.push([id, isHere]),
  });
  hub.reset("e", 0);

  const enter = (userId: string, memberships: Membership[]) => {
    const user = hub.enter(userId);
    if (user.recorded) hub.load(user, memberships);
    return user;
  };
  const connect = (userId: string, memberships: Membership[], cursor = hub.position) => {
    const user = enter(userId, memberships);
    const client: Client = { cursor, isOver: false, got: [] };
    hub.goLive(user, client);
    return { user, client };
  };
  const say = (streamId: string, eventSeq: number, membership: MembershipChange | null = null) => {
    const position = hub.position + 1;
    const delivery = { position, streamId, eventSeq, membership, event: {}, withoutQuote: null } as unknown as Delivery;
    return hub.advance(position, { delivery }, (to, { delivery }) => to.got.push(delivery.position));
  };
  return { hub, here, enter, connect, say };
}

const event = (streamId: string, eventSeq: number, more: Partial<LoggedEvent> = {}) =>
  ({ streamId, eventSeq, type: "message.created", data: null, ...more }) as LoggedEvent;

test("an event goes to the members of its conversation and to nobody else", () => {
  const { connect, say } = createBench();
  const ada = connect("ada", [member("c", 1)]);
  const eve = connect("eve", [member("d", 1)]);

  expect(say("c", 5)).toBe(1);

  expect(ada.client.got).toEqual([1]);
  expect(eve.client.got).toEqual([]);
});

test("an event of a user's own stream goes to all of his sockets", () => {
  const { connect, say } = createBench();
  const phone = connect("ada", []);
  const laptop = connect("ada", []);

  say("ada", 1);

  expect([phone.client.got, laptop.client.got]).toEqual([[1], [1]]);
});

test("a join counts for its own event, a removal only after it", () => {
  const { connect, say } = createBench();
  const ada = connect("ada", []);

  say("c", 3);
  say("c", 4, joined("c", "ada", 4));
  say("c", 5);
  say("c", 6, left("c", "ada", 6));
  say("c", 7);

  expect(ada.client.got).toEqual([2, 3, 4]);
});

test("memberships that are ahead of the log change nothing: what was left gets its events up to the removal", () => {
  const { connect, say } = createBench();
  const ada = connect("ada", [member("c", 1, 4)]);

  say("c", 2);
  say("c", 3, left("c", "ada", 3));
  say("c", 4);

  expect(ada.client.got).toEqual([1, 2]);
});

test("who left and came back at once, as one merged span, gets everything", () => {
  const { connect, say } = createBench();
  const ada = connect("ada", [member("c", 1)]);

  say("c", 2, left("c", "ada", 2));
  say("c", 3, joined("c", "ada", 3));
  say("c", 4);

  expect(ada.client.got).toEqual([1, 2, 3]);
});

test("changes that the log tells while the memberships are read are applied on top of them", () => {
  const { hub, enter, say } = createBench();
  enter("bob", [member("c", 1)]);
  const ada = hub.enter("ada");
  say("c", 5, joined("c", "ada", 5));
  say("d", 9, left("d", "ada", 9));

  hub.load(ada, [member("d", 1)]);
  const client: Client = { cursor: hub.position, isOver: false, got: [] };
  hub.goLive(ada, client);
  say("c", 6);
  say("d", 10);

  expect(client.got).toEqual([3]);
});

test("a client that is ahead of the node gets nothing twice", () => {
  const { connect, say } = createBench();
  const ada = connect("ada", [member("c", 1)], 2);

  for (const eventSeq of [1, 2, 3]) say("c", eventSeq);

  expect(ada.client.got).toEqual([3]);
});

test("bodies are wanted for streams with somebody here, for people here, and for joins within the batch", () => {
  const { hub, enter } = createBench();
  enter("ada", [member("c", 5), member("old", 1, 3)]);
  const batch = [
    event("c", 4),
    event("c", 5),
    event("old", 2),
    event("old", 3),
    event("new", 7, { type: "member.added", data: { userId: "ada", role: "member" } }),
    event("new", 8),
    event("ada", 1, { type: "conversation.added", data: { conversationId: "created", spanFrom: 1 } }),
    event("created", 2),
    event("foreign", 1, { type: "member.added", data: { userId: "eve", role: "member" } }),
    event("foreign", 2),
    event("eve", 1),
  ];

  const wanted = hub.wanted(batch).map(({ streamId, eventSeq }) => `${streamId}:${eventSeq}`);

  expect(wanted).toEqual(["c:5", "old:2", "new:7", "new:8", "ada:1", "created:2"]);
});

test("the ring gives what was missed since a position, a page at a time, and says when it does not reach back", () => {
  const { hub, enter, say } = createBench(10);
  const ada = enter("ada", [member("c", 1)]);
  enter("bob", [member("d", 1)]);
  for (let n = 1; n <= 8; n += 1) say(n % 2 ? "c" : "d", n);

  expect(hub.missed(ada, 0, 2)).toMatchObject({
    items: [{ held: { delivery: { position: 1 } } }, { held: { delivery: { position: 3 } } }],
    upTo: 4,
  });
  expect(hub.missed(ada, 4, 2)).toMatchObject({
    items: [{ held: { delivery: { position: 5 } } }, { held: { delivery: { position: 7 } } }],
    upTo: 8,
  });
  expect(hub.missed(ada, 8, 2)).toEqual({ items: [], upTo: 8 });

  for (let n = 9; n <= 40; n += 1) say("c", n);
  expect(hub.missed(ada, 8, 2)).toBeNull();
  expect(hub.missed(ada, 30, 100)?.items).toHaveLength(10);
});

test("a conversation is followed from its first present member here to its last", () => {
  const { hub, here, connect, say } = createBench();
  const ada = connect("ada", [member("c", 1), member("old", 1, 2)]);
  connect("bob", [member("c", 1)]);
  expect(here).toEqual([["c", true]]);

  say("c", 5, left("c", "bob", 5));
  expect(here).toHaveLength(1);
  hub.leave(ada.user);
  expect(here).toEqual([
    ["c", true],
    ["c", false],
  ]);
});

test("somebody is forgotten with his last socket", () => {
  const { hub, connect } = createBench();
  const phone = connect("ada", [member("c", 1)]);
  connect("ada", []);

  hub.leave(phone.user);
  expect(hub.wanted([event("c", 1)])).toHaveLength(1);
  hub.leave(phone.user);
  expect(hub.wanted([event("c", 1), event("ada", 1)])).toEqual([]);
});

test("ephemeral events go to present members but the one they are about, and never set a place back", () => {
  const { hub, connect } = createBench();
  const ada = connect("ada", [member("c", 1)]);
  const bob = connect("bob", [member("c", 1)]);
  const gone = connect("gone", [member("c", 1, 3)]);
  const ahead = connect("ahead", [member("c", 1)], 7);
  const told: Client[] = [];

  hub.signal("c", "ada", (to) => told.push(to));

  expect(told).toEqual([bob.client]);
  expect(told).not.toContain(ada.client);
  expect(told).not.toContain(gone.client);
  expect(ahead.client.cursor).toBe(7);
});

test("a reset forgets memberships and ring, and answers who was live", () => {
  const { hub, connect } = createBench();
  const { user, client } = connect("ada", [member("c", 1)]);

  expect(hub.reset("f", 900)).toEqual([client]);

  expect(hub).toMatchObject({ epoch: "f", position: 900 });
  expect(user.recorded).toEqual([]);
  expect(user.live).toEqual([]);
  expect(hub.missed(user, 899, 10)).toBeNull();
  expect(hub.wanted([event("c", 5)])).toEqual([]);
});
