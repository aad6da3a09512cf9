import { addMembers, removeMember } from "@echo/core/membership";
import { startEcho } from "@echo/testing";
import { expect, test } from "vitest";
import { RawClient } from "./raw-client.ts";
import { actorOf, positionOf, say, startTestNode, subscribed, withLossyBus } from "./test-kit.ts";

const people = ["ada", "bob", "eve", "mallory", "trent", "wendy"];
const storms = [
  // Everybody is in everything: what decides is where each stands.
  { name: "announcements are lost", seconds: 8, loss: 0.5, groups: 3, isMember: () => true },
  // A node has few of the streams at a time: what decides is which of them it reads.
  {
    name: "most conversations are of others",
    seconds: 8,
    loss: 0.05,
    groups: 9,
    isMember: (n: number, group: number) => n === group % 6,
  },
];

/** Numbers in [0, 1) that are the same on each run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Journal {
  /** Positions in the order of their arrival, over all sockets of this person's one place in the log. */
  positions: number[];
  cursor: string | undefined;
  attaches: number;
}

test.each(storms)(
  "people who attach all the time, anywhere, while memberships churn and $name, get exactly theirs, once and in order",
  async (storm) => {
    await using echo = await startEcho({ nodes: 1 });
    const random = seeded(7);
    const users = await Promise.all(people.map((name) => echo.user(name)));
    const owner = await echo.user("owner");
    const groups = await Promise.all(
      Array.from({ length: storm.groups }, async (_, group) => {
        const memberIds = users.filter((_, n) => storm.isMember(n, group)).map(({ userId }) => userId);
        return (await echo.as("owner").conversations.create.mutate({ type: "group", memberIds })).id;
      }),
    );
    await echo.core.events.appendNow();
    const start = await echo.core.events.head();
    const cores = await Promise.all([1, 2].map(() => withLossyBus(echo.core, () => random() < storm.loss)));
    const nodes = await Promise.all(
      cores.map(({ core }, index) => startTestNode(core, { overrides: { ringSize: index === 0 ? 4 : 1_024 } })),
    );
    const until = Date.now() + storm.seconds * 1_000;
    const isOver = () => Date.now() > until;

    const writers = groups.map(async (conversationId) => {
      for (let n = 0; !isOver(); n += 1) await say(echo.core, owner, [conversationId, String(n)]);
    });
    const churn = groups.map(async (conversationId, group) => {
      for (let n = group; !isOver(); n += 1) {
        const index = n % users.length;
        const { userId = "" } = users[index] ?? {};
        const leave = () => removeMember(echo.core, actorOf(owner), { conversationId, userId });
        const join = () => addMembers(echo.core, actorOf(owner), { conversationId, userIds: [userId] });
        const steps = storm.isMember(index, group) ? [leave, join] : [join, leave];
        for (const step of steps) await step();
      }
    });
    const attach = async (journal: Journal, token: string) => {
      const node = nodes[Math.floor(random() * nodes.length)];
      using client = await RawClient.connect(node?.url ?? "", { token });
      await subscribed(client, 1, journal.cursor);
      journal.attaches += 1;
      const enough = 5 + Math.floor(random() * 60);
      const isEnough = client.until(() => client.eventsOf(1).length > enough);
      await Promise.race([isEnough, new Promise((resolve) => setTimeout(resolve, 800 * random()))]);
      return client.eventsOf(1);
    };
    const take = (journal: Journal, events: Awaited<ReturnType<typeof attach>>) => {
      for (const { place, event } of events) {
        if ("eventSeq" in event) journal.positions.push(positionOf(place));
        journal.cursor = place;
      }
    };
    const journals = await Promise.all(
      users.map(async ({ accessToken }) => {
        const journal: Journal = { positions: [], cursor: `${start.epoch}.${start.position}`, attaches: 0 };
        while (!isOver()) take(journal, await attach(journal, accessToken));
        return journal;
      }),
    );
    await Promise.all([...writers, ...churn]);
    await echo.core.events.appendNow();

    for (const [index, journal] of journals.entries()) {
      const { userId = "", accessToken = "" } = users[index] ?? {};
      const expected = await expectedOf(userId, start.position);
      using last = await RawClient.connect(nodes[0]?.url ?? "", { token: accessToken });
      await subscribed(last, 1, journal.cursor);
      await last.until(() => positionOf(last.eventsOf(1).at(-1)?.place ?? "") >= (expected.at(-1) ?? 0));
      take(journal, last.eventsOf(1));
      expect(journal.positions).toEqual(expected);
    }
    expect(journals.reduce((sum, { attaches }) => sum + attaches, 0)).toBeGreaterThan(50);
    await Promise.all(nodes.map((node) => node.close()));
    await Promise.all(cores.map(({ stop }) => stop()));

    /** From the database, after the fact: the events of this person's spans and of his own stream. */
    async function expectedOf(userId: string, after: number): Promise<number[]> {
      const rows = await echo.db.query<{ position: number }>(
        {
          name: "test_expected_events",
          text: `SELECT e.position FROM messages.event_log e
          LEFT JOIN messages.conversation_participants p ON p.user_id = $1 AND p.conversation_id = e.stream_id
          WHERE e.position > $2 AND e.type <> ALL ('{user.registered,conversation.created}')
            AND (e.stream_id = $1 OR e.event_seq <@ p.spans) ORDER BY e.position`,
        },
        [userId, after],
      );
      return rows.map(({ position }) => position);
    }
  },
  90_000,
);
