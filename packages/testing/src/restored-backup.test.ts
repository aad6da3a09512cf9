import { freePort } from "@echo/cli/services";
import { type EventName, eventCatalogue } from "@echo/contracts";
import { openQueueOperations, queueTopics } from "@echo/core";
import { getDay } from "@echo/core/analytics";
import { statement } from "@echo/db";
import { createLogger, followTopics, type KafkaOptions, type RawRecord } from "@echo/platform";
import { expect, test, vi } from "vitest";
import { createApiClient, createSdk } from "./clients.ts";
import { findPostgres15, noPostgres15 } from "./find-postgres-15.ts";
import { describeOnKafka } from "./kafka.ts";
import { describeIfHad } from "./leave-out.ts";
import { testPassword } from "./people.ts";
import { startPostgres15 } from "./postgres-15.ts";
import { type Node, startNode } from "./start-node.ts";
import type { TestConfig } from "./test-config.ts";
import { startOperator } from "./test-operator.ts";
import { runAsAdmin } from "./test-postgres.ts";
import { startTestProcess } from "./test-process.ts";

const patience = { timeout: 30_000, interval: 100 };
const logger = createLogger({ service: "test", destination: { write: () => undefined } });

/** Enough conversations that every lane has some. */
const conversations = 24;

/** Three people who talk with one another, and whoever comes later. */
class People {
  readonly #tokens = new Map<string, string>();
  readonly #ids: string[] = [];
  #conversationIds: string[] = [];

  async register({ api }: Node, name: string): Promise<void> {
    const input = { email: `${name}@example.org`, password: testPassword, displayName: name };
    const { user, accessToken } = await createApiClient(api.url).auth.register.mutate(input);
    this.#tokens.set(name, accessToken);
    this.#ids.push(user.userId);
  }

  token(name: string): string {
    return this.#tokens.get(name) ?? "";
  }

  as({ api }: Node, name: string) {
    return createApiClient(api.url, async () => this.token(name));
  }

  async meet(node: Node): Promise<void> {
    for (const name of ["ada", "bob", "eve"]) await this.register(node, name);
    const group = { type: "group", title: "Us", memberIds: this.#ids.slice(1) } as const;
    const ada = this.as(node, "ada");
    const made = Array.from({ length: conversations }, () => ada.conversations.create.mutate(group));
    this.#conversationIds = (await Promise.all(made)).map(({ id }) => id);
  }

  /** So many messages, and each of them has its position. */
  async talk(node: Node, count: number): Promise<void> {
    const clients = ["ada", "bob", "eve"].map((name) => this.as(node, name));
    const talking = this.#conversationIds.map(async (conversationId, first) => {
      for (let n = first; n < count; n += conversations) {
        const message = { conversationId, clientMessageId: crypto.randomUUID(), type: "text" as const };
        await clients[n % clients.length]?.messages.send.mutate({ ...message, content: { text: `${n}` } });
      }
    });
    await Promise.all(talking);
    await node.core.events.appendNow();
  }
}

const headerOf = ({ headers }: RawRecord, name: string) => headers[name]?.toString() ?? "";
const positionOf = (record: RawRecord) => Number(headerOf(record, "position"));

/** Somebody outside, who knows nothing but the topics and what docs/operate.md says of them. */
function follow(kafka: KafkaOptions) {
  const read: RawRecord[] = [];
  const onRecord = (record: RawRecord) => void read.push(record);
  const follower = followTopics({ kafka, names: queueTopics, logger, onRecord });
  /** Without what a restore took back. */
  const standing = () => {
    const newest = read.reduce((one, other) => (Number(one.timestamp) > Number(other.timestamp) ? one : other));
    const ends = new Map(
      headerOf(newest, "earlier-epochs")
        .split(" ")
        .map((end) => end.split(".") as [string, string]),
    );
    const present = headerOf(newest, "epoch");
    const endOf = (epoch: string) => (epoch === present ? Number.POSITIVE_INFINITY : Number(ends.get(epoch) ?? 0));
    return read.filter((record) => positionOf(record) <= endOf(headerOf(record, "epoch")));
  };
  return { read, standing, [Symbol.asyncDispose]: () => follower.stop() };
}
type Follower = ReturnType<typeof follow>;

const sql = <Row>(text: string) => statement<Row>("", text);

const events = sql<{ position: number; key: string; type: EventName }>(
  "SELECT position, stream_id AS key, type FROM messages.event_log ORDER BY position",
);

const counts = sql<{ messages: number; activeSenders: number; newUsers: number; newConversations: number }>(
  `SELECT count(*) FILTER (WHERE type = 'message.created') AS messages,
     count(DISTINCT actor_id) FILTER (WHERE type = 'message.created') AS "activeSenders",
     count(*) FILTER (WHERE type = 'user.registered') AS "newUsers",
     count(*) FILTER (WHERE type = 'conversation.created') AS "newConversations"
   FROM messages.event_log`,
);

/** Consumers have done with the whole log, and counted exactly what is in it. */
async function expectCounted({ core }: Node): Promise<void> {
  const groups = () => openQueueOperations(core).groups();
  await vi.waitFor(
    async () => expect(await groups()).toMatchObject([{ group: "rollups", events: 0, deadLetters: 0 }]),
    patience,
  );
  const [expected] = await core.db.query(counts);
  expect((await getDay(core, core.clock.now())).day).toEqual(expected);
}

/** What stands in the topics is the log: each event once, those of a key in their order. */
async function expectFollowed({ core }: Node, follower: Follower): Promise<void> {
  const log = (await core.db.query(events)).map((event) => ({ ...event, topic: eventCatalogue[event.type].topic }));
  // Until the first record of the new epoch comes, what was taken back still stands.
  await vi.waitFor(() => expect(follower.standing()).toHaveLength(log.length), patience);
  const standing = follower.standing().map((record) => {
    const type = headerOf(record, "type") as EventName;
    return { position: positionOf(record), key: `${record.key}`, type, topic: record.topic };
  });
  const nameOf = ({ topic, key }: (typeof standing)[number]) => `${topic} ${key}`;
  // The sort leaves those of a key as they came.
  const byKey = (records: typeof standing) => records.toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));
  expect(byKey(standing)).toEqual(byKey(log));
}

async function openNode(databaseUrl: string, doors: TestConfig): Promise<Node & AsyncDisposable> {
  const node = await startNode(databaseUrl, doors);
  return { ...node, [Symbol.asyncDispose]: () => node.close() };
}

async function openWorker(databaseUrl: string, env: Record<string, string>) {
  const worker = await startTestProcess("worker", databaseUrl, { env });
  return Object.assign(worker, { [Symbol.asyncDispose]: () => worker.end("SIGTERM").then(() => undefined) });
}

const readyOf = async (address: string) => (await fetch(`http://${address}/ready`)).json();

/** Where the nodes of before and after the restore answer. */
async function findDoors() {
  const [api, realtime] = [await freePort("127.0.0.1"), await freePort("127.0.0.1")];
  return {
    doors: { api: { port: api }, realtime: { port: realtime } },
    addresses: { apiUrl: [`http://127.0.0.1:${api}`], realtimeUrl: [`ws://127.0.0.1:${realtime}`] },
  };
}

/** Somebody whose client stays on from before the restore until long after. */
function openClient(addresses: { apiUrl: string[]; realtimeUrl: string[] }, token: () => string) {
  const { sdk, close } = createSdk(addresses, async () => token());
  const heard: string[] = [];
  sdk.onReset(() => void heard.push("reset"));
  sdk.on("message.created", () => void heard.push("message"));
  return { sdk, heard, [Symbol.asyncDispose]: close };
}

describeOnKafka("a backup that is restored beside Kafka", (shared) => {
  describeIfHad("of PostgreSQL 15", findPostgres15() === null ? noPostgres15 : null, () => {
    test("as docs/operate.md says: a new epoch, clients begin anew, and what was taken back counts nowhere", {
      timeout: 150_000,
    }, async () => {
      const prefix = shared.takePrefix();
      const kafka: KafkaOptions = { brokers: [shared.brokers], isTls: false, sasl: null, prefix, clientId: "outside" };
      const env = { KAFKA_BROKERS: shared.brokers, KAFKA_TOPIC_PREFIX: prefix };
      const clusters = await Promise.all([startPostgres15(), startPostgres15()]);
      await using from = clusters[0];
      await using to = clusters[1];
      const [oldUrl, newUrl] = [await from.createDatabase(), await to.createDatabase()];
      const at = (url: string) => {
        const secret = Buffer.alloc(32, 7).toString("base64url");
        return { ...env, DATABASE_URL: url, DATABASE_DIRECT_URL: url, NEW_DIRECT_URL: newUrl, ECHO_SECRET: secret };
      };
      await using operator = await startOperator("Restoring a backup");
      // A first start takes the same commands.
      await operator.run(4, at(oldUrl));
      const { doors, addresses } = await findDoors();
      const people = new People();
      await using bob = openClient(addresses, () => people.token("bob"));
      await using witness = follow(kafka);

      const lost = await (async () => {
        await using before = await openNode(oldUrl, doors);
        await using worker = await openWorker(oldUrl, env);
        await people.meet(before);
        await bob.sdk.connect();
        await people.talk(before, 100);
        await Promise.all([operator.run(0, at(oldUrl)), people.talk(before, 100)]);
        await people.register(before, "late");
        await people.talk(before, 1_000);
        await expectCounted(before);
        await expectFollowed(before, witness);
        await worker.end("SIGTERM");
        // Another one dies before its consumers have done with what it brought to Kafka.
        await using killed = await openWorker(oldUrl, { ...env, ECHO_KILL_AT: "handle>commit" });
        await people.talk(before, conversations);
        const isGone = () => expect(fetch(`http://${killed.address}/health`)).rejects.toThrow();
        await vi.waitFor(isGone, patience);
        const { cursor } = await people.as(before, "bob").conversations.sync.query({});
        return { cursor: `${cursor}`, head: await before.core.events.head() };
      })();
      // 1. Every process is stopped by now. 2. The new cluster has an empty database.
      await runAsAdmin(from.adminUrl, "ALTER ROLE echo NOLOGIN");
      await operator.run(3, at(newUrl));
      expect(await operator.run(4, at(newUrl))).toContain("The topics are as they must be.");
      bob.heard.length = 0;
      // 5. Start.
      await using after = await openNode(newUrl, doors);
      await using worker = await openWorker(newUrl, env);

      const head = await after.core.events.head();
      expect(head.epoch).not.toBe(lost.head.epoch);
      expect(lost.head.position - head.position).toBeGreaterThan(1_000);
      expect(await people.as(after, "bob").conversations.sync.query({ cursor: lost.cursor })).toEqual({
        reset: true,
        cursor: `${head.epoch}.${head.position}`,
      });
      await vi.waitFor(() => expect(bob.heard).toEqual(["reset"]), patience);
      await expect(people.as(after, "late").conversations.list.query({})).rejects.toMatchObject({
        data: { code: "UNAUTHORIZED" },
      });
      await people.talk(after, 2 * conversations);
      await vi.waitFor(() => expect(bob.heard).toHaveLength(1 + 2 * conversations), patience);

      await expectCounted(after);
      await expectFollowed(after, witness);
      expect(witness.read.length - witness.standing().length).toBeGreaterThan(1_000);
      await using latecomer = follow(kafka);
      await expectFollowed(after, latecomer);
      // 6. Look.
      expect(await operator.run(6, at(newUrl))).toMatch(/^rollups +\d+ +0 [\s\S]*There is none\.$/m);
      expect(await readyOf(worker.address)).toMatchObject({ status: "healthy" });
    });
  });
});
