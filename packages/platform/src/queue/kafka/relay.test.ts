import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createTestDatabase } from "@echo/testing/database";
import { describeOnKafka, type SharedKafka } from "@echo/testing/kafka";
import { expect, test, vi } from "vitest";
import type { KillAt } from "../../lifecycle/kill-point.ts";
import { createLogger } from "../../logger/create-logger.ts";
import { keysOf, sql } from "../queue-conformance-kit.ts";
import { type HarnessOptions, openTestQueue } from "../queue-harness.ts";
import type { RawRecord } from "../record-format.ts";
import { followTopics } from "./follow-topics.ts";
import type { KafkaOptions } from "./kafka-options.ts";
import { withTopics } from "./topics.ts";

const timeout = 90_000;
const logger = createLogger({ service: "test", destination: { write: () => undefined } });
const main = fileURLToPath(new URL("./test-relay-process.ts", import.meta.url));

function startProcess(options: HarnessOptions, killAt: KillAt | null = null): ChildProcess {
  const args = ["--import", "tsx", main, JSON.stringify(options), JSON.stringify(killAt)];
  return spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
}

/** A log, its topics, and somebody outside who reads them. */
async function openRelayed({ brokers, takePrefix }: SharedKafka) {
  const database = await createTestDatabase();
  const kafka: KafkaOptions = {
    brokers: [brokers],
    isTls: false,
    sasl: null,
    prefix: takePrefix(),
    clientId: "echo-test",
  };
  const options = { url: database.url, kafka };
  const opened = await openTestQueue(options);
  const names = opened.log.reader.topics;
  await withTopics({ kafka, names, logger }, (topics) => topics.create());
  const read: RawRecord[] = [];
  const follower = followTopics({ kafka, names, logger, onRecord: (record) => void read.push(record) });
  const keys = keysOf(30);
  let n = 0;
  return {
    ...opened,
    options,
    read,
    async append(count: number) {
      await opened.log.append(
        Array.from({ length: count }, () => ({ key: keys[n % keys.length] ?? "", value: { n: n++ } })),
      );
    },
    /** Everything that was appended, each once, those of a key in order. */
    async expectAll() {
      await vi.waitFor(() => expect(read.length).toBeGreaterThanOrEqual(n), { timeout: 40_000, interval: 100 });
      const positions = read.map(positionOf);
      expect(positions.toSorted((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, index) => index + 1));
      for (const key of keys) {
        const own = read.filter((record) => record.key?.toString() === key).map(positionOf);
        expect(own).toEqual(own.toSorted((a, b) => a - b));
      }
    },
    async [Symbol.asyncDispose]() {
      await follower.stop();
      await opened.queue.close();
      await opened.db.close();
      await database[Symbol.asyncDispose]();
    },
  };
}

const headerOf = ({ headers }: RawRecord, name: string) => headers[name]?.toString();
const positionOf = (record: RawRecord) => Number(headerOf(record, "position"));

describeOnKafka("the relay", (shared) => {
  test("killed in the midst of its work again and again, it brings each event once and in order", {
    timeout,
  }, async () => {
    await using relayed = await openRelayed(shared);
    const points = ["read>produce", "produce>commit"] as const;
    for (let round = 0; round < 4; round += 1) {
      const point = points[round % 2] ?? "read>produce";
      const victim = startProcess(relayed.options, { point, nth: 1 + (round % 3) });
      const ended = once(victim, "exit");
      const appending = setInterval(() => void relayed.append(40), 50);
      expect(await ended).toEqual([null, "SIGKILL"]);
      clearInterval(appending);
    }
    const relay = relayed.queue.relay();
    await relayed.append(10);
    await relayed.expectAll();
    await relay.stop();
  });

  test("one that is frozen is replaced within 5 s, and adds nothing when it goes on", { timeout }, async () => {
    await using relayed = await openRelayed(shared);
    const zombie = startProcess(relayed.options);
    await relayed.append(100);
    await relayed.expectAll();

    const holder = async () => (await relayed.db.query(sql("SELECT holder FROM messages.relay_state")))[0];
    const frozen = await holder();
    zombie.kill("SIGSTOP");
    const relay = relayed.queue.relay();
    await vi.waitFor(async () => expect(await holder()).not.toEqual(frozen), { timeout: 5_000, interval: 50 });
    await relayed.append(100);
    await relayed.expectAll();

    zombie.kill("SIGCONT");
    await relayed.append(100);
    await relayed.expectAll();
    zombie.kill("SIGKILL");
    await relay.stop();
    expect(relayed.read).toHaveLength(300);
  });

  test("what it sends says where in the log it is, and nothing that people wrote", { timeout }, async () => {
    await using relayed = await openRelayed(shared);
    const relay = relayed.queue.relay();
    await relayed.append(60);
    await relayed.expectAll();
    await relay.stop();

    const [record] = relayed.read.filter((each) => positionOf(each) === 1);
    expect(
      Object.fromEntries(Object.entries(record?.headers ?? {}).map(([name, value]) => [name, `${value}`])),
    ).toEqual({
      "event-id": "one.1",
      epoch: "one",
      position: "1",
      type: "test",
      "schema-version": "1",
    });
    expect(JSON.parse(`${record?.value}`)).toEqual({
      n: 0,
      createdAt: expect.any(String),
      loggedAt: expect.any(String),
    });
    // Each record but the first of a partition names the one before it.
    for (let partition = 0; partition < 8; partition += 1) {
      const own = relayed.read.filter((each) => each.partition === partition);
      const before = [undefined, ...own.map((each) => `${positionOf(each)}`)].slice(0, own.length);
      expect(own.map((each) => headerOf(each, "previous"))).toEqual(before);
    }
  });

  test("after a restore it goes on in the new epoch with what came in the place of what was taken back", {
    timeout,
  }, async () => {
    await using relayed = await openRelayed(shared);
    const relay = relayed.queue.relay();
    await relayed.append(100);
    await relayed.expectAll();

    await relayed.log.restoreTo(60);
    await relayed.append(30);
    await vi.waitFor(() => expect(relayed.read).toHaveLength(130), { timeout: 20_000, interval: 100 });
    await relay.stop();
    const anew = relayed.read.filter((record) => headerOf(record, "epoch") === "one+");
    expect(anew.map(positionOf).toSorted((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, n) => 61 + n));
    expect(new Set(anew.map((record) => headerOf(record, "earlier-epochs")))).toEqual(new Set(["one.60"]));
  });

  test("an event that this version does not know is left out, and shows as a gap", { timeout }, async () => {
    await using relayed = await openRelayed(shared);
    const relay = relayed.queue.relay();
    await relayed.append(30);
    await relayed.expectAll();
    const [key = ""] = keysOf(1);

    await relayed.log.append([{ key }, { key, topic: "of tomorrow" }, { key }]);
    await vi.waitFor(() => expect(relayed.read).toHaveLength(32), { timeout: 20_000, interval: 100 });
    await relay.stop();
    expect(relayed.read.slice(-1).map((each) => [positionOf(each), headerOf(each, "previous")])).toEqual([[33, "32"]]);
  });
});
